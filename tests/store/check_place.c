/*
 * Placement: which server gets a new meeting, and what happens to it next.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fixture.h"
#include "store/backend.h"

static char	*f, *b1, *b2, *b3;

static void
cluster(void)
{
	f = fixture_frontend("f");
	b1 = fixture_backend("a");
	b2 = fixture_backend("b");
	b3 = fixture_backend("c");
}

/* Places on the given candidates (NULL-ended). */
static struct placed
placed_on(const char *meeting, const char *const *list)
{
	struct place_req	q = fixture_place(f, meeting, list);
	struct placed		p;

	ck_ok(place(db, &q, a, &p, &e));
	return p;
}

static struct placed
placed(const char *meeting)
{
	const char	*all[] = { b1, b2, b3, NULL };

	return placed_on(meeting, all);
}

/* The second try of a create that failed on the server it was placed on. */
static struct placed
replaced(const struct placed *before, const char *const *list)
{
	struct place_req	q = fixture_place(f,
	    before->meeting.meeting_id, list);
	struct placed		p;

	q.failed_backend = before->meeting.backend_id;
	q.failed_error = "connection refused";
	q.failed_attempt = before->meeting.attempt;
	q.failed_living = before->meeting.state == MEETING_LIVING;
	ck_ok(place(db, &q, a, &p, &e));
	return p;
}

START_TEST(a_new_meeting_gets_a_row)
{
	struct placed	p = placed("m");

	ck_assert_int_eq(p.outcome, PLACE_NEW);
	ck_assert_str_eq(p.meeting.backend_id, b1);
	ck_assert_str_eq(p.meeting.frontend_id, f);
	ck_assert_str_eq(p.meeting.meeting_id, "m");
	ck_assert_str_eq(p.meeting.backend_meeting_id, "enc-m");
	ck_assert_int_eq(p.meeting.state, MEETING_PLACED);
	ck_assert_int_eq(p.meeting.attempt, 1);
	ck_assert_ptr_null(p.meeting.internal_id);
	ck_assert_str_eq(p.meeting.moderator_pw, "mp");
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"
	    " WHERE frontend_id = '%s'", f), 1);
	ck_assert_int_eq(sql_int("SELECT meetings FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 1);
}
END_TEST

START_TEST(the_same_again_finds_it)
{
	struct placed	p = placed("m"), q = placed("m");

	ck_assert_int_eq(q.outcome, PLACE_FOUND);
	ck_assert_int_eq(q.meeting.row, p.meeting.row);
	ck_assert_str_eq(q.meeting.attendee_pw, "ap");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 1);
}
END_TEST

START_TEST(the_next_goes_where_less_is_to_do)
{
	ck_assert_str_eq(placed("m1").meeting.backend_id, b1);
	ck_assert_str_eq(placed("m2").meeting.backend_id, b2);
	ck_assert_str_eq(placed("m3").meeting.backend_id, b3);
	ck_assert_str_eq(placed("m4").meeting.backend_id, b1);
}
END_TEST

START_TEST(equals_are_taken_in_the_callers_order)
{
	const char	*list[] = { b3, b1, NULL };

	ck_assert_str_eq(placed_on("m", list).meeting.backend_id, b3);
}
END_TEST

START_TEST(a_load_factor_is_a_penalty)
{
	sql("UPDATE backends SET load_factor = 3 WHERE id = '%s'", b1);
	sql("UPDATE backend_load SET load = 10, base = 10");
	ck_assert_str_eq(placed("m").meeting.backend_id, b2);
}
END_TEST

START_TEST(what_was_expected_fades)
{
	/* 100 expected half an hour ago against 20 that are there. */
	sql("UPDATE backend_load SET load = 100, slope = 100 / 1800.0,"
	    " at = now() - interval '30 minutes' WHERE backend_id = '%s'",
	    b1);
	sql("UPDATE backend_load SET load = 20, base = 20"
	    " WHERE backend_id <> '%s'", b1);
	ck_assert_str_eq(placed("m").meeting.backend_id, b1);
}
END_TEST

