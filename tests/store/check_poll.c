/*
 * Polls: what is due, and what an answer changes, rule by rule.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fixture.h"
#include "proto/bbb.h"
#include "store/backend.h"
#include "store/poll.h"

static const struct poll_opts opts = { .interval_ms = 10000,
    .retry_ms = 30000, .lease_ms = 15000, .grace_ms = 60000, .fade_s = 1800,
    .weight_voice = 0.5, .weight_video = 2 };

static char			*f, *b1, *b2;
static struct poll_claim	 claim;
static struct poll_twin		*twins;
static size_t			 ntwins;

static void
cluster(void)
{
	f = fixture_frontend("f");
	b1 = fixture_backend("a");
	b2 = fixture_backend("b");
}

/* Claims one server, as if it were due; the others stay as they are. */
static void
claim_one(const char *backend)
{
	struct poll_claim	*v;
	size_t			 n;
	int			 next;

	sql("UPDATE backend_health SET next_poll_at ="
	    " CASE backend_id WHEN '%s' THEN now()"
	    " ELSE now() + interval '1 hour' END, lease = NULL,"
	    " lease_until = NULL", backend);
	ck_ok(poll_claim(db, &opts, a, &v, &n, &next, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(v[0].backend_id, backend);
	claim = v[0];
}

/* What a server lists; the caller changes what a case is about. */
static struct bbb_meeting
listed(const char *meeting, const char *internal)
{
	struct bbb_meeting	m = { .name = "Room",
	    .meeting_id = meeting, .internal_id = internal,
	    .create_time = 1731999600123, .create_date = "Tue Nov 19",
	    .voice_bridge = "70001", .dial_number = "613",
	    .attendee_pw = "ap", .moderator_pw = "mp", .metadata = "",
	    .parent_internal_id = "", .breakout_rooms = "", .extra = "" };

	return m;
}

static void
answered(const struct bbb_meeting *m, size_t n)
{
	ck_ok(poll_seen(db, &opts, &claim, m, n, 12, a, &twins, &ntwins,
	    &e));
}

/* A poll in one go. */
static void
seen(const char *backend, const struct bbb_meeting *m, size_t n)
{
	claim_one(backend);
	answered(m, n);
}

/* Older than the grace period, all of them. */
static void
age(void)
{
	sql("UPDATE meetings SET placed_at = placed_at - interval '2 min',"
	    " confirmed_at = confirmed_at - interval '2 min',"
	    " ended_at = ended_at - interval '2 min'");
}

static char *
state(const char *meeting)
{
	return sql_text("SELECT state FROM meetings WHERE meeting_id = '%s'",
	    meeting);
}

static char *
encoded(const char *meeting)
{
	return bbb_meeting_id_encode(a, "f", meeting);
}

/* Claims */

START_TEST(each_due_server_is_claimed_once)
{
	struct poll_claim	*v, *w;
	size_t			 n, k;
	int			 next;

	ck_ok(poll_claim(db, &opts, a, &v, &n, &next, &e));
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(next, 0);
	ck_assert_str_ne(v[0].lease, v[1].lease);
	ck_assert_str_eq(v[0].secret, strcmp(v[0].backend_id, b1) == 0 ?
	    "secret of a" : "secret of b");
	ck_ok(poll_claim(db2, &opts, a, &w, &k, &next, &e));
	ck_assert_uint_eq(k, 0);
	ck_assert_int_gt(next, 14000);
	ck_assert_int_le(next, 15000);
}
END_TEST

START_TEST(a_claim_held_by_another_job_is_passed_over)
{
	struct poll_claim	*v;
	size_t			 n;
	int			 next;

	sql("BEGIN; SELECT 1 FROM backend_health WHERE backend_id = '%s'"
	    " FOR UPDATE", b1);
	ck_ok(poll_claim(db, &opts, a, &v, &n, &next, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(v[0].backend_id, b2);
	sql("COMMIT");
}
END_TEST

START_TEST(a_lease_ends)
{
	struct poll_claim	*v;
	size_t			 n;
	int			 next;

	claim_one(b1);
	sql("UPDATE backend_health SET lease_until = now() - interval '1 ms'"
	    " WHERE backend_id = '%s'", b1);
	ck_ok(poll_claim(db2, &opts, a, &v, &n, &next, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_ne(v[0].lease, claim.lease);
	/* What the first one saw after all is dropped. */
	answered(NULL, 0);
	ck_assert_ptr_null(sql_text("SELECT polled_at FROM backend_health"
	    " WHERE backend_id = '%s'", b1));
}
END_TEST

START_TEST(decommissioned_servers_are_left_alone)
{
	struct poll_claim	*v;
	size_t			 n;
	int			 next;

	sql("UPDATE backends SET admin_state = CASE id WHEN '%s'"
	    " THEN 'decommissioned' ELSE 'stopped' END", b1);
	ck_ok(poll_claim(db, &opts, a, &v, &n, &next, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(v[0].backend_id, b2);
}
END_TEST

/* Else nobody would ever see that they are over. */
START_TEST(decommissioned_servers_are_asked_while_they_have_meetings)
{
	struct poll_claim	*v;
	size_t			 n;
	int			 next;

	fixture_meeting(sql_text("SELECT id FROM frontends LIMIT 1"), "last",
	    b1, "i-last");
	sql("UPDATE backends SET admin_state = 'decommissioned'");
	ck_ok(poll_claim(db, &opts, a, &v, &n, &next, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(v[0].backend_id, b1);
}
END_TEST

START_TEST(nothing_to_poll_waits_an_interval)
{
	struct poll_claim	*v;
	size_t			 n;
	int			 next;

	sql("DELETE FROM backends");
	ck_ok(poll_claim(db, &opts, a, &v, &n, &next, &e));
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(next, 10000);
}
END_TEST

/* Answers */

START_TEST(an_answer_makes_a_server_ready)
{
	sql("UPDATE backends SET node_state = 'error', last_error = 'x'");
	sql("UPDATE backend_health SET failures = 5");
	seen(b1, NULL, 0);
	ck_assert_str_eq(sql_text("SELECT node_state || COALESCE("
	    "last_error, '-') FROM backends WHERE id = '%s'", b1), "ready-");
	ck_assert_str_eq(sql_text("SELECT failures || ' ' || latency_ms ||"
	    " ' ' || (lease IS NULL) || ' ' || (next_poll_at BETWEEN now() +"
	    " interval '9 s' AND now() + interval '10 s')"
	    " FROM backend_health WHERE backend_id = '%s'", b1),
	    "0 12 true true");
}
END_TEST

START_TEST(an_answer_brings_a_meeting_up_to_date)
{
	struct bbb_meeting	 m = listed("enc-m", "i-1"), got;
	struct bbb_attendee	 at[2] = {
		{ "u2", "Bob", "VIEWER", false, true, false, false, "HTML5",
		    "<customdata/>" },
		{ "u1", "Ada", "MODERATOR", true, false, true, true, "HTML5",
		    "" } };

	fixture_meeting(f, "m", b1, "i-1");
	m.running = m.has_user_joined = m.recording = true;
	m.participants = 2;
	m.listeners = m.voices = m.videos = m.moderators = 1;
	m.max_users = 50;
	m.duration = 90;
	m.start_time = 1731999600168;
	m.metadata = "<bbb-origin>Moodle</bbb-origin>";
	m.extra = "<new>1</new>";
	m.attendees = at;
	m.nattendees = 2;
	seen(b1, &m, 1);
	ck_assert_int_eq(meeting_info(db, f, "m", a, &got, &e), 1);
	ck_assert(got.running && got.has_user_joined && got.recording);
	ck_assert_int_eq(got.participants, 2);
	ck_assert_int_eq(got.voices, 1);
	ck_assert_int_eq(got.max_users, 50);
	ck_assert_int_eq(got.duration, 90);
	ck_assert_int_eq(got.create_time, 1731999600123);
	ck_assert_int_eq(got.start_time, 1731999600168);
	ck_assert_int_eq(got.end_time, 0);
	ck_assert_str_eq(got.metadata, m.metadata);
	ck_assert_str_eq(got.extra, "<new>1</new>");
	ck_assert_uint_eq(got.nattendees, 2);
	ck_assert_str_eq(got.attendees[0].user_id, "u1");
	ck_assert(got.attendees[0].is_presenter && got.attendees[0].has_video);
	ck_assert_str_eq(got.attendees[1].full_name, "Bob");
	ck_assert(got.attendees[1].is_listening_only);
	ck_assert_str_eq(got.attendees[1].extra, "<customdata/>");
	/* 2 users, half for a voice, 2 for a camera. */
	ck_assert_double_eq_tol(sql_real("SELECT base FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 4.5, 1e-9);
	ck_assert_int_eq(sql_int("SELECT users FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 2);
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 2);
}
END_TEST

START_TEST(the_same_answer_again_writes_no_meeting)
{
	struct bbb_meeting	 m = listed("enc-m", "i-1");
	struct bbb_attendee	 at[2] = { { .user_id = "u1" },
				    { .user_id = "u2" } }, swap;
	char			*ctid;

	fixture_meeting(f, "m", b1, "i-1");
	m.attendees = at;
	m.participants = m.nattendees = 2;
	seen(b1, &m, 1);
	ctid = sql_text("SELECT ctid FROM meetings");
	/* A server lists them in any order. */
	swap = at[0];
	at[0] = at[1];
	at[1] = swap;
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT ctid FROM meetings"), ctid);
}
END_TEST

START_TEST(only_attendees_that_changed_are_written)
{
	struct bbb_meeting	 m = listed("enc-m", "i-1");
	struct bbb_attendee	 at[4] = { { .user_id = "u1" },
				    { .user_id = "u2" }, { .user_id = "u3" },
				    { .user_id = "u3" } };
	char			*kept;

	fixture_meeting(f, "m", b1, "i-1");
	m.attendees = at;
	m.participants = m.nattendees = 4;
	seen(b1, &m, 1);
	kept = sql_text("SELECT ctid FROM attendees WHERE user_id = 'u1'");
	ck_assert_str_eq(sql_text("SELECT string_agg(user_id || session, ' '"
	    " ORDER BY user_id, session) FROM attendees"),
	    "u1#1 u2#1 u3#1 u3#2");
	at[1].has_video = true;
	at[2].user_id = "u4";		/* one of u3's two went */
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT string_agg(user_id || session ||"
	    " has_video, ' ' ORDER BY user_id, session) FROM attendees"),
	    "u1#1false u2#1true u3#1false u4#1false");
	ck_assert_str_eq(sql_text("SELECT ctid FROM attendees"
	    " WHERE user_id = 'u1'"), kept);
	m.participants = m.nattendees = 0;
	seen(b1, &m, 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 0);
}
END_TEST

START_TEST(a_session_that_an_event_named_stays)
{
	struct bbb_meeting	 m = listed("enc-m", "i-1");
	struct bbb_attendee	 at[2] = { { .user_id = "u1",
				    .full_name = "Ada" }, { .user_id = "u1",
				    .full_name = "Ada" } };

	fixture_meeting(f, "m", b1, "i-1");
	sql("INSERT INTO attendees (meeting, user_id, session, full_name)"
	    " SELECT id, 'u1', 'w_abc', 'Ada' FROM meetings");
	m.attendees = at;
	m.participants = m.nattendees = 1;
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT session FROM attendees"), "w_abc");
	m.participants = m.nattendees = 2;
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT string_agg(session, ' ' ORDER BY"
	    " joined_at) FROM attendees"), "w_abc #2");
}
END_TEST

START_TEST(texts_that_are_no_utf8_are_cleaned)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	fixture_meeting(f, "m", b1, "i-1");
	m.name = "Gr\xfc\xdf" "e";
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT name FROM meetings"), "Gr??e");
}
END_TEST

START_TEST(numbers_out_of_range_are_cut)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	fixture_meeting(f, "m", b1, "i-1");
	m.participants = -5;
	m.max_users = 99999999999;
	m.create_time = 9223372036854775807;
	m.start_time = -1;
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT participants || ' ' || max_users ||"
	    " ' ' || (create_time IS NULL) || (start_time IS NULL)"
	    " FROM meetings"), "0 2147483647 truetrue");
}
END_TEST

START_TEST(passwords_that_a_server_hides_stay)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	fixture_meeting(f, "m", b1, "i-1");
	m.attendee_pw = m.moderator_pw = m.voice_bridge = "";
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT attendee_pw || moderator_pw ||"
	    " voice_bridge FROM meetings"), "apmp70001");
}
END_TEST

/* Absence */

START_TEST(absent_twice_in_a_row_ends_it)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	fixture_meeting(f, "m", b1, "i-1");
	sql("UPDATE meetings SET participants = 2; UPDATE frontend_load"
	    " SET users = 2; UPDATE backend_load SET users = 2");
	age();
	seen(b1, NULL, 0);
	ck_assert_str_eq(state("m"), "living");
	seen(b1, NULL, 0);
	ck_assert_str_eq(state("m"), "ended");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM ended_meetings"
	    " WHERE internal_id = 'i-1'"), 1);
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM frontend_load"), "0 0");
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users || ' ' ||"
	    " load FROM backend_load WHERE backend_id = '%s'", b1), "0 0 0");
	/* A server goes on listing it for seconds: it stays ended. */
	age();
	seen(b1, &m, 1);
	ck_assert_str_eq(state("m"), "ended");
	ck_assert_uint_eq(ntwins, 0);
}
END_TEST

