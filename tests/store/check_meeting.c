/*
 * Meetings after they are placed: confirmed, announced, ended, shown.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "store/notify.h"

static char	*f, *b1, *b2;

static void
cluster(void)
{
	f = fixture_frontend("f");
	b1 = fixture_backend("a");
	b2 = fixture_backend("b");
}

static struct placed
placed(const char *meeting)
{
	const char		*list[] = { b1, NULL };
	struct place_req	 q = fixture_place(f, meeting, list);
	struct placed		 p;

	ck_ok(place(db, &q, a, &p, &e));
	return p;
}

static struct meeting_created
said(const struct placed *p, const char *internal)
{
	struct meeting_created	c = { .row = p->meeting.row,
	    .attempt = p->meeting.attempt, .internal_id = internal,
	    .create_time = 1731999600123, .create_date = "Tue Nov 19",
	    .attendee_pw = "ap", .moderator_pw = "mp",
	    .voice_bridge = "70001", .dial_number = "613", .duration = 45 };

	return c;
}

START_TEST(a_confirm_makes_it_live)
{
	struct placed		 p = placed("m");
	struct meeting_created	 c = said(&p, "i-1");
	struct bbb_meeting	 m;

	ck_assert_int_eq(meeting_info(db, f, "m", a, &m, &e), 0);
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	ck_assert_int_eq(meeting_info(db, f, "m", a, &m, &e), 1);
	ck_assert_str_eq(m.name, "Room");
	ck_assert_str_eq(m.internal_id, "i-1");
	ck_assert_int_eq(m.create_time, 1731999600123);
	ck_assert_str_eq(m.create_date, "Tue Nov 19");
	ck_assert_str_eq(m.voice_bridge, "70001");
	ck_assert_str_eq(m.dial_number, "613");
	ck_assert_int_eq(m.duration, 45);
	ck_assert(!m.running);
	ck_assert_uint_eq(m.nattendees, 0);
	ck_assert_str_eq(m.parent_internal_id, "");
}
END_TEST

START_TEST(a_second_confirm_of_the_same_writes_nothing)
{
	struct placed		 p = placed("m");
	struct meeting_created	 c = said(&p, "i-1");
	char			*ctid;

	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	ctid = sql_text("SELECT ctid FROM meetings");
	ck_assert_int_eq(meeting_confirm(db2, &c, &e), 1);
	ck_assert_str_eq(sql_text("SELECT ctid FROM meetings"), ctid);
}
END_TEST

START_TEST(a_confirm_of_a_past_attempt_is_refused)
{
	struct placed		 p = placed("m"), q;
	struct meeting_created	 c = said(&p, "i-1");
	const char		*list[] = { b2, NULL };
	struct place_req	 r = fixture_place(f, "m", list);

	r.failed_backend = b1;
	r.failed_error = "timed out";
	r.failed_attempt = 1;
	ck_ok(place(db2, &r, a, &q, &e));
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 0);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "placed");
}
END_TEST

START_TEST(a_confirm_after_the_end_is_refused)
{
	struct placed		p = placed("m");
	struct meeting_created	c = said(&p, "i-1");

	ck_assert_int_eq(meeting_end(db2, p.meeting.row, NULL, &e), 1);
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 0);
}
END_TEST

START_TEST(a_confirm_with_another_id_begins_anew)
{
	struct placed		p = placed("m");
	struct meeting_created	c = said(&p, "i-1");

	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	sql("UPDATE meetings SET participants = 2, cost = 2, running = true;"
	    " UPDATE frontend_load SET users = 2;"
	    " UPDATE backend_load SET users = 2;"
	    " INSERT INTO attendees (meeting, user_id, session)"
	    " SELECT id, 'u', '#1' FROM meetings");
	c.internal_id = "i-2";
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	ck_assert_str_eq(sql_text("SELECT internal_id || running ||"
	    " participants FROM meetings"), "i-2false0");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 0);
	ck_assert_str_eq(sql_text("SELECT internal_id FROM ended_meetings"),
	    "i-1");
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 0);
	ck_assert_int_eq(sql_int("SELECT users FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 0);
}
END_TEST

START_TEST(a_confirm_keeps_what_the_server_left_out)
{
	struct placed		p = placed("m");
	struct meeting_created	c = said(&p, "i-1");

	c.attendee_pw = c.moderator_pw = c.voice_bridge = "";
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	ck_assert_str_eq(sql_text("SELECT attendee_pw || moderator_pw"
	    " FROM meetings"), "apmp");
}
END_TEST

/* 0 if the connection has no notice, else its payload's kind + 1. */
static int
notice(struct db *on, struct notice *n)
{
	int	rc = notify_next(on, a, n);

	ck_assert_int_ne(rc, -1);
	return rc == 0 ? 0 : (int)n->kind + 1;
}

