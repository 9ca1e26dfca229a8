/*
 * Events of agents: each rule of what they change, and what they leave alone.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "fixture.h"
#include "proto/bbb.h"
#include "store/events.h"
#include "store/meeting.h"
#include "store/poll.h"

#define M1 "aaaa-1731999600123"
#define M2 "bbbb-1731999600123"

static const struct poll_opts opts = { .interval_ms = 10000,
    .retry_ms = 30000, .lease_ms = 15000, .grace_ms = 60000, .fade_s = 1800,
    .weight_voice = 0.5, .weight_video = 2 };

static char		*f, *b1, *b2;
static long long	 seq;

static void
cluster(void)
{
	f = fixture_frontend("f");
	b1 = fixture_backend("a");
	b2 = fixture_backend("b");
	sql("UPDATE backends SET agent_ref = 'agent-' || left(split_part("
	    "host, '/', 3), 1)");
	seq = 0;
}

static struct events_result
batch_of(const char *agent, long long epoch, long long n,
    const struct event *v, size_t len, const struct events_snapshot *s)
{
	struct event_batch	b = { .epoch = epoch, .seq = n, .events = v,
	    .n = len };
	struct events_result	r;

	ck_ok(events_batch(db, &opts, agent, &b, s, a, &r, &e));
	return r;
}

/* Begins the stream: an empty server. */
static void
hello(void)
{
	struct events_snapshot	s = { .age_ms = 120000 };

	seq = 1;
	ck_assert_int_eq(batch_of("agent-a", 1, 1, NULL, 0, &s).verdict,
	    EVENTS_APPLIED);
}

static void
tell(const struct event *v, size_t n)
{
	ck_assert_int_eq(batch_of("agent-a", 1, ++seq, v, n, NULL).verdict,
	    EVENTS_APPLIED);
}

static struct event
of(enum event_kind kind, const char *meeting, const char *user)
{
	struct event	ev = { .kind = kind, .at_ms = 1731999600123 + seq,
	    .meeting = meeting, .ext_id = "", .name = "", .parent = "",
	    .user = user, .role = "", .client = "", .stream = "" };

	return ev;
}

/* The external id is the internal one without its first letter. */
static struct event
join_of(const char *meeting, const char *user, const char *role)
{
	struct event	ev = of(EVENT_JOINED, meeting, user);

	ev.ext_id = user + 1;
	ev.name = arena_printf(a, "Name of %s", user);
	ev.role = role;
	ev.client = "HTML5";
	return ev;
}

static void
joined(const char *meeting, const char *user)
{
	struct event	ev = join_of(meeting, user, "VIEWER");

	tell(&ev, 1);
}

static void
happened(enum event_kind kind, const char *meeting, const char *user)
{
	struct event	ev = of(kind, meeting, user);

	tell(&ev, 1);
}

static long long
living(const char *meeting, const char *internal_id)
{
	return fixture_meeting(f, meeting, b1, internal_id);
}

/* "participants moderators listeners voices videos" and if it runs. */
static char *
counts(const char *internal_id)
{
	return sql_text("SELECT concat_ws(' ', participants, moderators,"
	    " listeners, voices, videos, running) FROM meetings"
	    " WHERE internal_id = '%s'", internal_id);
}

static char *
people(const char *internal_id)
{
	return sql_text("SELECT string_agg(a.session, ' ' ORDER BY a.session)"
	    " FROM attendees a JOIN meetings m ON m.id = a.meeting"
	    " WHERE m.internal_id = '%s'", internal_id);
}

static struct bbb_meeting
listed(const char *meeting, const char *internal)
{
	struct bbb_meeting	m = { .name = "Room",
	    .meeting_id = bbb_meeting_id_encode(a, "f", meeting),
	    .internal_id = internal, .create_time = 1731999600123 };

	return m;
}

static void
list_people(struct bbb_meeting *m, size_t n, const char *const *user_ids)
{
	size_t	i;

	m->attendees = arena_zalloc(a, n, sizeof(*m->attendees));
	m->nattendees = n;
	m->participants = (long long)n;
	m->running = n > 0;
	for (i = 0; i < n; i++) {
		m->attendees[i].user_id = user_ids[i];
		m->attendees[i].full_name = arena_printf(a, "Name of w%s",
		    user_ids[i]);
		m->attendees[i].role = "VIEWER";
	}
}

static void
snapshot(const struct bbb_meeting *m, size_t n, long long age_ms)
{
	struct events_snapshot	s = { .meetings = m, .n = n,
	    .age_ms = age_ms };

	ck_assert_int_eq(batch_of("agent-a", 1, ++seq, NULL, 0, &s).verdict,
	    EVENTS_APPLIED);
}

static void
polled(const char *backend, const struct bbb_meeting *m, size_t n)
{
	struct poll_claim	*v;
	struct poll_twin	*twins;
	size_t			 k;
	int			 next;

	sql("UPDATE backend_health SET next_poll_at ="
	    " CASE backend_id WHEN '%s' THEN now()"
	    " ELSE now() + interval '1 hour' END, lease = NULL,"
	    " lease_until = NULL", backend);
	ck_ok(poll_claim(db, &opts, a, &v, &k, &next, &e));
	ck_assert_uint_eq(k, 1);
	ck_ok(poll_seen(db, &opts, &v[0], m, n, 5, a, &twins, &k, &e));
}