START_TEST(it_does_not_fade_below_what_is_there)
{
	sql("UPDATE backend_load SET load = 100, base = 50, slope = 1,"
	    " at = now() - interval '1 hour' WHERE backend_id = '%s'", b1);
	sql("UPDATE backend_load SET load = 20, base = 20"
	    " WHERE backend_id <> '%s'", b1);
	ck_assert_str_eq(placed("m").meeting.backend_id, b2);
	/* Once there, the old slope is gone: it would eat up the new one. */
	sql("UPDATE backend_load SET load = 999 WHERE backend_id <> '%s'",
	    b1);
	ck_assert_str_eq(placed("n").meeting.backend_id, b1);
	ck_assert_double_eq_tol(sql_real("SELECT load FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 65, 0.01);
	ck_assert_double_eq_tol(sql_real("SELECT slope FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 15 / 1800.0, 1e-6);
}
END_TEST

/* Each leaves no server, one after the other. */
static const char *const exclusions[] = {
	"UPDATE backends SET admin_state = 'stopped'",
	"UPDATE backends SET admin_state = 'init'",
	"UPDATE backends SET admin_state = 'decommissioned'",
	"UPDATE backends SET node_state = 'error'",
	"UPDATE backends SET meetings_cap = 0",
	"UPDATE backends SET users_cap = 0",
	"UPDATE backend_health SET heartbeat = now() - interval '6 s'",
};

START_TEST(who_may_not_is_passed_over)
{
	sql("%s", exclusions[_i]);
	ck_assert_int_eq(placed("m").outcome, PLACE_NONE);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 0);
}
END_TEST

static const char *const harmless[] = {
	"UPDATE backends SET node_state = 'init'",
	"UPDATE backends SET meetings_cap = 1, users_cap = 1",
	"UPDATE backend_health SET heartbeat = NULL",
	"UPDATE backend_health SET heartbeat = now() - interval '2 s'",
	"UPDATE backend_health SET failures = 1",
};

START_TEST(who_may_is_taken)
{
	sql("%s", harmless[_i]);
	ck_assert_int_eq(placed("m").outcome, PLACE_NEW);
}
END_TEST

START_TEST(a_cap_of_meetings_holds)
{
	sql("UPDATE backends SET meetings_cap = 2");
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(placed(arena_printf(a, "m%d", i)).outcome,
		    PLACE_NEW);
	ck_assert_int_eq(placed("m6").outcome, PLACE_NONE);
}
END_TEST

START_TEST(a_cap_of_users_holds)
{
	sql("UPDATE backends SET users_cap = 20");
	sql("UPDATE backend_load SET users = 20 WHERE backend_id = '%s'", b1);
	sql("UPDATE backend_load SET users = 19, load = 99"
	    " WHERE backend_id = '%s'", b2);
	sql("UPDATE backend_load SET users = 25 WHERE backend_id = '%s'", b3);
	ck_assert_str_eq(placed("m").meeting.backend_id, b2);
}
END_TEST

START_TEST(no_candidates_is_none)
{
	const char	*list[] = { NULL };

	ck_assert_int_eq(placed_on("m", list).outcome, PLACE_NONE);
}
END_TEST

START_TEST(a_frontends_limit_holds)
{
	const char		*list[] = { b1, NULL };
	struct place_req	 q;
	struct placed		 p, first = placed("m1");

	placed("m2");
	q = fixture_place(f, "m3", list);
	q.meetings_limit = 2;
	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(p.outcome, PLACE_LIMIT);
	/* What is there already is found all the same. */
	q.meeting_id = "m1";
	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(p.outcome, PLACE_FOUND);
	/* One that moves is not one more. */
	p = replaced(&first, (const char *[]){ b2, NULL });
	ck_assert_int_eq(p.outcome, PLACE_NEW);
	ck_assert_int_eq(meeting_end(db, p.meeting.row, NULL, &e), 1);
	q.meeting_id = "m3";
	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(p.outcome, PLACE_NEW);
}
END_TEST

START_TEST(an_ended_one_comes_back_as_new)
{
	struct placed	p = placed("m"), q;

	ck_assert_int_eq(meeting_end(db, p.meeting.row, NULL, &e), 1);
	q = placed("m");
	ck_assert_int_eq(q.outcome, PLACE_NEW);
	ck_assert_int_eq(q.meeting.row, p.meeting.row);
	ck_assert_int_eq(q.meeting.attempt, 2);
	ck_assert(q.meeting.version > p.meeting.version);
}
END_TEST

START_TEST(two_frontends_may_use_one_id)
{
	const char		*list[] = { b1, NULL };
	char			*g = fixture_frontend("g");
	struct place_req	 q = fixture_place(g, "m", list);
	struct placed		 p, mine = placed("m");

	q.backend_meeting_id = "enc-of-g";
	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(p.outcome, PLACE_NEW);
	ck_assert_int_ne(p.meeting.row, mine.meeting.row);
}
END_TEST

START_TEST(a_failed_try_goes_to_another)
{
	const char	*all[] = { b1, b2, b3, NULL };
	struct placed	 p = placed("m"), q = replaced(&p, all);

	ck_assert_int_eq(q.outcome, PLACE_NEW);
	ck_assert_int_eq(q.meeting.row, p.meeting.row);
	ck_assert_str_eq(q.meeting.backend_id, b2);
	ck_assert_int_eq(q.meeting.attempt, 2);
	ck_assert_int_eq(sql_int("SELECT failures FROM backend_health"
	    " WHERE backend_id = '%s'", b1), 1);
	ck_assert_str_eq(sql_text("SELECT last_error FROM backends"
	    " WHERE id = '%s'", b1), "connection refused");
	ck_assert_double_eq(sql_real("SELECT load FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 0);
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 1);
	ck_assert_int_eq(sql_int("SELECT sum(meetings) FROM backend_load"),
	    1);
}
END_TEST

START_TEST(only_who_holds_the_attempt_moves_it)
{
	const char	*all[] = { b1, b2, b3, NULL };
	struct placed	 p = placed("m"), q, r;

	q = replaced(&p, all);
	r = replaced(&p, all);
	ck_assert_int_eq(r.outcome, PLACE_FOUND);
	ck_assert_str_eq(r.meeting.backend_id, q.meeting.backend_id);
	ck_assert_int_eq(r.meeting.attempt, 2);
}
END_TEST

START_TEST(a_placed_one_that_nobody_takes_is_taken_back)
{
	const char	*list[] = { b1, NULL };
	struct placed	 p = placed("m");

	ck_assert_int_eq(replaced(&p, list).outcome, PLACE_NONE);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "ended");
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 0);
	ck_assert_double_eq(sql_real("SELECT sum(load) FROM backend_load"),
	    0);
	/* The failure counts all the same. */
	ck_assert_int_eq(sql_int("SELECT failures FROM backend_health"
	    " WHERE backend_id = '%s'", b1), 1);
}
END_TEST

/* As the caller holds a living meeting: by its row. */
static struct placed
living(const char *meeting, const char *backend, const char *internal)
{
	struct placed	p;

	p.meeting.row = fixture_meeting(f, meeting, backend, internal);
	p.meeting.meeting_id = arena_strdup(a, meeting);
	p.meeting.backend_id = arena_strdup(a, backend);
	p.meeting.attempt = 1;
	p.meeting.state = MEETING_LIVING;
	return p;
}

START_TEST(a_living_one_that_nobody_takes_stays)
{
	const char	*list[] = { b1, NULL };
	struct placed	 p = living("m", b1, "i-1");

	ck_assert_int_eq(replaced(&p, list).outcome, PLACE_NONE);
	ck_assert_str_eq(sql_text("SELECT state || ' ' || internal_id"
	    " FROM meetings"), "living i-1");
}
END_TEST

START_TEST(one_that_another_call_confirmed_meanwhile_stays)
{
	const char		*list[] = { b2, NULL };
	struct placed		 p = placed("m"), q;
	struct meeting_created	 c = { .row = p.meeting.row, .attempt = 1,
	    .internal_id = "i-1", .create_date = "", .attendee_pw = "",
	    .moderator_pw = "", .voice_bridge = "", .dial_number = "" };

	/* Two calls hold it as placed; one finds its server too slow. */
	ck_assert_int_eq(meeting_confirm(db2, &c, &e), 1);
	q = replaced(&p, list);
	ck_assert_int_eq(q.outcome, PLACE_FOUND);
	ck_assert_int_eq(q.meeting.state, MEETING_LIVING);
	ck_assert_str_eq(q.meeting.backend_id, b1);
	ck_assert_str_eq(sql_text("SELECT state || ' ' || internal_id"
	    " FROM meetings"), "living i-1");
}
END_TEST

START_TEST(a_living_one_moves_with_its_passwords)
{
	const char		*list[] = { b2, NULL };
	struct placed		 p = living("m", b1, "i-1"), q;
	struct place_req	 r = fixture_place(f, "m", list);

	sql("UPDATE meetings SET participants = 3, running = true;"
	    " UPDATE frontend_load SET users = 3;"
	    " INSERT INTO attendees (meeting, user_id, session)"
	    " SELECT id, 'u', '#1' FROM meetings");
	r.failed_backend = b1;
	r.failed_error = "timed out";
	r.failed_attempt = 1;
	r.failed_living = true;
	r.attendee_pw = "another";
	r.moderator_pw = "another";
	ck_ok(place(db, &r, a, &q, &e));
	ck_assert_int_eq(q.outcome, PLACE_NEW);
	ck_assert_int_eq(q.meeting.row, p.meeting.row);
	ck_assert_int_eq(q.meeting.state, MEETING_PLACED);
	ck_assert_str_eq(q.meeting.attendee_pw, "ap");
	ck_assert_str_eq(q.meeting.moderator_pw, "mp");
	ck_assert_str_eq(q.meeting.voice_bridge, "70001");
	ck_assert(!q.meeting.running);
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 0);
	/* It may live on there: nothing says that it has ended. */
	ck_assert_int_eq(sql_int("SELECT count(*) FROM ended_meetings"), 0);
}
END_TEST

START_TEST(two_failures_make_a_server_failed)
{
	const char	*all[] = { b1, b2, b3, NULL };
	struct placed	 p = placed_on("m1", (const char *[]){ b1, NULL });
	struct placed	 q = placed_on("m2", (const char *[]){ b1, NULL });

	replaced(&p, all);
	ck_assert_str_eq(sql_text("SELECT node_state FROM backends"
	    " WHERE id = '%s'", b1), "init");
	replaced(&q, all);
	ck_assert_str_eq(sql_text("SELECT node_state FROM backends"
	    " WHERE id = '%s'", b1), "error");
}
END_TEST

START_TEST(a_confirm_between_forgives)
{
	const char	*all[] = { b1, b2, b3, NULL };
	struct placed	 p = placed_on("m1", (const char *[]){ b1, NULL });

	replaced(&p, all);
	living("m2", b1, "i-2");
	ck_assert_int_eq(sql_int("SELECT failures FROM backend_health"
	    " WHERE backend_id = '%s'", b1), 0);
	ck_ok(backend_call_failed(db, b1, "refused", &e));
	ck_assert_str_eq(sql_text("SELECT node_state FROM backends"
	    " WHERE id = '%s'", b1), "init");
	ck_ok(backend_call_failed(db, b1, "refused", &e));
	ck_assert_str_eq(sql_text("SELECT node_state FROM backends"
	    " WHERE id = '%s'", b1), "error");
}
END_TEST

/* Children place at once, each over its own connection; each exits 0 if so. */
static void
at_once(int n, int (*child)(int i))
{
	int	i, status, fds[2];
	char	c;

	ck_assert_int_eq(pipe(fds), 0);
	for (i = 0; i < n; i++)
		if (fork() == 0) {
			close(fds[1]);
			/* They start when the write end is closed. */
			if (read(fds[0], &c, 1) == 0)
				_exit(child(i));
			_exit(9);
		}
	close(fds[0]);
	close(fds[1]);
	for (i = 0; i < n; i++) {
		wait(&status);
		ck_assert_int_eq(status, 0);
	}
}

static const char	*many[21];

static int
place_ten(int i)
{
	struct db		*own = fixture_db(NULL, 30000);
	struct place_req	 q;
	struct placed		 p;
	int			 k, bad = 0;

	for (k = 0; k < 10; k++) {
		q = fixture_place(f, arena_printf(a, "m%d-%d", i, k), many);
		if (place(own, &q, a, &p, &e) == -1 ||
		    p.outcome != PLACE_NEW)
			bad = 1;
	}
	db_free(own);
	return bad;
}

START_TEST(two_hundred_at_once_spread_evenly)
{
	for (int i = 0; i < 20; i++)
		many[i] = fixture_backend(arena_printf(a, "s%d", i));
	at_once(20, place_ten);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 200);
	ck_assert_int_le(sql_int("SELECT max(n) - min(n) FROM (SELECT"
	    " count(m.id) AS n FROM backends b LEFT JOIN meetings m"
	    " ON m.backend_id = b.id WHERE b.host ~ '//s' GROUP BY b.id) s"),
	    1);
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 200);
}
END_TEST