static void
listen_on(struct db *on)
{
	char		*epoch;
	struct notice	 n;

	ck_ok(notify_listen(on, a, &epoch, &e));
	while (notice(on, &n))
		;
}

/* A round trip: what has been notified before it has arrived then. */
static void
settle(struct db *on)
{
	struct bbb_meeting	m;

	ck_ok(meeting_info(on, f, "none", a, &m, &e));
}

START_TEST(only_the_announcement_tells_of_a_new_meeting)
{
	struct placed		p;
	struct meeting_created	c;
	struct notice		n;

	listen_on(db2);
	p = placed("m");
	c = said(&p, "i-1");
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	settle(db2);
	ck_assert_int_eq(notice(db2, &n), 0);
	ck_assert_int_eq(meeting_announce(db, p.meeting.row, &e), 1);
	settle(db2);
	ck_assert_int_eq(notice(db2, &n), NOTICE_MEETING + 1);
	ck_assert(!n.deleted);
	ck_assert_int_eq(n.meeting.row, p.meeting.row);
	ck_assert_str_eq(n.meeting.meeting_id, "m");
	ck_assert_str_eq(n.meeting.frontend_id, f);
	ck_assert_str_eq(n.meeting.backend_id, b1);
	ck_assert_str_eq(n.meeting.backend_meeting_id, "enc-m");
	ck_assert_str_eq(n.meeting.internal_id, "i-1");
	ck_assert_int_eq(n.meeting.state, MEETING_LIVING);
	ck_assert_str_eq(n.meeting.moderator_pw, "");
	ck_assert_int_eq(n.version, sql_int("SELECT version FROM meetings"));
	ck_assert_int_eq(notice(db2, &n), 0);
}
END_TEST

START_TEST(a_confirm_of_one_made_anew_is_quiet_too)
{
	struct placed		p = placed("m");
	struct meeting_created	c = said(&p, "i-1");
	struct notice		n;

	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	sql("UPDATE meetings SET running = true");
	listen_on(db2);
	c.internal_id = "i-2";
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	settle(db2);
	ck_assert_int_eq(notice(db2, &n), 0);
	/* And only within its own transaction. */
	ck_assert_int_eq(meeting_end(db, c.row, NULL, &e), 1);
	settle(db2);
	ck_assert_int_eq(notice(db2, &n), NOTICE_MEETING + 1);
}
END_TEST

START_TEST(what_has_ended_is_not_announced)
{
	long long	row = fixture_meeting(f, "m", b1, "i-1");

	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	ck_assert_int_eq(meeting_announce(db, row, &e), 0);
}
END_TEST

START_TEST(an_end_empties_lists_and_loads_and_notifies)
{
	long long	row = fixture_meeting(f, "m", b1, "i-1");
	struct notice	n;

	sql("UPDATE meetings SET participants = 2, cost = 2, running = true;"
	    " INSERT INTO attendees (meeting, user_id, session)"
	    " SELECT id, 'u', '#1' FROM meetings;"
	    " UPDATE frontend_load SET users = 2");
	listen_on(db2);
	ck_assert_int_eq(meeting_end(db, row, "i-1", &e), 1);
	ck_assert_str_eq(sql_text("SELECT state || running || participants"
	    " FROM meetings"), "endedfalse0");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 0);
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM frontend_load"), "0 0");
	ck_assert_str_eq(sql_text("SELECT load || ' ' || slope || ' ' ||"
	    " meetings FROM backend_load WHERE backend_id = '%s'", b1),
	    "0 0 0");
	ck_assert_str_eq(sql_text("SELECT meeting_id FROM ended_meetings"
	    " WHERE internal_id = 'i-1'"), "m");
	settle(db2);
	ck_assert_int_eq(notice(db2, &n), NOTICE_MEETING + 1);
	ck_assert(n.deleted);
	ck_assert_int_eq(n.meeting.state, MEETING_ENDED);
	ck_assert_int_eq(n.meeting.row, row);
	ck_assert_int_eq(meeting_end(db, row, "i-1", &e), 0);
}
END_TEST

