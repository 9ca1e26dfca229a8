/*
 * Silent agents: told once, kept out of placement, and not believed in masses.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fixture.h"
#include "store/agents.h"
#include "store/standing.h"

static char	*f;
static char	*b[5];		/* five servers; the last has no agent */

static void
heard(int i, int seconds_ago)
{
	sql("UPDATE backend_health SET heartbeat = now() - interval '%d s'"
	    " WHERE backend_id = '%s'", seconds_ago, b[i]);
}

static void
servers(void)
{
	static const char *const	hosts[] = { "a", "b", "c", "d", "e" };
	int				i;

	f = fixture_frontend("f");
	for (i = 0; i < 5; i++) {
		b[i] = fixture_backend(hosts[i]);
		if (i < 4)
			heard(i, 0);
	}
}

/* Looks, and finds that much news. */
static struct agent_news *
news(size_t expected)
{
	struct agent_news	*v;
	size_t			 n;

	ck_ok(agents_judge(db, 5000, a, &v, &n, &e));
	ck_assert_uint_eq(n, expected);
	return v;
}

/* Would a new meeting go to this server, were it the only one? */
static bool
takes(int i)
{
	const char		*list[] = { b[i], NULL };
	struct place_req	 q;
	struct placed		 p;
	static int		 count;

	q = fixture_place(f, arena_printf(a, "m%d", count++), list);
	ck_ok(place(db, &q, a, &p, &e));
	return p.outcome == PLACE_NEW;
}

/* What the API calls its state. */
static char *
word(int i)
{
	return sql_text("SELECT (backend_word(b, h.heartbeat, 0, 0, 5000))[1]"
	    " FROM backends b JOIN backend_health h ON h.backend_id = b.id"
	    " WHERE b.id = '%s'", b[i]);
}

START_TEST(all_is_well)
{
	news(0);
	heard(0, 4);
	news(0);
	ck_assert(takes(0));
	ck_assert(takes(4));
	ck_assert_str_eq(word(0), "placeable");
}
END_TEST

START_TEST(a_silent_one_is_told_once_and_gets_nothing_new)
{
	struct agent_news	*v;

	heard(1, 7);
	ck_assert(!takes(1));	/* before any job has looked */
	v = news(1);
	ck_assert_int_eq(v[0].turn, AGENT_SILENT);
	ck_assert_str_eq(v[0].host, "http://b/bigbluebutton/api/");
	ck_assert_int_eq(v[0].n, 7);
	news(0);
	ck_assert(!takes(1));
	ck_assert(takes(0));
	ck_assert_str_eq(word(1), "silent");
	ck_assert_str_eq(sql_text("SELECT node_state FROM backends"
	    " WHERE id = '%s'", b[1]), "init");
}
END_TEST

START_TEST(a_heartbeat_ends_it)
{
	struct agent_news	*v;

	heard(1, 7);
	news(1);
	heard(1, 0);
	ck_assert(takes(1));	/* at once */
	v = news(1);
	ck_assert_int_eq(v[0].turn, AGENT_BACK);
	ck_assert_str_eq(v[0].host, "http://b/bigbluebutton/api/");
	ck_assert_str_eq(word(1), "placeable");
	news(0);
}
END_TEST

START_TEST(its_meetings_stay)
{
	fixture_meeting(f, "m", b[1], "i-1");
	heard(1, 60);
	news(1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"
	    " WHERE state = 'living' AND backend_id = '%s'", b[1]), 1);
}
END_TEST

START_TEST(half_is_believed)
{
	heard(0, 7);
	heard(1, 7);
	ck_assert_int_eq(news(2)[1].turn, AGENT_SILENT);
	ck_assert(!takes(0));
	ck_assert(takes(2));
}
END_TEST

START_TEST(more_than_half_is_an_alarm_and_nothing_changes)
{
	struct agent_news	*v;

	heard(3, 60);
	news(1);
	/* One was silent before; of the four three more are. */
	heard(0, 7);
	heard(1, 7);
	heard(2, 7);
	ck_assert(takes(0));
	ck_assert(!takes(3));
	v = news(1);
	ck_assert_int_eq(v[0].turn, AGENT_ALARM);
	ck_assert_ptr_null(v[0].host);
	ck_assert_int_eq(v[0].n, 4);
	news(0);
	ck_assert(takes(0));
	ck_assert(takes(1));
	ck_assert(!takes(3));

	heard(0, 0);
	heard(1, 0);
	v = news(2);
	ck_assert_int_eq(v[0].turn, AGENT_SILENT);
	ck_assert_str_eq(v[0].host, "http://c/bigbluebutton/api/");
	ck_assert_int_eq(v[1].turn, AGENT_OVER);
	ck_assert_int_eq(v[1].n, 2);
	ck_assert(!takes(2));
}
END_TEST