static int
place_one(int i)
{
	const char		*all[] = { b1, b2, b3, NULL };
	struct db		*own = fixture_db(NULL, 30000);
	struct place_req	 q = fixture_place(f, "the one", all);
	struct placed		 p;
	int			 rc;

	(void)i;
	rc = place(own, &q, a, &p, &e);
	db_free(own);
	return rc == 0 && (p.outcome == PLACE_NEW ||
	    p.outcome == PLACE_FOUND) ? 0 : 1;
}

START_TEST(fifty_creates_of_one_meeting_make_one)
{
	at_once(50, place_one);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 1);
	ck_assert_int_eq(sql_int("SELECT sum(meetings) FROM backend_load"),
	    1);
}
END_TEST

/* Beyond the limits of what this suite can time: only that it is no scan. */
START_TEST(a_large_cluster_is_no_slower_than_it_must_be)
{
	const char	*ids[1001];
	int64_t		 began;
	int		 i;

	sql("INSERT INTO backends (host, secret)"
	    " SELECT 'http://h' || n, 's' FROM generate_series(1, 1000) n;"
	    "INSERT INTO meetings (frontend_id, meeting_id, backend_id,"
	    "  backend_meeting_id, internal_id, state)"
	    " SELECT '%s', 'x' || n, (SELECT id FROM backends"
	    "  WHERE host LIKE 'http://h' || 1 + n %% 1000 || '/%%'),"
	    "  'bx' || n, 'ix' || n, 'living'"
	    " FROM generate_series(1, 2000) n; ANALYZE", f);
	for (i = 0; i < 1000; i++)
		ids[i] = sql_text("SELECT id FROM backends"
		    " WHERE host LIKE 'http://h%d/%%'", i + 1);
	ids[i] = NULL;
	placed_on("warm", ids);
	began = clock_mono_ms();
	for (i = 0; i < 20; i++)
		placed_on(arena_printf(a, "m%d", i), ids);
	ck_assert_int_lt(clock_mono_ms() - began, 20 * 25);
	ck_assert_int_eq(sql_int("SELECT count(DISTINCT backend_id)"
	    " FROM meetings WHERE state = 'placed'"), 21);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("place");
	TCase	*tc = fixture_case(s, "choice");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_new_meeting_gets_a_row);
	tcase_add_test(tc, the_same_again_finds_it);
	tcase_add_test(tc, the_next_goes_where_less_is_to_do);
	tcase_add_test(tc, equals_are_taken_in_the_callers_order);
	tcase_add_test(tc, a_load_factor_is_a_penalty);
	tcase_add_test(tc, what_was_expected_fades);
	tcase_add_test(tc, it_does_not_fade_below_what_is_there);
	tcase_add_loop_test(tc, who_may_not_is_passed_over, 0,
	    sizeof(exclusions) / sizeof(exclusions[0]));
	tcase_add_loop_test(tc, who_may_is_taken, 0,
	    sizeof(harmless) / sizeof(harmless[0]));
	tcase_add_test(tc, a_cap_of_meetings_holds);
	tcase_add_test(tc, a_cap_of_users_holds);
	tcase_add_test(tc, no_candidates_is_none);
	tcase_add_test(tc, a_frontends_limit_holds);
	tcase_add_test(tc, an_ended_one_comes_back_as_new);
	tcase_add_test(tc, two_frontends_may_use_one_id);

	tc = fixture_case(s, "second try");
	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_failed_try_goes_to_another);
	tcase_add_test(tc, only_who_holds_the_attempt_moves_it);
	tcase_add_test(tc, a_placed_one_that_nobody_takes_is_taken_back);
	tcase_add_test(tc, a_living_one_that_nobody_takes_stays);
	tcase_add_test(tc, one_that_another_call_confirmed_meanwhile_stays);
	tcase_add_test(tc, a_living_one_moves_with_its_passwords);
	tcase_add_test(tc, two_failures_make_a_server_failed);
	tcase_add_test(tc, a_confirm_between_forgives);

	tc = fixture_case(s, "many at once");
	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, two_hundred_at_once_spread_evenly);
	tcase_add_test(tc, fifty_creates_of_one_meeting_make_one);
	tcase_add_test(tc, a_large_cluster_is_no_slower_than_it_must_be);
	return fixture_main(s);
}
