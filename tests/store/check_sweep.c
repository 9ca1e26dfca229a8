/*
 * What is old goes, a batch at a time, and what is not stays.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fixture.h"
#include "store/success.h"
#include "store/sweep.h"

static const struct sweep_opts	opts = { .ended_days = 30,
    .commands_days = 7, .audit_days = 365, .reservations_days = 30,
    .batch = 10 };

static long long
swept(void)
{
	long long	n = sweep_batch(db, &opts, &e);

	ck_assert_msg(n != -1, "%s", e.text);
	return n;
}

START_TEST(nothing_is_old)
{
	char		*f = fixture_frontend("f"), *b = fixture_backend("a");
	long long	 row = fixture_meeting(f, "m", b, "i-1");

	sql("SELECT meeting_end(%lld, NULL)", row);
	fixture_meeting(f, "n", b, "i-2");
	sql("UPDATE meetings SET placed_at = now() - interval '99 days'");
	sql("SELECT command_enqueue('collect_garbage', NULL, 60)");
	sql("UPDATE commands SET created_at = now() - interval '99 days'");
	ck_assert_int_eq(swept(), 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 2);
}
END_TEST

START_TEST(ended_meetings_go_after_their_days)
{
	char	*f = fixture_frontend("f"), *b = fixture_backend("a");

	sql("SELECT meeting_end(%lld, NULL)",
	    fixture_meeting(f, "m", b, "i-1"));
	fixture_meeting(f, "n", b, "i-2");
	sql("UPDATE ended_meetings SET ended_at = now() - interval '29 days'");
	sql("UPDATE meetings SET ended_at = now() - interval '29 days'");
	ck_assert_int_eq(swept(), 0);
	sql("UPDATE ended_meetings SET ended_at = now() - interval '31 days'");
	sql("UPDATE meetings SET ended_at = now() - interval '31 days'");
	ck_assert_int_eq(swept(), 2);
	ck_assert_str_eq(sql_text("SELECT meeting_id FROM meetings"), "n");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM ended_meetings"), 0);
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 1);
	/* Its id is as good as new. */
	fixture_meeting(f, "m", b, "i-3");
}
END_TEST

START_TEST(a_batch_is_no_larger)
{
	sql("INSERT INTO audit (actor, role, address, action, resource,"
	    " resource_id, at) SELECT '', '', '', '', '', '', now()"
	    " - interval '366 days' FROM generate_series(1, 25)");
	ck_assert_int_eq(swept(), 10);
	ck_assert_int_eq(swept(), 10);
	ck_assert_int_eq(swept(), 5);
	ck_assert_int_eq(swept(), 0);
}
END_TEST

START_TEST(what_another_holds_is_passed_over)
{
	sql("SELECT command_enqueue('collect_garbage', NULL, 60);"
	    " UPDATE commands SET state = 'success',"
	    " stopped_at = now() - interval '8 days'");
	sql("BEGIN; SELECT 1 FROM commands FOR UPDATE");
	ck_assert_int_eq(swept(), 0);
	sql("COMMIT");
	ck_assert_int_eq(swept(), 1);
}
END_TEST

START_TEST(secrets_go_when_they_are_over)
{
	char	*f = fixture_frontend("f");

	sql("INSERT INTO frontend_secrets VALUES"
	    " ('%s', 'over', now() - interval '1 s'),"
	    " ('%s', 'soon', now() + interval '1 minute'),"
	    " ('%s', 'never', NULL)", f, f, f);
	ck_assert_int_eq(swept(), 1);
	ck_assert_str_eq(sql_text("SELECT string_agg(secret, ' ' ORDER BY"
	    " secret) FROM frontend_secrets"), "never soon");
}
END_TEST

static long long
list_version(void)
{
	return sql_int("SELECT version FROM versions WHERE name = 'cluster'");
}

START_TEST(reservations_go_some_time_after_their_end)
{
	char		*f = fixture_frontend("f");
	long long	 before;

	sql("INSERT INTO reservations (tag, until_at, note) VALUES"
	    " ('t', now() - interval '31 days', 'old'),"
	    " ('t', now() - interval '29 days', 'over'),"
	    " ('t', now() + interval '1 day', 'on'), ('t', NULL, 'ever')");
	sql("INSERT INTO reservation_frontends SELECT id, '%s'"
	    " FROM reservations", f);
	before = list_version();
	ck_assert_int_eq(swept(), 1);
	ck_assert_str_eq(sql_text("SELECT string_agg(note, ' ' ORDER BY note)"
	    " FROM reservations"), "ever on over");
	ck_assert_int_gt(list_version(), before);
	/* What finds nothing to do makes no worker read the list anew. */
	before = list_version();
	ck_assert_int_eq(swept(), 0);
	ck_assert_int_eq(list_version(), before);
}
END_TEST