START_TEST(an_end_of_another_one_is_refused)
{
	long long	row = fixture_meeting(f, "m", b1, "i-1");

	ck_assert_int_eq(meeting_end(db, row, "i-0", &e), 0);
	ck_assert_int_eq(meeting_end(db, row + 1, NULL, &e), 0);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "living");
}
END_TEST

START_TEST(loads_never_fall_below_nothing)
{
	long long	row = fixture_meeting(f, "m", b1, "i-1");

	sql("UPDATE meetings SET participants = 5, cost = 5;"
	    " UPDATE frontend_load SET users = 0, meetings = 0;"
	    " UPDATE backend_load SET users = 0, meetings = 0, load = 0");
	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	ck_assert_int_eq(sql_int("SELECT min(users) + min(meetings)"
	    " FROM frontend_load"), 0);
	ck_assert_double_eq(sql_real("SELECT min(load) FROM backend_load"),
	    0);
}
END_TEST

START_TEST(only_a_placed_one_can_be_taken_back)
{
	struct placed	p = placed("m");
	long long	row = fixture_meeting(f, "n", b1, "i-1");

	ck_assert_int_eq(meeting_unplace(db, p.meeting.row, 7, &e), 0);
	ck_assert_int_eq(meeting_unplace(db, row, 1, &e), 0);
	ck_assert_int_eq(meeting_unplace(db, p.meeting.row, 1, &e), 1);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"
	    " WHERE meeting_id = 'm'"), "ended");
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM ended_meetings"), 0);
}
END_TEST

START_TEST(a_meeting_is_shown_by_its_internal_id_too)
{
	char			*g = fixture_frontend("g");
	struct bbb_meeting	 m;

	fixture_meeting(f, "m", b1, "i-1");
	ck_assert_int_eq(meeting_info(db, f, "i-1", a, &m, &e), 1);
	ck_assert_str_eq(m.meeting_id, "m");
	/* Never to another frontend. */
	ck_assert_int_eq(meeting_info(db, g, "i-1", a, &m, &e), 0);
	ck_assert_int_eq(meeting_info(db, g, "m", a, &m, &e), 0);
}
END_TEST

struct list {
	char	ids[256];
	int	stop_after;
	int	n;
};

static int
list_meeting(const struct bbb_meeting *m, void *ctx)
{
	struct list	*l = ctx;

	strcat(strcat(l->ids, m->meeting_id), " ");
	l->n++;
	return l->stop_after != 0 && l->n >= l->stop_after ? -1 : 0;
}

static int
list_route(const struct meeting *m, void *ctx)
{
	struct list	*l = ctx;

	ck_assert_str_eq(m->moderator_pw, "");
	strcat(strcat(l->ids, m->meeting_id), " ");
	return 0;
}

START_TEST(lists_hold_living_meetings_of_their_frontend)
{
	struct list	 l = { .n = 0 }, routes = { .n = 0 };
	char		*g = fixture_frontend("g");
	long long	 row;

	placed("in the air");
	row = fixture_meeting(f, "ended", b1, "i-0");
	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	fixture_meeting(f, "m1", b1, "i-1");
	fixture_meeting(g, "other", b1, "i-2");
	fixture_meeting(f, "m2", b2, "i-3");
	ck_ok(meeting_each(db, f, list_meeting, &l, &e));
	ck_assert_str_eq(l.ids, "m1 m2 ");
	ck_ok(meeting_routes(db, list_route, &routes, &e));
	ck_assert(strstr(routes.ids, "m1 ") && strstr(routes.ids, "m2 ") &&
	    strstr(routes.ids, "other ") && !strstr(routes.ids, "ended") &&
	    !strstr(routes.ids, "air"));
}
END_TEST

START_TEST(a_list_may_be_left_and_the_connection_goes_on)
{
	struct list		l = { .stop_after = 2 };
	struct bbb_meeting	m;
	unsigned		generation;

	for (int i = 0; i < 50; i++)
		fixture_meeting(f, arena_printf(a, "m%d", i), b1,
		    arena_printf(a, "i-%d", i));
	generation = db_generation(db);
	ck_assert_int_eq(meeting_each(db, f, list_meeting, &l, &e), -1);
	ck_assert_int_eq(l.n, 2);
	ck_assert_int_eq(e.code, ERR_NONE);
	ck_assert_int_eq(meeting_info(db, f, "m9", a, &m, &e), 1);
	ck_assert_uint_eq(db_generation(db), generation);
}
END_TEST

