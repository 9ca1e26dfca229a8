/*
 * The end of a meeting is told once, by its server or by us.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "fixture.h"
#include "store/callback.h"
#include "store/meeting.h"

#define DAY	86400

static const char *const urls[] = { "https://fe/ended?a=b", "https://fe/end" };
static char		*f, *b1, *b2;

static void
rows(void)
{
	f = fixture_frontend("f");
	b1 = fixture_backend("a");
	b2 = fixture_backend("b");
}

/* Placed; failed: moved from there. */
static struct meeting
placed(const char *on, const struct meeting *from)
{
	const char		*list[] = { on, NULL };
	struct place_req	 q = fixture_place(f, "m &\303\244", list);
	struct placed		 p;

	q.end_urls = urls;
	q.nend_urls = 2;
	if (from != NULL) {
		q.failed_backend = from->backend_id;
		q.failed_attempt = from->attempt;
		q.failed_living = from->state == MEETING_LIVING;
	}
	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(p.outcome, PLACE_NEW);
	return p.meeting;
}

static struct meeting
living(const char *on, const struct meeting *from)
{
	struct meeting		m = placed(on, from);
	struct meeting_created	c = { .row = m.row, .attempt = m.attempt,
	    .create_time = 1731999600123, .create_date = "",
	    .attendee_pw = "", .moderator_pw = "", .voice_bridge = "",
	    .dial_number = "" };

	c.internal_id = arena_printf(a, "life-%d", m.attempt);
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	m.state = MEETING_LIVING;
	return m;
}

static void
ends(const struct meeting *m)
{
	ck_assert_int_eq(meeting_end(db, m->row, NULL, &e), 1);
}

/* What a server calls. */
static void
told(const struct meeting *m, int nr)
{
	struct callback	c = { .kind = CALLBACK_END, .frontend_id = f,
	    .url = urls[nr - 1], .body = "", .token = "",
	    .query = nr == 1 ? "" : "recordingmarks=true&meetingID=enc",
	    .end = { m->row, m->attempt, nr } };

	ck_assert_int_eq(callback_store(db2, &c, &e), 1);
}

static struct callback_dues
due(void)
{
	struct callback_dues	d;

	ck_ok(callback_claim(db, 10, 60, DAY, a, &d, &e));
	return d;
}

static void
deliver(void)
{
	const struct callback_result	r = { .ok = true, .status = 200,
	    .give_up_s = DAY };
	struct callback_dues		d = due();
	size_t				i;

	for (i = 0; i < d.n; i++)
		ck_assert_int_eq(callback_done(db, &d.v[i], &r, &e), 1);
}

static void
two_minutes_pass(void)
{
	sql("UPDATE callbacks SET next_at = next_at - interval '2 minutes',"
	    " received_at = received_at - interval '2 minutes'");
}

START_TEST(a_server_that_says_nothing_is_spoken_for)
{
	struct meeting		m;
	struct callback_dues	d;

	rows();
	m = living(b1, NULL);
	ends(&m);
	ck_assert_uint_eq(due().n, 0);
	two_minutes_pass();
	d = due();
	ck_assert_uint_eq(d.n, 2);
	ck_assert_str_eq(d.v[0].callback.url, urls[0]);
	ck_assert_str_eq(d.v[0].callback.query, "");
	ck_assert_int_eq(d.v[1].callback.kind, CALLBACK_END);
	ck_assert_str_eq(d.v[1].callback.frontend_id, f);
	ck_assert_str_eq(d.v[1].callback.url, urls[1]);
	ck_assert_str_eq(d.v[1].callback.query,
	    "recordingmarks=false&meetingID=m%20%26%C3%A4");
}
END_TEST

/* Its words, at once, and nothing after them. */
START_TEST(a_server_that_speaks_in_time_is_heard)
{
	struct meeting		m;
	struct callback_dues	d;

	rows();
	m = living(b1, NULL);
	ends(&m);
	told(&m, 2);
	d = due();
	ck_assert_uint_eq(d.n, 1);
	ck_assert_str_eq(d.v[0].callback.query,
	    "recordingmarks=true&meetingID=enc");
	told(&m, 2);
	told(&m, 1);
	deliver();
	two_minutes_pass();
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 2);
}
END_TEST