START_TEST(present_between_counts_anew)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	fixture_meeting(f, "m", b1, "i-1");
	age();
	seen(b1, &m, 1);
	seen(b1, NULL, 0);
	seen(b1, &m, 1);
	seen(b1, NULL, 0);
	ck_assert_str_eq(state("m"), "living");
	seen(b1, NULL, 0);
	ck_assert_str_eq(state("m"), "ended");
}
END_TEST

START_TEST(absence_counts_after_the_grace_period_only)
{
	fixture_meeting(f, "m", b1, "i-1");
	for (int i = 0; i < 3; i++)
		seen(b1, NULL, 0);
	ck_assert_str_eq(state("m"), "living");
	ck_assert_int_eq(sql_int("SELECT missing FROM meetings"), 0);
}
END_TEST

START_TEST(another_servers_answer_says_nothing)
{
	fixture_meeting(f, "m", b1, "i-1");
	age();
	seen(b2, NULL, 0);
	seen(b2, NULL, 0);
	ck_assert_str_eq(state("m"), "living");
}
END_TEST

START_TEST(a_failed_poll_changes_no_meeting)
{
	struct poll_failure	fail = { &claim, "timed out" };
	bool			alarm;

	fixture_meeting(f, "m", b1, "i-1");
	age();
	for (int i = 0; i < 3; i++) {
		claim_one(b1);
		ck_ok(poll_failed(db, &opts, &fail, 1, &alarm, &e));
		ck_assert(!alarm);
	}
	ck_assert_str_eq(state("m"), "living");
	ck_assert_int_eq(sql_int("SELECT missing FROM meetings"), 0);
}
END_TEST