/* An end and a confirm at once: one of them comes first, both are right. */
START_TEST(who_comes_second_sees_what_the_first_did)
{
	struct placed		p = placed("m");
	struct meeting_created	c = said(&p, "i-1");

	sql("BEGIN; SELECT meeting_end(%lld, NULL)", p.meeting.row);
	sql("SET LOCAL deadlock_timeout = '5s'");
	/* It waits for the row's lock, within its deadline. */
	db_free(db2);
	db2 = fixture_db(NULL, 300);
	ck_assert_int_eq(meeting_confirm(db2, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_STORE);
	sql("COMMIT");
	ck_assert_int_eq(meeting_confirm(db2, &c, &e), 0);
}
END_TEST

START_TEST(a_removed_backend_takes_its_meetings_along)
{
	struct notice	n;
	bool		ended = false;

	fixture_meeting(f, "m", b1, "i-1");
	sql("UPDATE meetings SET participants = 2;"
	    " UPDATE frontend_load SET users = 2");
	listen_on(db2);
	sql("DELETE FROM backends WHERE id = '%s'", b1);
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM frontend_load"), "0 0");
	settle(db2);
	while (notice(db2, &n))
		ended |= n.kind == NOTICE_MEETING && n.deleted;
	ck_assert(ended);
}
END_TEST

/* The value of a setting as the commit of a function's transaction sees it. */
START_TEST(who_notifies_does_not_wait_for_the_disk)
{
	long long	row = fixture_meeting(f, "m", b1, "i-1");

	sql("BEGIN; SELECT meeting_end(%lld, NULL)", row);
	ck_assert_str_eq(sql_text("SHOW synchronous_commit"), "off");
	sql("ROLLBACK; BEGIN; SELECT meeting_announce(%lld)", row);
	ck_assert_str_eq(sql_text("SHOW synchronous_commit"), "off");
	sql("ROLLBACK; BEGIN");
	sql("SELECT poll_seen('%s', gen_random_uuid(), 1, 1, 1, 1, 1, '[]')",
	    b1);
	ck_assert_str_eq(sql_text("SHOW synchronous_commit"), "off");
	/* A confirm does: an acknowledged meeting is never lost. */
	sql("ROLLBACK; BEGIN; SELECT meeting_confirm(%lld, 1, 'i-1', 1, '',"
	    " '', '', '', '', 0, false)", row);
	ck_assert_str_eq(sql_text("SHOW synchronous_commit"), "on");
	sql("ROLLBACK");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("meeting");
	TCase	*tc = fixture_case(s, "meeting");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_confirm_makes_it_live);
	tcase_add_test(tc, a_second_confirm_of_the_same_writes_nothing);
	tcase_add_test(tc, a_confirm_of_a_past_attempt_is_refused);
	tcase_add_test(tc, a_confirm_after_the_end_is_refused);
	tcase_add_test(tc, a_confirm_with_another_id_begins_anew);
	tcase_add_test(tc, a_confirm_keeps_what_the_server_left_out);
	tcase_add_test(tc, only_the_announcement_tells_of_a_new_meeting);
	tcase_add_test(tc, a_confirm_of_one_made_anew_is_quiet_too);
	tcase_add_test(tc, what_has_ended_is_not_announced);
	tcase_add_test(tc, an_end_empties_lists_and_loads_and_notifies);
	tcase_add_test(tc, an_end_of_another_one_is_refused);
	tcase_add_test(tc, loads_never_fall_below_nothing);
	tcase_add_test(tc, only_a_placed_one_can_be_taken_back);
	tcase_add_test(tc, a_meeting_is_shown_by_its_internal_id_too);
	tcase_add_test(tc, lists_hold_living_meetings_of_their_frontend);
	tcase_add_test(tc, a_list_may_be_left_and_the_connection_goes_on);
	tcase_add_test(tc, who_comes_second_sees_what_the_first_did);
	tcase_add_test(tc, a_removed_backend_takes_its_meetings_along);
	tcase_add_test(tc, who_notifies_does_not_wait_for_the_disk);
	return fixture_main(s);
}