/* What an admin is shown. */
static struct standing
standing(void)
{
	struct standing	s;

	ck_ok(standing_read(db, a, &s, &e));
	return s;
}

START_TEST(alarms_are_shown_while_they_hold)
{
	struct standing	s;
	int		i;

	ck_assert_uint_eq(standing().nalarms, 0);
	for (i = 0; i < 3; i++)
		heard(i, 7);
	news(1);
	s = standing();
	ck_assert_uint_eq(s.nalarms, 1);
	ck_assert_str_eq(s.alarms[0].name, "agents");
	ck_assert_int_eq(s.alarms[0].n, 3);
	ck_assert_int_gt(s.alarms[0].at_us, 1700000000000000);
	/* Those that failed before are no news. */
	sql("UPDATE backend_health SET failures = 1, failed_at = now()"
	    " WHERE backend_id <> '%s'", b[0]);
	s = standing();
	ck_assert_uint_eq(s.nalarms, 2);
	ck_assert_str_eq(s.alarms[1].name, "servers");
	ck_assert_int_eq(s.alarms[1].n, 4);
	sql("UPDATE backends SET node_state = 'error' WHERE id IN"
	    " ('%s', '%s')", b[1], b[2]);
	for (i = 0; i < 3; i++)
		heard(i, 0);
	news(1);
	ck_assert_uint_eq(standing().nalarms, 0);
}
END_TEST

START_TEST(jobs_are_shown_by_their_last_success)
{
	struct standing	s;

	sql("DELETE FROM job_success");
	ck_assert_uint_eq(standing().njobs, 0);
	sql("INSERT INTO job_success VALUES ('sweep', '2026-01-02 03:04Z'),"
	    " ('poll', '2026-01-02 03:05Z')");
	s = standing();
	ck_assert_uint_eq(s.njobs, 2);
	ck_assert_str_eq(s.jobs[0].name, "poll");
	ck_assert_int_eq(s.jobs[1].at_us, 1767323040000000);
}
END_TEST

START_TEST(of_three_each_is_believed)
{
	sql("UPDATE backend_health SET heartbeat = NULL"
	    " WHERE backend_id = '%s'", b[3]);
	heard(0, 7);
	heard(1, 7);
	heard(2, 7);
	ck_assert_int_eq(news(3)[0].turn, AGENT_SILENT);
	ck_assert(!takes(0));
	ck_assert(takes(3));
}
END_TEST

START_TEST(those_given_up_do_not_count)
{
	int	i;

	for (i = 0; i < 3; i++)
		heard(i, 7);
	sql("UPDATE backends SET admin_state = 'decommissioned'"
	    " WHERE id = '%s'", b[0]);
	ck_assert_int_eq(news(3)[0].turn, AGENT_SILENT);
}
END_TEST

START_TEST(two_jobs_tell_it_once)
{
	struct agent_news	*v;
	size_t			 n;

	heard(1, 7);
	sql("BEGIN; SELECT 1 FROM backend_health WHERE backend_id = '%s'"
	    " FOR UPDATE", b[1]);
	news(0);		/* somebody is at it */
	sql("COMMIT");
	news(1);
	ck_ok(agents_judge(db2, 5000, a, &v, &n, &e));
	ck_assert_uint_eq(n, 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("agents");
	TCase	*t = fixture_case(s, "agents");

	tcase_add_checked_fixture(t, servers, NULL);
	tcase_add_test(t, all_is_well);
	tcase_add_test(t, a_silent_one_is_told_once_and_gets_nothing_new);
	tcase_add_test(t, a_heartbeat_ends_it);
	tcase_add_test(t, its_meetings_stay);
	tcase_add_test(t, half_is_believed);
	tcase_add_test(t, more_than_half_is_an_alarm_and_nothing_changes);
	tcase_add_test(t, alarms_are_shown_while_they_hold);
	tcase_add_test(t, jobs_are_shown_by_their_last_success);
	tcase_add_test(t, of_three_each_is_believed);
	tcase_add_test(t, those_given_up_do_not_count);
	tcase_add_test(t, two_jobs_tell_it_once);
	return fixture_main(s);
}