START_TEST(an_unreadable_answer_means_alive_and_no_more)
{
	fixture_meeting(f, "m", b1, "i-1");
	age();
	sql("UPDATE backends SET node_state = 'error'");
	for (int i = 0; i < 2; i++) {
		claim_one(b1);
		ck_ok(poll_unreadable(db, &opts, &claim, 5, "cut off", &e));
	}
	ck_assert_str_eq(state("m"), "living");
	ck_assert_str_eq(sql_text("SELECT node_state || ' ' || last_error"
	    " FROM backends WHERE id = '%s'", b1), "ready cut off");
}
END_TEST

/* Time */

START_TEST(an_answer_from_before_the_confirm_is_ignored)
{
	struct bbb_meeting	m = listed("enc-m", "i-old");

	claim_one(b1);
	fixture_meeting(f, "m", b1, "i-1");
	answered(&m, 1);
	ck_assert_str_eq(sql_text("SELECT internal_id FROM meetings"),
	    "i-1");
}
END_TEST

START_TEST(an_answer_from_before_the_end_is_ignored)
{
	struct bbb_meeting	m = listed(encoded("m"), "i-2");
	long long		row = fixture_meeting(f, "m", b1, "i-1");

	claim_one(b1);
	ck_assert_int_eq(meeting_end(db, row, "i-1", &e), 1);
	answered(&m, 1);
	ck_assert_str_eq(state("m"), "ended");
	seen(b1, &m, 1);
	ck_assert_str_eq(state("m"), "living");
}
END_TEST