/* The stream */

START_TEST(a_batch_of_an_unknown_agent_changes_nothing)
{
	struct event	ev = join_of(M1, "wu", "VIEWER");

	living("m", M1);
	ck_assert_int_eq(batch_of("nobody", 1, 1, &ev, 1, NULL).verdict,
	    EVENTS_UNKNOWN);
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM agent_streams"), 0);
}
END_TEST

START_TEST(a_stream_begins_with_a_snapshot)
{
	struct event		 ev = join_of(M1, "wu", "VIEWER");
	struct events_result	 r;

	living("m", M1);
	r = batch_of("agent-a", 7, 1, &ev, 1, NULL);
	ck_assert_int_eq(r.verdict, EVENTS_GAP);
	ck_assert_int_eq(r.epoch, 0);
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
}
END_TEST

START_TEST(a_batch_that_comes_twice_counts_once)
{
	struct event	ev[] = { join_of(M1, "wu", "VIEWER"),
			    of(EVENT_LEFT, M1, "wv") };

	living("m", M1);
	hello();
	joined(M1, "wv");
	tell(ev, 2);
	joined(M1, "wv");
	sql("DELETE FROM left_sessions");
	ck_assert_int_eq(batch_of("agent-a", 1, seq - 1, ev, 2,
	    NULL).verdict, EVENTS_DUPLICATE);
	ck_assert_str_eq(people(M1), "wu wv");
}
END_TEST

START_TEST(after_a_gap_nothing_counts_until_a_snapshot)
{
	struct event		 ev = join_of(M1, "wu", "VIEWER");
	struct events_snapshot	 s = { .age_ms = 0 };
	struct events_result	 r;

	living("m", M1);
	hello();
	r = batch_of("agent-a", 1, 3, &ev, 1, NULL);
	ck_assert_int_eq(r.verdict, EVENTS_GAP);
	ck_assert_int_eq(r.epoch, 1);
	ck_assert_ptr_null(people(M1));
	ck_assert_int_eq(batch_of("agent-a", 1, 4, &ev, 1, &s).verdict,
	    EVENTS_APPLIED);
	ck_assert_str_eq(people(M1), "wu");
}
END_TEST

START_TEST(what_an_earlier_life_sent_is_refused)
{
	struct event		 ev = join_of(M1, "wu", "VIEWER");
	struct events_snapshot	 s = { .age_ms = 0 };
	struct events_result	 r;

	living("m", M1);
	hello();
	ck_assert_int_eq(batch_of("agent-a", 9, 1, NULL, 0, &s).verdict,
	    EVENTS_APPLIED);
	r = batch_of("agent-a", 1, 2, &ev, 1, &s);
	ck_assert_int_eq(r.verdict, EVENTS_GAP);
	ck_assert_int_eq(r.epoch, 9);
	ck_assert_ptr_null(people(M1));
}
END_TEST

START_TEST(an_agent_speaks_for_its_own_server_only)
{
	living("m", M1);
	hello();
	sql("UPDATE backends SET agent_ref = NULL;"
	    "UPDATE backends SET agent_ref = 'agent-a' WHERE id = '%s'", b2);
	hello();
	joined(M1, "wu");
	happened(EVENT_ENDED, M1, "");
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "living");
}
END_TEST

START_TEST(the_commit_does_not_wait_for_the_disk)
{
	living("m", M1);
	hello();
	sql("CREATE OR REPLACE FUNCTION seen_commit() RETURNS trigger"
	    " LANGUAGE plpgsql AS $$BEGIN"
	    " IF current_setting('synchronous_commit') <> 'off' THEN"
	    "  RAISE 'it waits'; END IF; RETURN NULL; END$$;"
	    "CREATE CONSTRAINT TRIGGER seen_commit AFTER INSERT ON attendees"
	    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
	    " EXECUTE FUNCTION seen_commit()");
	joined(M1, "wu");
	sql("DROP TRIGGER seen_commit ON attendees");
	ck_assert_str_eq(people(M1), "wu");
}
END_TEST

/* People */

START_TEST(a_join_counts_once)
{
	living("m", M1);
	hello();
	joined(M1, "wu");
	joined(M1, "wu");
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
	ck_assert_str_eq(sql_text("SELECT concat_ws(' ', user_id, full_name,"
	    " role, client_type) FROM attendees"),
	    "u Name of wu VIEWER HTML5");
	ck_assert(sql_true("SELECT has_user_joined FROM meetings"));
}
END_TEST

START_TEST(two_sessions_of_one_user_are_two)
{
	struct event	ev = join_of(M1, "wu", "MODERATOR");

	living("m", M1);
	hello();
	tell(&ev, 1);
	ev.user = "xu";
	tell(&ev, 1);
	ck_assert_str_eq(counts(M1), "2 2 0 0 0 t");
}
END_TEST

START_TEST(who_leaves_takes_all_with_him)
{
	struct event	ev[] = { join_of(M1, "wu", "MODERATOR"),
			    of(EVENT_VOICE_JOINED, M1, "wu"),
			    of(EVENT_CAM_STARTED, M1, "wu") };

	living("m", M1);
	hello();
	ev[2].stream = "s1";
	tell(ev, 3);
	ck_assert_str_eq(counts(M1), "1 1 0 1 1 t");
	happened(EVENT_LEFT, M1, "wu");
	happened(EVENT_LEFT, M1, "wu");
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert(sql_true("SELECT has_user_joined AND end_time IS NOT NULL"
	    " FROM meetings"));
}
END_TEST