START_TEST(a_server_may_speak_before_the_end_is_known)
{
	struct meeting	m;

	rows();
	m = living(b1, NULL);
	told(&m, 1);
	told(&m, 2);
	deliver();
	ends(&m);
	two_minutes_pass();
	ck_assert_uint_eq(due().n, 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"
	    " WHERE state = 'delivered'"), 2);
}
END_TEST

START_TEST(a_server_that_speaks_too_late_changes_nothing)
{
	struct meeting	m;

	rows();
	m = living(b1, NULL);
	ends(&m);
	two_minutes_pass();
	deliver();
	told(&m, 1);
	told(&m, 2);
	ck_assert_uint_eq(due().n, 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 2);
}
END_TEST

/* It is under way, or waits for its next try. */
START_TEST(what_was_tried_is_not_begun_anew)
{
	const struct callback_result	r = { .status = 500, .error = "500",
	    .give_up_s = DAY };
	struct callback_dues		d;
	struct meeting			m;

	rows();
	m = living(b1, NULL);
	ends(&m);
	two_minutes_pass();
	d = due();
	ck_assert_uint_eq(d.n, 2);
	told(&m, 1);
	ck_assert_uint_eq(due().n, 0);
	ck_assert_int_eq(callback_done(db, &d.v[0], &r, &e), 1);
	told(&m, 1);
	ck_assert_uint_eq(due().n, 0);
}
END_TEST

/* The first server comes back and ends its copy. */
START_TEST(a_meeting_that_moved_has_not_ended)
{
	struct meeting	first, second;

	rows();
	first = living(b1, NULL);
	second = living(b2, &first);
	told(&first, 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 0);
	told(&second, 1);
	ends(&second);
	told(&first, 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 2);
}
END_TEST

START_TEST(a_meeting_that_nobody_takes_has_ended)
{
	struct meeting	first, second;

	rows();
	first = living(b1, NULL);
	second = placed(b2, &first);
	ck_assert_int_eq(meeting_unplace(db, second.row, second.attempt, &e),
	    1);
	two_minutes_pass();
	ck_assert_uint_eq(due().n, 2);
}
END_TEST

START_TEST(a_meeting_that_never_was_does_not_end)
{
	struct meeting	first, second;

	rows();
	first = placed(b1, NULL);
	second = placed(b2, &first);
	ck_assert_int_eq(meeting_unplace(db, second.row, second.attempt, &e),
	    1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 0);
}
END_TEST

START_TEST(each_life_has_its_own_end)
{
	struct meeting	first, second;

	rows();
	first = living(b1, NULL);
	ends(&first);
	second = living(b1, NULL);
	ck_assert_int_eq(first.row, second.row);
	/* Of the first one, late. */
	told(&first, 1);
	deliver();
	ends(&second);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 4);
}
END_TEST

START_TEST(with_their_server_removed_meetings_end)
{
	rows();
	living(b1, NULL);
	sql("DELETE FROM backends WHERE id = '%s'", b1);
	two_minutes_pass();
	ck_assert_uint_eq(due().n, 2);
}
END_TEST

START_TEST(a_frontend_that_is_removed_hears_nothing)
{
	rows();
	living(b1, NULL);
	sql("DELETE FROM frontends WHERE id = '%s'", f);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 0);
}
END_TEST

START_TEST(who_named_no_url_hears_nothing)
{
	rows();
	fixture_meeting(f, "m", b1, "i");
	sql("DELETE FROM backends WHERE id = '%s'", b1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("end calls");
	TCase	*tc = fixture_case(s, "end calls");

	tcase_add_test(tc, a_server_that_says_nothing_is_spoken_for);
	tcase_add_test(tc, a_server_that_speaks_in_time_is_heard);
	tcase_add_test(tc, a_server_may_speak_before_the_end_is_known);
	tcase_add_test(tc, a_server_that_speaks_too_late_changes_nothing);
	tcase_add_test(tc, what_was_tried_is_not_begun_anew);
	tcase_add_test(tc, a_meeting_that_moved_has_not_ended);
	tcase_add_test(tc, a_meeting_that_nobody_takes_has_ended);
	tcase_add_test(tc, a_meeting_that_never_was_does_not_end);
	tcase_add_test(tc, each_life_has_its_own_end);
	tcase_add_test(tc, with_their_server_removed_meetings_end);
	tcase_add_test(tc, a_frontend_that_is_removed_hears_nothing);
	tcase_add_test(tc, who_named_no_url_hears_nothing);
	return fixture_main(s);
}