START_TEST(what_silent_agents_left_goes)
{
	char		*f = fixture_frontend("f"), *b = fixture_backend("a");
	long long	 row = fixture_meeting(f, "m", b, "i-1");

	sql("INSERT INTO early_events (backend_id, internal_id, heard_at,"
	    " weight_voice, weight_video, event) VALUES"
	    " ('%s', 'x', now() - interval '61 s', 0, 0, '{}'),"
	    " ('%s', 'y', now() - interval '50 s', 0, 0, '{}')", b, b);
	sql("INSERT INTO left_sessions VALUES"
	    " (%lld, 'old', 0, false, now() - interval '61 s'),"
	    " (%lld, 'new', 0, false, now() - interval '50 s')", row, row);
	ck_assert_int_eq(swept(), 2);
	ck_assert_str_eq(sql_text("SELECT internal_id FROM early_events"),
	    "y");
	ck_assert_str_eq(sql_text("SELECT session FROM left_sessions"),
	    "new");
}
END_TEST

START_TEST(servers_given_up_are_to_be_removed)
{
	char	*f = fixture_frontend("f"), *b = fixture_backend("a");

	fixture_backend("b");
	ck_assert_int_eq(sweep_backends(db, 60, &e), 0);
	sql("UPDATE backends SET admin_state = 'decommissioned'"
	    " WHERE id = '%s'", b);
	sql("UPDATE meetings SET running = true WHERE id = %lld",
	    fixture_meeting(f, "m", fixture_backend("c"), "i-1"));
	ck_assert_int_eq(sweep_backends(db, 60, &e), 1);
	ck_assert_str_eq(sql_text("SELECT backend_id FROM commands"), b);
	/* Asked for once. */
	ck_assert_int_eq(sweep_backends(db, 60, &e), 0);
	sql("UPDATE commands SET state = 'running'");
	ck_assert_int_eq(sweep_backends(db, 60, &e), 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM commands"), 1);
	sql("UPDATE commands SET state = 'error', stopped_at = now()");
	ck_assert_int_eq(sweep_backends(db, 60, &e), 1);
}
END_TEST

START_TEST(people_keep_their_server)
{
	char	*b = fixture_backend("a");

	sql("UPDATE meetings SET running = true WHERE id = %lld",
	    fixture_meeting(fixture_frontend("f"), "m", b, "i-1"));
	sql("UPDATE backends SET admin_state = 'decommissioned'");
	ck_assert_int_eq(sweep_backends(db, 60, &e), 0);
	sql("UPDATE backends SET node_state = 'error'");
	ck_assert_int_eq(sweep_backends(db, 60, &e), 1);
}
END_TEST

START_TEST(a_success_is_noted)
{
	sql("DELETE FROM job_success");
	ck_ok(success_note(db, "poll", &e));
	ck_assert(sql_true("SELECT at > now() - interval '5 s'"
	    " FROM job_success WHERE job = 'poll'"));
	sql("UPDATE job_success SET at = now() - interval '1 h'");
	ck_ok(success_note(db, "poll", &e));
	ck_assert(sql_true("SELECT at > now() - interval '5 s'"
	    " FROM job_success"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("sweep");
	TCase	*t = fixture_case(s, "sweep");

	tcase_add_test(t, nothing_is_old);
	tcase_add_test(t, ended_meetings_go_after_their_days);
	tcase_add_test(t, a_batch_is_no_larger);
	tcase_add_test(t, what_another_holds_is_passed_over);
	tcase_add_test(t, secrets_go_when_they_are_over);
	tcase_add_test(t, reservations_go_some_time_after_their_end);
	tcase_add_test(t, what_silent_agents_left_goes);
	tcase_add_test(t, servers_given_up_are_to_be_removed);
	tcase_add_test(t, people_keep_their_server);
	tcase_add_test(t, a_success_is_noted);
	return fixture_main(s);
}