START_TEST(a_join_that_was_before_the_leave_is_late)
{
	struct event	in = join_of(M1, "wu", "VIEWER");
	struct event	out = of(EVENT_LEFT, M1, "wu");

	living("m", M1);
	hello();
	out.at_ms = in.at_ms + 20;
	tell(&out, 1);
	tell(&in, 1);
	tell(&in, 1);
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	in.at_ms = out.at_ms + 1;
	tell(&in, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
}
END_TEST

START_TEST(of_two_without_times_the_leave_was_later)
{
	struct event	in = join_of(M1, "wu", "VIEWER");
	struct event	out = of(EVENT_LEFT, M1, "wu");

	living("m", M1);
	hello();
	in.at_ms = out.at_ms = 0;
	tell(&out, 1);
	tell(&in, 1);
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	sql("UPDATE left_sessions SET noted_at = now() - interval '16 s'");
	tell(&in, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
	tell(&out, 1);
	tell(&in, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
}
END_TEST

START_TEST(twenty_joins_at_once_are_twenty_people)
{
	struct event	ev[20];
	int		i;

	living("m", M1);
	hello();
	for (i = 0; i < 20; i++)
		ev[i] = join_of(M1, arena_printf(a, "w%d", i), "VIEWER");
	tell(ev, 20);
	ck_assert_str_eq(counts(M1), "20 0 0 0 0 t");
	ck_assert_int_eq(sql_int("SELECT users FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 20);
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 20);
}
END_TEST

static void *
join_beside(void *ctx)
{
	struct arena		*own = arena_new();
	struct db		*conn = fixture_db(NULL, 10000);
	struct events_rpc	 rpc = { .call = EVENTS_JOINED,
	    .internal_id = M1, .user = ctx,
	    .attendee = { .user_id = ctx, .role = "VIEWER" } };
	struct events_result	 r;
	struct err		 err = ERR_INIT;
	int			 rc;

	rc = db_open(conn, 10000, &err);
	if (rc == 0)
		rc = events_rpc(conn, &opts, "agent-a", &rpc, own, &r, &err);
	db_free(conn);
	arena_free(own);
	return rc == 0 ? ctx : NULL;
}

START_TEST(none_of_twenty_joins_beside_each_other_is_lost)
{
	pthread_t	 t[20];
	void		*done;
	int		 i;

	living("m", M1);
	for (i = 0; i < 20; i++)
		ck_assert_int_eq(pthread_create(&t[i], NULL, join_beside,
		    arena_printf(a, "w%d", i)), 0);
	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(pthread_join(t[i], &done), 0);
		ck_assert_ptr_nonnull(done);
	}
	ck_assert_str_eq(counts(M1), "20 0 0 0 0 t");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 20);
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 20);
}
END_TEST

START_TEST(one_voice_replaces_the_other)
{
	struct event	ev = of(EVENT_VOICE_JOINED, M1, "wu");

	living("m", M1);
	hello();
	joined(M1, "wu");
	tell(&ev, 1);
	tell(&ev, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 1 0 t");
	ev.listen_only = true;
	tell(&ev, 1);
	ck_assert_str_eq(counts(M1), "1 0 1 0 0 t");
	happened(EVENT_VOICE_LEFT, M1, "wu");
	happened(EVENT_VOICE_LEFT, M1, "nobody");
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
}
END_TEST

START_TEST(a_phone_is_there_by_its_voice)
{
	struct event	ev = of(EVENT_VOICE_JOINED, M1, "v_13");

	living("m", M1);
	hello();
	ev.name = "Phone";
	tell(&ev, 1);
	tell(&ev, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 1 0 t");
	ck_assert_str_eq(sql_text("SELECT concat_ws(' ', user_id, full_name,"
	    " role, client_type) FROM attendees"),
	    "v_13 Phone DIAL-IN-USER DIAL-IN");
	happened(EVENT_VOICE_LEFT, M1, "v_13");
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
}
END_TEST

START_TEST(cameras_are_counted_by_their_streams)
{
	struct event	on = of(EVENT_CAM_STARTED, M1, "wu");
	struct event	off = of(EVENT_CAM_STOPPED, M1, "wu");

	living("m", M1);
	hello();
	joined(M1, "wu");
	off.stream = on.stream = "s1";
	tell(&off, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
	tell(&on, 1);
	tell(&on, 1);
	on.stream = "s2";
	tell(&on, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 2 t");
	tell(&off, 1);
	tell(&off, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 1 t");
	off.stream = "s2";
	tell(&off, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
	ck_assert(sql_true("SELECT NOT has_video FROM attendees"));
}
END_TEST

START_TEST(a_camera_that_only_a_poll_saw_stops)
{
	struct bbb_meeting	m = listed("m", M1);
	struct event		ev = of(EVENT_CAM_STOPPED, M1, "wu");

	living("m", M1);
	hello();
	sql("UPDATE meetings SET confirmed_at = now() - interval '5 min',"
	    " placed_at = now() - interval '5 min'");
	list_people(&m, 1, (const char *const []){ "u" });
	m.attendees[0].has_video = true;
	m.videos = 1;
	polled(b1, &m, 1);
	joined(M1, "wu");
	ck_assert_str_eq(counts(M1), "1 0 0 0 1 t");
	ev.stream = "s1";
	tell(&ev, 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
}
END_TEST

START_TEST(presenters_and_roles_follow)
{
	struct event	ev = of(EVENT_PRESENTER, M1, "wu");
	struct event	role = of(EVENT_ROLE, M1, "wu");

	living("m", M1);
	hello();
	joined(M1, "wu");
	ev.on = true;
	tell(&ev, 1);
	tell(&ev, 1);
	ck_assert(sql_true("SELECT is_presenter FROM attendees"));
	role.role = "MODERATOR";
	tell(&role, 1);
	ck_assert_str_eq(counts(M1), "1 1 0 0 0 t");
	ev.on = false;
	tell(&ev, 1);
	ck_assert(sql_true("SELECT NOT is_presenter FROM attendees"));
	role.user = "nobody";
	tell(&role, 1);
	ck_assert_str_eq(counts(M1), "1 1 0 0 0 t");
}
END_TEST

START_TEST(recordings_and_screens_change_nothing_that_is_shown)
{
	enum event_kind	kinds[] = { EVENT_RECORDING, EVENT_SCREENSHARE,
			    EVENT_GUESTS_WAITING, EVENT_CREATED };
	size_t		i;

	living("m", M1);
	hello();
	sql("UPDATE meetings SET poll_digest = 'kept'");
	for (i = 0; i < 4; i++)
		happened(kinds[i], M1, "");
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert_str_eq(sql_text("SELECT poll_digest FROM meetings"),
	    "kept");
}
END_TEST

START_TEST(a_session_that_only_polls_name_is_refused)
{
	living("m", M1);
	hello();
	joined(M1, "#1");
	ck_assert_ptr_null(people(M1));
}
END_TEST

START_TEST(a_state_replaces_all_but_phones)
{
	struct event_user	users[] = { { "wa", "Name of wa", "MODERATOR" },
				    { "wb", "Name of wb", "VIEWER" } };
	struct event_cam	cams[] = { { "wa", "s1" }, { "wa", "s2" } };
	struct event		ev = of(EVENT_STATE, M1, "");
	struct event		phone = of(EVENT_VOICE_JOINED, M1, "v_1");

	living("m", M1);
	hello();
	joined(M1, "wa");
	joined(M1, "wgone");
	tell(&phone, 1);
	ev.users = users;
	ev.nusers = 2;
	ev.cams = cams;
	ev.ncams = 2;
	tell(&ev, 1);
	tell(&ev, 1);
	ck_assert_str_eq(people(M1), "v_1 wa wb");
	ck_assert_str_eq(counts(M1), "3 1 0 1 2 t");
}
END_TEST

START_TEST(a_state_gives_names_to_those_whom_polls_saw)
{
	struct bbb_meeting	m = listed("m", M1);
	struct event_user	users[] = { { "w2", "Name of wy", "VIEWER" },
				    { "w1", "Name of wx", "VIEWER" } };
	struct event		ev = of(EVENT_STATE, M1, "");

	living("m", M1);
	hello();
	list_people(&m, 2, (const char *const []){ "x", "y" });
	snapshot(&m, 1, 0);
	ck_assert_str_eq(people(M1), "#1 #1");
	ev.users = users;
	ev.nusers = 2;
	tell(&ev, 1);
	ck_assert_str_eq(sql_text("SELECT string_agg(user_id || ' ' ||"
	    " session, ', ' ORDER BY user_id) FROM attendees"),
	    "x w1, y w2");
}
END_TEST

/* Meetings */

/* Places a meeting and returns what confirms it. */
static struct meeting_created
placed(const char *meeting, const char *internal_id)
{
	const char		*list[] = { b1, NULL };
	struct place_req	 q = fixture_place(f, meeting, list);
	struct meeting_created	 c = { .internal_id = internal_id,
	    .create_time = 1731999600123, .create_date = "Tue Nov 19",
	    .attendee_pw = "ap", .moderator_pw = "mp",
	    .voice_bridge = "70001", .dial_number = "613" };
	struct placed		 p;

	ck_ok(place(db, &q, a, &p, &e));
	c.row = p.meeting.row;
	c.attempt = p.meeting.attempt;
	return c;
}

START_TEST(a_join_before_the_create_reply_counts_with_it)
{
	struct meeting_created	c;

	hello();
	c = placed("m", M1);
	joined(M1, "wu");
	ck_assert_ptr_null(counts(M1));
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
	ck_assert_int_eq(sql_int("SELECT users FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 1);
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM early_events"), 0);
}
END_TEST

START_TEST(an_end_before_the_create_reply_ends_it)
{
	struct meeting_created	c;

	hello();
	c = placed("m", M1);
	joined(M1, "wu");
	happened(EVENT_ENDED, M1, "");
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "ended");
	ck_assert_int_eq(sql_int("SELECT meetings FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 0);
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 0);
}
END_TEST

START_TEST(what_slipped_by_a_confirm_is_taken_up_later)
{
	struct events_heartbeat	h;

	hello();
	joined(M1, "wu");
	joined(M1, "wv");
	sql("ALTER TABLE meetings DISABLE TRIGGER e_early_events");
	living("m", M1);
	sql("ALTER TABLE meetings ENABLE TRIGGER e_early_events");
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert_int_eq(events_heartbeat(db, &opts, "agent-a", -1, NULL, a,
	    &h, &e), 1);
	ck_assert_str_eq(people(M1), "wu wv");
}
END_TEST

START_TEST(what_no_row_ever_asked_for_is_forgotten)
{
	hello();
	joined(M1, "wu");
	sql("UPDATE early_events SET heard_at = now() - interval '61 s'");
	joined(M2, "wu");
	ck_assert_str_eq(sql_text("SELECT internal_id FROM early_events"),
	    M2);
}
END_TEST

START_TEST(an_end_empties_it_and_what_follows_is_ignored)
{
	struct event	ev[] = { of(EVENT_ENDED, M1, ""),
			    join_of(M1, "wv", "VIEWER"),
			    of(EVENT_DESTROYED, M1, "") };

	living("m", M1);
	hello();
	joined(M1, "wu");
	tell(ev, 3);
	tell(&ev[1], 1);
	tell(&ev[2], 1);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "ended");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM attendees"), 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM early_events"), 0);
	ck_assert_int_eq(sql_int("SELECT users + meetings FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 0);
	ck_assert_int_eq(sql_int("SELECT users + meetings"
	    " FROM frontend_load"), 0);
}
END_TEST

START_TEST(a_destroy_without_an_end_ends_it)
{
	living("m", M1);
	hello();
	happened(EVENT_DESTROYED, M1, "");
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "ended");
	ck_assert_str_eq(sql_text("SELECT internal_id FROM ended_meetings"),
	    M1);
}
END_TEST

START_TEST(the_old_ones_destroy_spares_the_new_one)
{
	living("m", M1);
	hello();
	joined(M1, "wu");
	happened(EVENT_ENDED, M1, "");
	living("m", M2);
	joined(M2, "wv");
	happened(EVENT_DESTROYED, M1, "");
	joined(M1, "wx");
	ck_assert_str_eq(people(M2), "wv");
	ck_assert_str_eq(counts(M2), "1 0 0 0 0 t");
}
END_TEST

START_TEST(one_made_anew_begins_empty)
{
	struct meeting_created	c = { .internal_id = M2, .attempt = 1,
	    .create_time = 1731999700123, .create_date = "",
	    .attendee_pw = "", .moderator_pw = "", .voice_bridge = "",
	    .dial_number = "" };

	c.row = living("m", M1);
	hello();
	joined(M1, "wu");
	joined(M2, "wv");
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	ck_assert_str_eq(people(M2), "wv");
	ck_assert_str_eq(counts(M2), "1 0 0 0 0 t");
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 1);
	happened(EVENT_ENDED, M1, "");
	ck_assert_str_eq(counts(M2), "1 0 0 0 0 t");
}
END_TEST

START_TEST(a_breakout_room_is_there_at_once)
{
	struct event	ev[] = { of(EVENT_CREATED, M2, ""),
			    join_of(M2, "wu", "VIEWER") };

	living("m", M1);
	hello();
	ev[0].parent = M1;
	ev[0].ext_id = "room-1";
	ev[0].name = "Room 1";
	ev[0].sequence = 1;
	ev[0].created_ms = 1731999601000;
	tell(ev, 2);
	ck_assert_str_eq(counts(M2), "1 0 0 0 0 t");
	ck_assert(sql_true("SELECT is_breakout AND sequence = 1 AND"
	    " frontend_id = '%s' AND parent_internal_id = '%s' AND"
	    " meeting_id = 'room-1' AND name = 'Room 1' AND cost = 0"
	    " FROM meetings WHERE internal_id = '%s'", f, M1, M2));
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 0);
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 2);
	tell(ev, 2);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 2);
}
END_TEST

START_TEST(a_room_of_a_stranger_is_none_of_ours)
{
	struct event	ev = of(EVENT_CREATED, M2, "");

	hello();
	ev.parent = M1;
	ev.ext_id = "room-1";
	tell(&ev, 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 0);
}
END_TEST

START_TEST(only_a_flip_of_running_tells_the_replicas)
{
	char	*payload;
	int	 n = 0;

	living("m", M1);
	hello();
	ck_ok(db_open(db2, 10000, &e));
	rows_free(db_run(db2, STMT_LISTEN, &e));
	joined(M1, "wu");
	joined(M1, "wv");
	happened(EVENT_VOICE_JOINED, M1, "wu");
	happened(EVENT_LEFT, M1, "wu");
	happened(EVENT_LEFT, M1, "wv");
	happened(EVENT_LEFT, M1, "wv");
	rows_free(db_run(db2, STMT_EPOCH, &e));
	while (db_notice(db2, a, &payload) == 1) {
		n++;
		ck_assert_msg(strncmp(payload, "[\"meeting\", ", 12) == 0,
		    "%s", payload);
	}
	ck_assert_int_eq(n, 2);
}
END_TEST

START_TEST(a_batch_renews_its_own_servers_load_only)
{
	const char	*list[] = { b2, NULL };
	struct place_req q = fixture_place(f, "other", list);
	struct placed	 p;
	char		*before;

	living("m", M1);
	hello();
	ck_ok(place(db, &q, a, &p, &e));
	before = sql_text("SELECT l::text FROM backend_load l"
	    " WHERE backend_id = '%s'", b2);
	joined(M1, "wu");
	ck_assert_str_eq(sql_text("SELECT l::text FROM backend_load l"
	    " WHERE backend_id = '%s'", b2), before);
	ck_assert_double_eq(sql_real("SELECT base FROM backend_load"
	    " WHERE backend_id = '%s'", b1), 1);
}
END_TEST

/* Snapshots and polls */

START_TEST(a_snapshot_is_a_poll)
{
	struct bbb_meeting	m[] = { listed("m", M1), listed("new", M2) };

	living("m", M1);
	hello();
	list_people(&m[0], 2, (const char *const []){ "u", "v" });
	snapshot(m, 2, 0);
	ck_assert_str_eq(counts(M1), "2 0 0 0 0 t");
	ck_assert_str_eq(sql_text("SELECT meeting_id FROM meetings"
	    " WHERE internal_id = '%s' AND state = 'living'", M2), "new");
	ck_assert_int_eq(sql_int("SELECT users FROM frontend_load"), 2);
}
END_TEST

START_TEST(an_illegible_snapshot_begins_a_stream_and_says_nothing)
{
	struct events_snapshot	s = { .illegible = true };

	living("m", M1);
	sql("UPDATE meetings SET confirmed_at = now() - interval '2 min',"
	    " placed_at = now() - interval '2 min'");
	ck_assert_int_eq(batch_of("agent-a", 3, 1, NULL, 0, &s).verdict,
	    EVENTS_APPLIED);
	ck_assert_int_eq(batch_of("agent-a", 3, 2, NULL, 0, &s).verdict,
	    EVENTS_APPLIED);
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert_int_eq(sql_int("SELECT epoch FROM agent_streams"), 3);
}
END_TEST

START_TEST(two_snapshots_without_it_end_a_meeting)
{
	living("m", M1);
	hello();
	sql("UPDATE meetings SET confirmed_at = now() - interval '2 min',"
	    " placed_at = now() - interval '2 min'");
	snapshot(NULL, 0, 0);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "living");
	snapshot(NULL, 0, 0);
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "ended");
}
END_TEST

START_TEST(a_join_heard_after_a_poll_saw_him_is_the_same)
{
	struct bbb_meeting	m = listed("m", M1);

	living("m", M1);
	hello();
	list_people(&m, 1, (const char *const []){ "u" });
	snapshot(&m, 1, 0);
	joined(M1, "wu");
	ck_assert_str_eq(people(M1), "wu");
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
}
END_TEST

START_TEST(a_second_session_of_one_whom_polls_know_is_another)
{
	struct bbb_meeting	m = listed("m", M1);

	living("m", M1);
	hello();
	list_people(&m, 1, (const char *const []){ "u" });
	snapshot(&m, 1, 0);
	sql("UPDATE attendees SET joined_at = now() - interval '16 s'");
	joined(M1, "wu");
	ck_assert_str_eq(people(M1), "#1 wu");
}
END_TEST

START_TEST(who_leaves_unknown_makes_a_poll_due)
{
	struct bbb_meeting	m = listed("m", M1);

	living("m", M1);
	hello();
	list_people(&m, 1, (const char *const []){ "u" });
	snapshot(&m, 1, 0);
	sql("UPDATE backend_health SET next_poll_at = now() + interval '1 h'");
	happened(EVENT_LEFT, M1, "wx");
	ck_assert(sql_true("SELECT next_poll_at < now() + interval '2 s'"
	    " FROM backend_health WHERE backend_id = '%s'", b1));
	ck_assert(sql_true("SELECT next_poll_at > now() + interval '50 min'"
	    " FROM backend_health WHERE backend_id = '%s'", b2));
	ck_assert_str_eq(people(M1), "#1");
}
END_TEST

START_TEST(a_poll_asked_for_before_an_event_does_not_undo_it)
{
	struct poll_claim	*v;
	struct poll_twin	*twins;
	struct bbb_meeting	 m = listed("m", M1);
	size_t			 k;
	int			 next;

	living("m", M1);
	hello();
	sql("UPDATE backend_health SET next_poll_at = now() + interval '1 h'"
	    " WHERE backend_id = '%s'", b2);
	ck_ok(poll_claim(db, &opts, a, &v, &k, &next, &e));
	ck_assert_uint_eq(k, 1);
	joined(M1, "wu");
	ck_ok(poll_seen(db, &opts, &v[0], &m, 1, 5, a, &twins, &k, &e));
	ck_assert_str_eq(people(M1), "wu");
	ck_assert_str_eq(counts(M1), "1 0 0 0 0 t");
}
END_TEST

START_TEST(a_poll_that_says_the_same_again_still_corrects)
{
	struct bbb_meeting	m = listed("m", M1);

	living("m", M1);
	hello();
	sql("UPDATE meetings SET confirmed_at = now() - interval '2 min',"
	    " placed_at = now() - interval '2 min'");
	polled(b1, &m, 1);
	joined(M1, "wlost");
	polled(b1, &m, 1);
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert_ptr_null(people(M1));
}
END_TEST

/* Calls of the Go program's agent */

static enum events_verdict
call(enum events_call what, const char *internal_id, const char *user)
{
	struct events_rpc	rpc = { .call = what, .running = true,
	    .internal_id = internal_id, .user = user };
	struct events_result	r;

	if (what == EVENTS_JOINED) {
		rpc.attendee.user_id = user + 1;
		rpc.attendee.full_name = "Name";
		rpc.attendee.role = "MODERATOR";
		rpc.attendee.client_type = "HTML5";
	}
	ck_ok(events_rpc(db, &opts, "agent-a", &rpc, a, &r, &e));
	return r.verdict;
}

START_TEST(single_calls_need_no_stream)
{
	living("m", M1);
	ck_assert_int_eq(call(EVENTS_RUNNING, M1, ""), EVENTS_APPLIED);
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 t");
	call(EVENTS_JOINED, M1, "wu");
	call(EVENTS_JOINED, M1, "wu");
	call(EVENTS_JOINED, M1, "wv");
	ck_assert_str_eq(counts(M1), "2 2 0 0 0 t");
	call(EVENTS_LEFT, M1, "wu");
	ck_assert_str_eq(people(M1), "wv");
	call(EVENTS_EMPTIED, M1, "");
	ck_assert_str_eq(counts(M1), "0 0 0 0 0 f");
	ck_assert_str_eq(sql_text("SELECT state FROM meetings"), "living");
}
END_TEST

START_TEST(single_calls_wait_for_their_meeting)
{
	call(EVENTS_JOINED, M1, "wu");
	call(EVENTS_LEFT, M1, "wv");
	call(EVENTS_JOINED, M1, "wv");
	living("m", M1);
	ck_assert_str_eq(people(M1), "wu");
}
END_TEST

START_TEST(a_whole_attendee_brings_his_state)
{
	struct events_rpc	rpc = { .call = EVENTS_JOINED,
	    .internal_id = M1, .user = "wu",
	    .attendee = { .user_id = "u", .role = "VIEWER",
		.is_presenter = true, .has_joined_voice = true,
		.has_video = true } };
	struct events_result	r;

	living("m", M1);
	ck_ok(events_rpc(db, &opts, "agent-a", &rpc, a, &r, &e));
	ck_assert_str_eq(counts(M1), "1 0 0 1 1 t");
	ck_assert(sql_true("SELECT is_presenter FROM attendees"));
}
END_TEST

/* Heartbeats */

static int
beat(const char *agent)
{
	struct events_heartbeat	h;
	int			rc;

	rc = events_heartbeat(db, &opts, agent, 0.25, "3.0.1", a, &h, &e);
	ck_assert_int_ne(rc, -1);
	if (rc == 1)
		ck_assert_str_eq(h.backend_id, sql_text("SELECT id FROM"
		    " backends WHERE agent_ref = '%s'", agent));
	return rc;
}

/* The server that gets a meeting of that name; NULL: none may. */
static char *
goes_to(const char *meeting)
{
	const char		*list[] = { b1, b2, NULL };
	struct place_req	 q = fixture_place(f, meeting, list);
	struct placed		 p;

	ck_ok(place(db, &q, a, &p, &e));
	return p.outcome == PLACE_NEW ? p.meeting.backend_id : NULL;
}

START_TEST(a_heartbeat_of_nobody)
{
	ck_assert_int_eq(beat("nobody"), 0);
}
END_TEST

START_TEST(a_heartbeat_tells_load_and_version)
{
	ck_assert_int_eq(beat("agent-a"), 1);
	ck_assert_str_eq(sql_text("SELECT b.bbb_version || ' ' || h.cpu"
	    " FROM backends b JOIN backend_health h ON h.backend_id = b.id"
	    " WHERE b.id = '%s' AND h.heartbeat > now() - interval '5 s'",
	    b1), "3.0.1 0.25");
}
END_TEST

START_TEST(a_silent_agents_server_gets_none_until_it_beats)
{
	beat("agent-a");
	sql("UPDATE backend_health SET heartbeat = now() - interval '6 s'"
	    " WHERE heartbeat IS NOT NULL");
	ck_assert_str_eq(goes_to("m1"), b2);
	ck_assert_str_eq(goes_to("m2"), b2);
	beat("agent-a");
	ck_assert_str_eq(goes_to("m3"), b1);
}
END_TEST

/* So many agents beside those of b1 and b2, so many of them silent. */
static void
agents(int n, int silent)
{
	sql("INSERT INTO backends (host, secret, agent_ref) SELECT 'http://x'"
	    " || i || '/', 'x', 'x' || i FROM generate_series(1, %d) i", n);
	sql("UPDATE backend_health h SET heartbeat = now() - CASE WHEN"
	    " b.agent_ref = 'agent-a' OR substr(b.agent_ref, 2) ~ '^[0-9]+$'"
	    "  AND substr(b.agent_ref, 2)::integer <= %d"
	    " THEN interval '6 s' ELSE interval '0' END"
	    " FROM backends b WHERE b.id = h.backend_id"
	    " AND b.id <> '%s'", silent, b2);
	sql("UPDATE backends SET admin_state = 'stopped' WHERE id = '%s'",
	    b2);
}

START_TEST(half_of_the_agents_may_be_silent)
{
	agents(3, 1);
	ck_assert_ptr_null(goes_to("m"));
}
END_TEST

START_TEST(more_than_half_silent_at_once_is_our_own_fault)
{
	agents(3, 2);
	ck_assert_str_eq(goes_to("m"), b1);
}
END_TEST

START_TEST(three_agents_may_all_be_silent)
{
	agents(2, 2);
	ck_assert_ptr_null(goes_to("m"));
}
END_TEST

static void
add_stream(Suite *s)
{
	TCase	*tc = fixture_case(s, "stream");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_batch_of_an_unknown_agent_changes_nothing);
	tcase_add_test(tc, a_stream_begins_with_a_snapshot);
	tcase_add_test(tc, a_batch_that_comes_twice_counts_once);
	tcase_add_test(tc, after_a_gap_nothing_counts_until_a_snapshot);
	tcase_add_test(tc, what_an_earlier_life_sent_is_refused);
	tcase_add_test(tc, an_agent_speaks_for_its_own_server_only);
	tcase_add_test(tc, the_commit_does_not_wait_for_the_disk);
}

static void
add_people(Suite *s)
{
	TCase	*tc = fixture_case(s, "people");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_session_that_only_polls_name_is_refused);
	tcase_add_test(tc, a_join_counts_once);
	tcase_add_test(tc, two_sessions_of_one_user_are_two);
	tcase_add_test(tc, who_leaves_takes_all_with_him);
	tcase_add_test(tc, a_join_that_was_before_the_leave_is_late);
	tcase_add_test(tc, of_two_without_times_the_leave_was_later);
	tcase_add_test(tc, twenty_joins_at_once_are_twenty_people);
	tcase_add_test(tc, none_of_twenty_joins_beside_each_other_is_lost);
	tcase_add_test(tc, one_voice_replaces_the_other);
	tcase_add_test(tc, a_phone_is_there_by_its_voice);
	tcase_add_test(tc, cameras_are_counted_by_their_streams);
	tcase_add_test(tc, a_camera_that_only_a_poll_saw_stops);
	tcase_add_test(tc, presenters_and_roles_follow);
	tcase_add_test(tc, recordings_and_screens_change_nothing_that_is_shown);
	tcase_add_test(tc, a_state_replaces_all_but_phones);
	tcase_add_test(tc, a_state_gives_names_to_those_whom_polls_saw);
}