/* In the air */

static long long
in_the_air(void)
{
	const char		*list[] = { b1, NULL };
	struct place_req	 q = fixture_place(f, "m", list);
	struct placed		 p;

	ck_ok(place(db, &q, a, &p, &e));
	return p.meeting.row;
}

START_TEST(a_placement_is_left_to_its_worker)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	in_the_air();
	seen(b1, &m, 1);
	ck_assert_str_eq(state("m"), "placed");
	seen(b1, NULL, 0);
	seen(b1, NULL, 0);
	ck_assert_str_eq(state("m"), "placed");
}
END_TEST

START_TEST(one_whose_worker_died_is_confirmed_by_its_server)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	in_the_air();
	age();
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT state || ' ' || internal_id || ' '"
	    " || (confirmed_at > now() - interval '1 min') FROM meetings"),
	    "living i-1 true");
}
END_TEST

START_TEST(one_that_was_never_made_goes)
{
	in_the_air();
	age();
	seen(b1, NULL, 0);
	seen(b1, NULL, 0);
	ck_assert_str_eq(state("m"), "ended");
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 0);
}
END_TEST

/* Made anew, adopted */

START_TEST(a_meeting_made_anew_begins_anew)
{
	struct bbb_meeting	 m = listed("enc-m", "i-1");
	struct bbb_attendee	 at[1] = { { .user_id = "u1" } };

	fixture_meeting(f, "m", b1, "i-1");
	m.attendees = at;
	m.participants = m.nattendees = 1;
	seen(b1, &m, 1);
	m = listed("enc-m", "i-2");
	m.create_time += 5000;
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT state || internal_id ||"
	    " participants FROM meetings"), "livingi-20");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM ended_meetings"
	    " WHERE internal_id = 'i-1'"), 1);
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 0);
}
END_TEST

START_TEST(of_two_under_one_id_the_newer_counts)
{
	struct bbb_meeting	m[2] = { listed("enc-m", "i-2"),
				    listed("enc-m", "i-1") };

	fixture_meeting(f, "m", b1, "i-1");
	m[0].create_time += 5000;
	seen(b1, m, 2);
	ck_assert_str_eq(sql_text("SELECT internal_id FROM meetings"),
	    "i-2");
	seen(b1, m, 2);
	ck_assert_str_eq(sql_text("SELECT internal_id FROM meetings"),
	    "i-2");
	ck_assert_uint_eq(ntwins, 0);
}
END_TEST