static void
add_meetings(Suite *s)
{
	TCase	*tc = fixture_case(s, "meetings");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_join_before_the_create_reply_counts_with_it);
	tcase_add_test(tc, an_end_before_the_create_reply_ends_it);
	tcase_add_test(tc, what_slipped_by_a_confirm_is_taken_up_later);
	tcase_add_test(tc, what_no_row_ever_asked_for_is_forgotten);
	tcase_add_test(tc, an_end_empties_it_and_what_follows_is_ignored);
	tcase_add_test(tc, a_destroy_without_an_end_ends_it);
	tcase_add_test(tc, the_old_ones_destroy_spares_the_new_one);
	tcase_add_test(tc, one_made_anew_begins_empty);
	tcase_add_test(tc, a_room_of_a_stranger_is_none_of_ours);
	tcase_add_test(tc, a_breakout_room_is_there_at_once);
	tcase_add_test(tc, only_a_flip_of_running_tells_the_replicas);
	tcase_add_test(tc, a_batch_renews_its_own_servers_load_only);
}

static void
add_snapshots(Suite *s)
{
	TCase	*tc = fixture_case(s, "snapshots and polls");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_snapshot_is_a_poll);
	tcase_add_test(tc,
	    an_illegible_snapshot_begins_a_stream_and_says_nothing);
	tcase_add_test(tc, two_snapshots_without_it_end_a_meeting);
	tcase_add_test(tc, a_join_heard_after_a_poll_saw_him_is_the_same);
	tcase_add_test(tc, a_second_session_of_one_whom_polls_know_is_another);
	tcase_add_test(tc, who_leaves_unknown_makes_a_poll_due);
	tcase_add_test(tc, a_poll_asked_for_before_an_event_does_not_undo_it);
	tcase_add_test(tc, a_poll_that_says_the_same_again_still_corrects);
}

static void
add_agents(Suite *s)
{
	TCase	*tc = fixture_case(s, "calls and heartbeats");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, single_calls_need_no_stream);
	tcase_add_test(tc, single_calls_wait_for_their_meeting);
	tcase_add_test(tc, a_whole_attendee_brings_his_state);
	tcase_add_test(tc, a_heartbeat_of_nobody);
	tcase_add_test(tc, a_heartbeat_tells_load_and_version);
	tcase_add_test(tc, a_silent_agents_server_gets_none_until_it_beats);
	tcase_add_test(tc, half_of_the_agents_may_be_silent);
	tcase_add_test(tc, more_than_half_silent_at_once_is_our_own_fault);
	tcase_add_test(tc, three_agents_may_all_be_silent);
}

int
main(void)
{
	Suite	*s = suite_create("events");

	add_stream(s);
	add_people(s);
	add_meetings(s);
	add_snapshots(s);
	add_agents(s);
	return fixture_main(s);
}