START_TEST(an_older_one_under_its_id_is_not_the_new_one)
{
	struct bbb_meeting	m = listed("enc-m", "i-0");

	fixture_meeting(f, "m", b1, "i-1");
	m.create_time -= 5000;
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT internal_id FROM meetings"),
	    "i-1");
}
END_TEST

START_TEST(an_id_of_ours_is_adopted)
{
	struct bbb_meeting	m = listed(encoded("lost"), "i-9"), got;

	m.participants = 3;
	m.running = true;
	seen(b1, &m, 1);
	ck_assert_int_eq(meeting_info(db, f, "lost", a, &got, &e), 1);
	ck_assert_str_eq(got.internal_id, "i-9");
	ck_assert_str_eq(got.moderator_pw, "mp");
	ck_assert_int_eq(got.participants, 3);
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM frontend_load"), "1 3");
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM backend_load WHERE backend_id = '%s'", b1), "1 3");
}
END_TEST

START_TEST(an_ended_row_is_adopted_by_another_server)
{
	struct bbb_meeting	m = listed(encoded("m"), "i-2");
	long long		row = fixture_meeting(f, "m", b1, "i-1");

	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	seen(b2, &m, 1);
	ck_assert_str_eq(sql_text("SELECT state || internal_id || (backend_id"
	    " = '%s') || attempt FROM meetings", b2), "livingi-2true2");
}
END_TEST

START_TEST(a_hashed_id_is_known_by_its_row)
{
	char			*id = arena_printf(a, "b3s-%064d", 1);
	struct bbb_meeting	 m = listed(id, "i-2");
	long long		 row = fixture_meeting(f, "m", b1, "i-1");

	sql("UPDATE meetings SET backend_meeting_id = '%s'", id);
	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	seen(b1, &m, 1);
	ck_assert_str_eq(state("m"), "living");
}
END_TEST

START_TEST(what_is_not_ours_is_counted_and_left_alone)
{
	struct bbb_meeting	m[2] = { listed("theirs", "i-8"),
				    listed(bbb_meeting_id_encode(a,
				    "nobody", "x"), "i-9") };

	m[0].participants = 4;
	m[1].participants = 1;
	seen(b1, m, 2);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 0);
	ck_assert_str_eq(sql_text("SELECT base || ' ' || users || ' ' ||"
	    " meetings FROM backend_load WHERE backend_id = '%s'", b1),
	    "5 5 0");
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 0);
}
END_TEST

START_TEST(two_polls_adopt_one_meeting_once)
{
	struct bbb_meeting	m = listed(encoded("m"), "i-1");

	seen(b1, &m, 1);
	m.internal_id = "i-2";
	seen(b2, &m, 1);
	/* Adopted before that answer came: from the next poll on a twin. */
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"
	    " WHERE backend_id = '%s'", b1), 1);
	ck_assert_uint_eq(ntwins, 1);
}
END_TEST

/* Breakout rooms */

static struct bbb_meeting
room(const char *internal)
{
	struct bbb_meeting	m = listed("0123abcd-1732", internal);

	m.is_breakout = true;
	m.parent_internal_id = "i-1";
	m.sequence = 1;
	m.participants = 2;
	m.voices = 2;
	return m;
}

START_TEST(a_breakout_room_belongs_to_its_parents_frontend)
{
	struct bbb_meeting	m[2] = { listed("enc-m", "i-1"),
				    room("r-1") }, got;

	fixture_meeting(f, "m", b1, "i-1");
	m[0].participants = 2;
	seen(b1, m, 2);
	ck_assert_int_eq(meeting_info(db, f, "0123abcd-1732", a, &got, &e),
	    1);
	ck_assert(got.is_breakout);
	ck_assert_str_eq(got.parent_internal_id, "i-1");
	ck_assert_int_eq(got.sequence, 1);
	/* Its people are in the parent: 2 there, and two voices here. */
	ck_assert_str_eq(sql_text("SELECT base || ' ' || users || ' ' ||"
	    " meetings FROM backend_load WHERE backend_id = '%s'", b1),
	    "3 2 2");
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM frontend_load"), "2 2");
}
END_TEST

START_TEST(a_parents_end_ends_its_rooms)
{
	struct bbb_meeting	m[2] = { listed("enc-m", "i-1"),
				    room("r-1") };
	long long		row = fixture_meeting(f, "m", b1, "i-1");

	seen(b1, m, 2);
	ck_assert_int_eq(meeting_end(db, row, "i-1", &e), 1);
	ck_assert_str_eq(state("0123abcd-1732"), "ended");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM ended_meetings"), 2);
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM frontend_load"), "0 0");
	/* The server lists both for some seconds more. */
	age();
	seen(b1, m, 2);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"
	    " WHERE state <> 'ended'"), 0);
}
END_TEST

START_TEST(a_room_of_an_unknown_parent_waits_for_it)
{
	struct bbb_meeting	m[2] = { room("r-1"),
				    listed(encoded("m"), "i-1") };

	seen(b1, m, 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 0);
	seen(b1, m, 2);			/* adopts the parent */
	seen(b1, m, 2);
	ck_assert_str_eq(state("0123abcd-1732"), "living");
}
END_TEST

/* Twins */

START_TEST(a_twin_is_told_until_it_is_gone)
{
	struct bbb_meeting	m = listed(encoded("m"), "i-2");

	fixture_meeting(f, "m", b1, "i-1");
	m.participants = 1;
	seen(b2, &m, 1);
	ck_assert_uint_eq(ntwins, 1);
	ck_assert_str_eq(twins[0].internal_id, "i-2");
	ck_assert_str_eq(twins[0].meeting_id, "m");
	ck_assert(!twins[0].empty);
	ck_assert_str_eq(sql_text("SELECT backend_id = '%s' FROM meetings",
	    b1), "t");
	m.participants = 0;
	seen(b2, &m, 1);
	ck_assert(twins[0].empty);
	seen(b2, NULL, 0);
	ck_assert_uint_eq(ntwins, 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM twins"), 0);
}
END_TEST

START_TEST(an_ended_id_elsewhere_is_no_twin)
{
	struct bbb_meeting	m = listed(encoded("m"), "i-2");
	long long		row = fixture_meeting(f, "m", b2, "i-2");

	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	fixture_meeting(f, "m", b1, "i-1");
	seen(b2, &m, 1);
	ck_assert_uint_eq(ntwins, 0);
}
END_TEST

START_TEST(people_in_a_twin_keep_it_when_its_row_ends)
{
	struct bbb_meeting	m = listed(encoded("m"), "i-2");
	long long		row = fixture_meeting(f, "m", b1, "i-1");

	m.participants = 1;
	seen(b2, &m, 1);
	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	seen(b2, &m, 1);
	ck_assert_uint_eq(ntwins, 0);
	ck_assert_str_eq(sql_text("SELECT state || internal_id"
	    " FROM meetings"), "livingi-2");
}
END_TEST

START_TEST(an_empty_twin_is_not_adopted)
{
	struct bbb_meeting	m = listed(encoded("m"), "i-2");
	long long		row = fixture_meeting(f, "m", b1, "i-1");

	seen(b2, &m, 1);
	ck_assert_int_eq(meeting_end(db, row, NULL, &e), 1);
	seen(b2, &m, 1);
	ck_assert_uint_eq(ntwins, 1);
	ck_assert(twins[0].empty);
	ck_assert_str_eq(state("m"), "ended");
}
END_TEST

/* Load */

START_TEST(what_is_expected_stays_until_it_fades)
{
	struct bbb_meeting	m = listed("enc-m", "i-1");

	fixture_meeting(f, "m", b1, "i-1");		/* expects 15 */
	m.participants = 5;
	sql("UPDATE meetings SET placed_at = now() - interval '15 min'");
	seen(b1, &m, 1);
	ck_assert_double_eq_tol(sql_real("SELECT load FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 10, 0.1);
	ck_assert_double_eq_tol(sql_real("SELECT slope * 1800"
	    " FROM backend_load WHERE backend_id = '%s'", b1), 10, 1e-6);
	ck_assert_double_eq_tol(sql_real("SELECT base FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 5, 1e-9);
	sql("UPDATE meetings SET placed_at = now() - interval '31 min'");
	seen(b1, &m, 1);
	ck_assert_str_eq(sql_text("SELECT load || ' ' || slope"
	    " FROM backend_load WHERE backend_id = '%s'", b1), "5 0");
}
END_TEST

START_TEST(a_server_keeps_what_a_placement_added_meanwhile)
{
	const char		*list[] = { b1, NULL };
	struct place_req	 q = fixture_place(f, "n", list);
	struct placed		 p;

	claim_one(b1);
	ck_ok(place(db2, &q, a, &p, &e));
	answered(NULL, 0);
	ck_assert_double_eq_tol(sql_real("SELECT load FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 15, 0.1);
	ck_assert_int_eq(sql_int("SELECT meetings FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 1);
}
END_TEST

/* Failures */

/* All of them polled and failed, each once more; was there an alarm? */
static bool
fail_all(const char *hosts)
{
	struct poll_claim	*v;
	struct poll_failure	 fail[16];
	size_t			 i, n;
	int			 next;
	bool			 alarm;

	sql("UPDATE backend_health SET lease = NULL, lease_until = NULL,"
	    " next_poll_at = CASE WHEN backend_id IN (SELECT id FROM backends"
	    " WHERE host ~ '%s') THEN now() ELSE now() + interval '1 h' END",
	    hosts);
	ck_ok(poll_claim(db, &opts, a, &v, &n, &next, &e));
	for (i = 0; i < n; i++) {
		fail[i].claim = &v[i];
		fail[i].error = "no \"answer\" \\ in {time}";
	}
	ck_ok(poll_failed(db, &opts, fail, n, &alarm, &e));
	return alarm;
}

static long long
failed_now(void)
{
	return sql_int("SELECT count(*) FROM backends"
	    " WHERE node_state = 'error'");
}

START_TEST(two_failed_polls_make_a_server_failed)
{
	ck_assert(!fail_all("//a/"));
	ck_assert_int_eq(failed_now(), 0);
	ck_assert_str_eq(sql_text("SELECT round(extract(epoch FROM"
	    " next_poll_at - now())) FROM backend_health"
	    " WHERE backend_id = '%s'", b1), "10");
	ck_assert(!fail_all("//a/"));
	ck_assert_int_eq(failed_now(), 1);
	ck_assert_str_eq(sql_text("SELECT last_error FROM backends"
	    " WHERE id = '%s'", b1), "no \"answer\" \\ in {time}");
	ck_assert_str_eq(sql_text("SELECT round(extract(epoch FROM"
	    " next_poll_at - now())) || (lease IS NULL)::text"
	    " FROM backend_health WHERE backend_id = '%s'", b1), "30true");
}
END_TEST

START_TEST(a_success_between_forgives)
{
	fail_all("//a/");
	seen(b1, NULL, 0);
	fail_all("//a/");
	ck_assert_int_eq(failed_now(), 0);
}
END_TEST

START_TEST(up_to_three_servers_may_all_fail)
{
	fixture_backend("c");
	fail_all(".");
	ck_assert(!fail_all("."));
	ck_assert_int_eq(failed_now(), 3);
}
END_TEST

START_TEST(more_than_half_at_once_is_our_own_fault)
{
	fixture_backend("c");
	fixture_backend("d");
	fixture_backend("e");
	ck_assert(fail_all("//[abc]/"));
	ck_assert(fail_all("//[abc]/"));
	ck_assert(fail_all("//[abc]/"));
	ck_assert_int_eq(failed_now(), 0);
	/* One of them answers: two of five are no more than half. */
	seen(b1, NULL, 0);
	ck_assert(!fail_all("//[bc]/"));
	ck_assert_int_eq(failed_now(), 2);
}
END_TEST

START_TEST(half_is_not_more_than_half)
{
	fixture_backend("c");
	fixture_backend("d");
	fail_all("//[ab]/");
	ck_assert(!fail_all("//[ab]/"));
	ck_assert_int_eq(failed_now(), 2);
}
END_TEST

START_TEST(those_that_had_failed_before_do_not_count)
{
	fixture_backend("c");
	fixture_backend("d");
	fail_all("//[ab]/");
	fail_all("//[ab]/");
	/* Two more: with the first two they would be all. */
	fail_all("//[cd]/");
	ck_assert(!fail_all("//[cd]/"));
	ck_assert_int_eq(failed_now(), 4);
}
END_TEST

START_TEST(calls_count_like_polls)
{
	fixture_backend("c");
	fixture_backend("d");
	fail_all("//[ab]/");
	fail_all("//c/");
	ck_assert_int_eq(failed_now(), 0);
	ck_ok(backend_call_failed(db, b1, "refused", &e));
	ck_assert_int_eq(failed_now(), 0);
	ck_assert_int_eq(sql_int("SELECT failures FROM backend_health"
	    " WHERE backend_id = '%s'", b1), 2);
}
END_TEST

START_TEST(a_lost_lease_records_no_failure)
{
	struct poll_failure	fail = { &claim, "timed out" };
	bool			alarm;

	claim_one(b1);
	claim.lease = arena_strdup(a, b2);
	ck_ok(poll_failed(db, &opts, &fail, 1, &alarm, &e));
	ck_assert_int_eq(sql_int("SELECT failures FROM backend_health"
	    " WHERE backend_id = '%s'", b1), 0);
}
END_TEST

/* Size */

START_TEST(a_large_answer_takes_one_statement_and_little_time)
{
	static struct bbb_meeting	m[40];
	static struct bbb_attendee	at[40][20];
	unsigned long			before;
	int64_t				began;

	for (int i = 0; i < 40; i++) {
		m[i] = listed(encoded(arena_printf(a, "m%d", i)),
		    arena_printf(a, "i-%d", i));
		for (int k = 0; k < 20; k++)
			at[i][k] = (struct bbb_attendee){ .user_id =
			    arena_printf(a, "u%d", k), .full_name = "Ada" };
		m[i].attendees = at[i];
		m[i].participants = m[i].nattendees = 20;
	}
	seen(b1, m, 40);
	claim_one(b1);
	for (int i = 0; i < 40; i++)
		at[i][3].has_video = true;
	before = db_statements(db);
	began = clock_mono_ms();
	answered(m, 40);
	ck_assert_int_lt(clock_mono_ms() - began, 2000);
	ck_assert_uint_eq(db_statements(db) - before, 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"
	    " WHERE has_video"), 40);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 800);
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 800);
}
END_TEST

static TCase *
group(Suite *s, const char *name)
{
	TCase	*tc = fixture_case(s, name);

	tcase_add_checked_fixture(tc, cluster, NULL);
	return tc;
}

static void
add_claims(Suite *s)
{
	TCase	*tc = group(s, "claims");

	tcase_add_test(tc, each_due_server_is_claimed_once);
	tcase_add_test(tc, a_claim_held_by_another_job_is_passed_over);
	tcase_add_test(tc, a_lease_ends);
	tcase_add_test(tc, decommissioned_servers_are_left_alone);
	tcase_add_test(tc,
	    decommissioned_servers_are_asked_while_they_have_meetings);
	tcase_add_test(tc, nothing_to_poll_waits_an_interval);
}

static void
add_answers(Suite *s)
{
	TCase	*tc = group(s, "answers");

	tcase_add_test(tc, an_answer_makes_a_server_ready);
	tcase_add_test(tc, an_answer_brings_a_meeting_up_to_date);
	tcase_add_test(tc, the_same_answer_again_writes_no_meeting);
	tcase_add_test(tc, only_attendees_that_changed_are_written);
	tcase_add_test(tc, a_session_that_an_event_named_stays);
	tcase_add_test(tc, texts_that_are_no_utf8_are_cleaned);
	tcase_add_test(tc, numbers_out_of_range_are_cut);
	tcase_add_test(tc, passwords_that_a_server_hides_stay);
	tcase_add_test(tc, a_large_answer_takes_one_statement_and_little_time);
}

static void
add_absence(Suite *s)
{
	TCase	*tc = group(s, "absence and time");

	tcase_add_test(tc, absent_twice_in_a_row_ends_it);
	tcase_add_test(tc, present_between_counts_anew);
	tcase_add_test(tc, absence_counts_after_the_grace_period_only);
	tcase_add_test(tc, another_servers_answer_says_nothing);
	tcase_add_test(tc, a_failed_poll_changes_no_meeting);
	tcase_add_test(tc, an_unreadable_answer_means_alive_and_no_more);
	tcase_add_test(tc, an_answer_from_before_the_confirm_is_ignored);
	tcase_add_test(tc, an_answer_from_before_the_end_is_ignored);
	tcase_add_test(tc, a_placement_is_left_to_its_worker);
	tcase_add_test(tc, one_whose_worker_died_is_confirmed_by_its_server);
	tcase_add_test(tc, one_that_was_never_made_goes);
}

static void
add_adoption(Suite *s)
{
	TCase	*tc = group(s, "made anew, adopted, twins");

	tcase_add_test(tc, a_meeting_made_anew_begins_anew);
	tcase_add_test(tc, of_two_under_one_id_the_newer_counts);
	tcase_add_test(tc, an_older_one_under_its_id_is_not_the_new_one);
	tcase_add_test(tc, an_id_of_ours_is_adopted);
	tcase_add_test(tc, an_ended_row_is_adopted_by_another_server);
	tcase_add_test(tc, a_hashed_id_is_known_by_its_row);
	tcase_add_test(tc, what_is_not_ours_is_counted_and_left_alone);
	tcase_add_test(tc, two_polls_adopt_one_meeting_once);
	tcase_add_test(tc, a_breakout_room_belongs_to_its_parents_frontend);
	tcase_add_test(tc, a_parents_end_ends_its_rooms);
	tcase_add_test(tc, a_room_of_an_unknown_parent_waits_for_it);
	tcase_add_test(tc, a_twin_is_told_until_it_is_gone);
	tcase_add_test(tc, an_ended_id_elsewhere_is_no_twin);
	tcase_add_test(tc, people_in_a_twin_keep_it_when_its_row_ends);
	tcase_add_test(tc, an_empty_twin_is_not_adopted);
}

static void
add_failures(Suite *s)
{
	TCase	*tc = group(s, "load and failures");

	tcase_add_test(tc, what_is_expected_stays_until_it_fades);
	tcase_add_test(tc, a_server_keeps_what_a_placement_added_meanwhile);
	tcase_add_test(tc, two_failed_polls_make_a_server_failed);
	tcase_add_test(tc, a_success_between_forgives);
	tcase_add_test(tc, up_to_three_servers_may_all_fail);
	tcase_add_test(tc, more_than_half_at_once_is_our_own_fault);
	tcase_add_test(tc, half_is_not_more_than_half);
	tcase_add_test(tc, those_that_had_failed_before_do_not_count);
	tcase_add_test(tc, calls_count_like_polls);
	tcase_add_test(tc, a_lost_lease_records_no_failure);
}

int
main(void)
{
	Suite	*s = suite_create("poll");

	add_claims(s);
	add_answers(s);
	add_absence(s);
	add_adoption(s);
	add_failures(s);
	return fixture_main(s);
}
