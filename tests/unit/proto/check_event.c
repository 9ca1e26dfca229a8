/*
 * Tests of proto/event: what Redis says, and how batches are written.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/event.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "unit.h"

#define HEAD(name)	"{\"envelope\":{\"name\":\"" name "\"}"
#define CORE(header, body)						\
	",\"core\":{\"header\":{" header "},\"body\":{" body "}}}"
#define IN_M		"\"meetingId\":\"m\""
#define MAIN		"\"channel\":\"from-akka-apps-redis-channel\""
#define PAYLOAD		"\"payload\":"

/* The next message of a recording's main channel, byte for byte. */
static bool
next_message(struct view *file, int *line, struct view *m)
{
	const char	*end, *at;
	json_t		*v;

	while (file->len > 0) {
		end = memchr(file->p, '\n', file->len);
		ck_assert_ptr_nonnull(end);
		m->p = file->p;
		m->len = (size_t)(end - file->p);
		file->len -= m->len + 1;
		file->p = end + 1;
		(*line)++;
		if (memmem(m->p, m->len, MAIN, strlen(MAIN)) == NULL)
			continue;
		at = memmem(m->p, m->len, PAYLOAD, strlen(PAYLOAD));
		if (at != NULL) {
			at += strlen(PAYLOAD);
			m->len -= (size_t)(at - m->p) + 1;
			m->p = at;
			return true;
		}
		v = json_loadb(m->p, m->len, JSON_ALLOW_NUL, NULL);
		at = json_string_value(json_object_get(v, "raw"));
		m->len = json_string_length(json_object_get(v, "raw"));
		m->p = arena_memdup(arena, at, m->len);
		json_decref(v);
		return true;
	}
	return false;
}

/* "4 joined 5 presenter ...", an unreadable one as "25 ?". */
static const char *
kinds_of(const char *name)
{
	struct view	 file = fixture(name), m;
	struct buf	 b = { NULL, 0, 0 };
	struct event	 ev;
	const char	*s;
	int		 line = 0, rc;

	while (next_message(&file, &line, &m)) {
		rc = event_read(arena, m, &ev, &err);
		if (rc == 0)
			continue;
		buf_printf(&b, "%s%d %s", b.len > 0 ? " " : "", line,
		    rc == 1 ? event_kind_name(ev.kind) : "?");
	}
	s = arena_strdup(arena, buf_str(&b));
	buf_free(&b);
	return s;
}

START_TEST(what_lacks_something_is_refused)
{
	static const struct {
		const char	*message, *text;
	} t[] = {
		{ HEAD("UserLeftMeetingEvtMsg"), "byte 44: not JSON" },
		{ HEAD("UserLeftMeetingEvtMsg") CORE("", "\"intId\":\"u\""),
		    "left: no meeting" },
		{ HEAD("UserLeftMeetingEvtMsg") CORE(IN_M, ""),
		    "left: no user" },
		{ HEAD("UserLeftMeetingEvtMsg") CORE(IN_M, "\"intId\":7"),
		    "left: no user" },
		{ HEAD("UserLeftMeetingEvtMsg") CORE(IN_M,
		    "\"intId\":\"u\\u0000v\""), "left: no user" },
		{ HEAD("UserBroadcastCamStartedEvtMsg") CORE(IN_M,
		    "\"userId\":\"u\""), "cam_started: no stream" },
		{ HEAD("UserRoleChangedEvtMsg") CORE(IN_M,
		    "\"userId\":\"u\""), "role: no role" },
		{ HEAD("MeetingCreatedEvtMsg") CORE("",
		    "\"props\":{\"meetingProp\":{\"intId\":\"m\"}}"),
		    "created: no ext_id" },
		{ HEAD("MeetingInfoAnalyticsServiceMsg") CORE("",
		    "\"meetingInfo\":{\"internalId\":\"m\"}"),
		    "state: users: not readable" },
		{ HEAD("MeetingInfoAnalyticsServiceMsg") CORE("",
		    "\"meetingInfo\":{\"internalId\":\"m\","
		    "\"users\":[{\"name\":\"x\"}]}"),
		    "state: users: not readable" },
		{ HEAD("MeetingInfoAnalyticsServiceMsg") CORE("",
		    "\"meetingInfo\":{\"internalId\":\"m\",\"users\":[]}"),
		    "state: cams: not readable" },
		{ "{\"a\"", "byte 4: not JSON" },
	};
	struct event	ev;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_int_eq(event_read(arena, view_of(t[i].message), &ev,
		    &err), -1);
		ck_assert_int_eq(err.code, ERR_INPUT);
		ck_assert_str_eq(err.text, t[i].text);
	}
}
END_TEST

START_TEST(long_ids_are_refused_and_long_names_cut)
{
	struct buf	b = { NULL, 0, 0 };
	struct event	ev;
	int		i;

	buf_adds(&b, HEAD("UserJoinedMeetingEvtMsg")
	    ",\"core\":{\"header\":{" IN_M "},\"body\":{\"intId\":\"u\","
	    "\"name\":\"x");
	for (i = 0; i < 200; i++)
		buf_adds(&b, "\xc3\xa9");
	buf_adds(&b, "\"}}}");
	ck_assert_int_eq(event_read(arena, (struct view){ b.data, b.len },
	    &ev, &err), 1);
	/* 1 + 2 * 127: half a character is none */
	ck_assert_uint_eq(strlen(ev.name), EVENT_NAME_MAX - 1);
	ck_assert(str_utf8_valid(ev.name, strlen(ev.name)));
	buf_reset(&b);
	buf_adds(&b, HEAD("UserLeftMeetingEvtMsg")
	    ",\"core\":{\"header\":{" IN_M "},\"body\":{\"intId\":\"");
	for (i = 0; i <= EVENT_ID_MAX; i++)
		buf_addc(&b, 'u');
	buf_adds(&b, "\"}}}");
	ck_assert_int_eq(event_read(arena, (struct view){ b.data, b.len },
	    &ev, &err), -1);
	ck_assert_str_eq(err.text, "left: no user");
	buf_free(&b);
}
END_TEST

START_TEST(a_huge_message_is_not_looked_into)
{
	static const char	head[] = HEAD("UserLeftMeetingEvtMsg");
	char			*p = calloc(1, EVENT_MESSAGE_MAX + 1);
	struct event		 ev;

	memcpy(p, head, sizeof(head));
	ck_assert_int_eq(event_read(arena,
	    (struct view){ p, EVENT_MESSAGE_MAX + 1 }, &ev, &err), -1);
	ck_assert_str_eq(err.text, "a message of 4194305 bytes");
	free(p);
}
END_TEST

START_TEST(a_glance_tells_noise)
{
	static const struct {
		const char	*message;
		enum event_kind	 kind;
	} t[] = {
		{ "", EVENT_NONE },
		{ "x", EVENT_NONE },
		{ "[]", EVENT_NONE },
		{ "{\"envelope\":{\"name\":", EVENT_ODD },
		{ "{\"envelope\":{\"name\":\"", EVENT_NONE },
		{ "{\"envelope\":{\"name\":\"UserLeftMeetingEvtMsg",
		    EVENT_NONE },
		{ "{\"envelope\":{\"name\":\"UserLeftMeetingEvtMsg\"",
		    EVENT_LEFT },
		{ "{\"envelope\":{\"name\":\"UserLeftMeetingEvtMsg2\"",
		    EVENT_NONE },
		{ "{\"envelope\":{\"name\":\"SendCursorPositionEvtMsg\"",
		    EVENT_NONE },
		{ "{\"envelope\":{\"name\":\"CheckAlivePongSysMsg\"",
		    EVENT_ALIVE },
		{ "{ \"envelope\":{\"name\":\"UserLeftMeetingEvtMsg\"",
		    EVENT_ODD },
		/* a name in a text is no name */
		{ "{\"envelope\":{\"name\":\"Chat\"},\"t\":"
		    "\"{\\\"envelope\\\":{\\\"name\\\":"
		    "\\\"UserLeftMeetingEvtMsg\\\"\"}", EVENT_NONE },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++)
		ck_assert_msg(event_peek(view_of(t[i].message)) == t[i].kind,
		    "%s", t[i].message);
}
END_TEST

START_TEST(recordings_are_read_line_by_line)
{
	ck_assert_str_eq(kinds_of("../redis/composed-2.7-meeting.ndjson"),
	    "2 created 4 joined 5 presenter 6 presenter 8 joined"
	    " 10 guests_waiting 14 state 15 joined 19 voice_joined"
	    " 23 voice_joined 26 cam_started 27 cam_started 28 cam_started"
	    " 29 recording 31 presenter 32 presenter 33 role 34 screenshare"
	    " 35 voice_left 36 voice_joined 37 voice_joined 39 state"
	    " 42 cam_stopped 43 voice_left 46 joined 48 left 49 screenshare"
	    " 50 voice_left 51 cam_stopped 53 left 54 presenter"
	    " 55 recording 57 ended 59 destroyed");
	ck_assert_str_eq(kinds_of("../redis/composed-2.7-breakout.ndjson"),
	    "1 created 2 joined 3 presenter 4 joined 7 created 8 created"
	    " 11 joined 13 voice_joined 15 ended 17 ended 20 destroyed"
	    " 21 destroyed 24 left 25 left 27 ended 28 destroyed");
	ck_assert_str_eq(kinds_of("../redis/composed-3.0-variants.ndjson"),
	    "1 created 2 joined 3 presenter 4 joined 5 joined 6 cam_started"
	    " 7 voice_joined 8 screenshare 11 state 12 voice_left 13 left"
	    " 14 cam_stopped 16 ended 17 destroyed");
	ck_assert_str_eq(kinds_of("../redis/composed-2.7-noise.ndjson"),
	    "62 cam_started 89 state 140 left");
	ck_assert_str_eq(kinds_of("../redis/composed-1.1-legacy.ndjson"), "");
	ck_assert_str_eq(kinds_of("../redis/composed-recording.ndjson"), "");
}
END_TEST

START_TEST(odd_messages_are_read_or_refused)
{
	ck_assert_str_eq(kinds_of("../redis/composed-edge-cases.ndjson"),
	    "2 created 3 joined 4 joined 5 joined 6 joined 7 joined"
	    " 8 voice_joined 9 voice_joined 10 voice_left 11 cam_stopped"
	    " 12 cam_started 13 cam_started 14 presenter 15 presenter"
	    " 17 left 19 left 20 role 21 role 24 cam_started"
	    " 25 ? 26 ? 27 ? 32 ? 33 destroyed 34 voice_left 35 left"
	    " 37 created 39 ended 40 ended 41 destroyed");
}
END_TEST

/* The only message of a line of a recording. */
static struct event
event_of(const char *name, int wanted)
{
	struct view	file = fixture(name), m;
	struct event	ev;
	int		line = 0;

	while (next_message(&file, &line, &m) && line != wanted)
		;
	ck_assert_int_eq(line, wanted);
	ck_assert_int_eq(event_read(arena, m, &ev, &err), 1);
	return ev;
}

START_TEST(a_created_room_names_its_parent)
{
	struct event	ev;

	ev = event_of("../redis/composed-2.7-breakout.ndjson", 8);
	ck_assert_int_eq(ev.kind, EVENT_CREATED);
	ck_assert_str_eq(ev.parent,
	    "fe9201fbea06c90068e3ee7e6703db820466b286-1760001000000");
	ck_assert_int_eq(ev.sequence, 2);
	ck_assert_int_eq(ev.created_ms, 1760001020002);
	ck_assert(!ev.free_join && !ev.record);
	ev = event_of("../redis/composed-2.7-meeting.ndjson", 2);
	ck_assert_str_eq(ev.parent, "");
	ck_assert_str_eq(ev.ext_id, "course-101");
	ck_assert_str_eq(ev.name, "Course 101");
	ck_assert_int_eq(ev.at_ms, 1760000000120);
	ck_assert(ev.record);
}
END_TEST

START_TEST(users_are_whom_the_body_names)
{
	struct event	ev;

	ev = event_of("../redis/composed-2.7-meeting.ndjson", 15);
	ck_assert_str_eq(ev.user, "w_chrly0000003");
	ck_assert_str_eq(ev.ext_id, "ext-1003");
	ck_assert_str_eq(ev.role, "VIEWER");
	ck_assert_str_eq(ev.client, "HTML5");
	ck_assert(ev.guest);
	/* the header names who did it */
	ev = event_of("../redis/composed-2.7-meeting.ndjson", 33);
	ck_assert_str_eq(ev.user, "w_bravo0000002");
	ck_assert_str_eq(ev.role, "MODERATOR");
	/* two messages, two members for one thing */
	ev = event_of("../redis/composed-2.7-meeting.ndjson", 31);
	ck_assert_str_eq(ev.user, "w_alpha0000001");
	ck_assert(!ev.on);
	ev = event_of("../redis/composed-2.7-meeting.ndjson", 32);
	ck_assert_str_eq(ev.user, "w_bravo0000002");
	ck_assert(ev.on);
}
END_TEST

START_TEST(voices_and_phones)
{
	struct event	ev;

	ev = event_of("../redis/composed-2.7-meeting.ndjson", 23);
	ck_assert(ev.listen_only && !event_is_phone(ev.user));
	ck_assert_str_eq(ev.name, "");
	ev = event_of("../redis/composed-2.7-meeting.ndjson", 37);
	ck_assert(!ev.listen_only && event_is_phone(ev.user));
	ck_assert_str_eq(ev.name, "Phone 0199");
}
END_TEST

START_TEST(a_state_holds_users_and_cameras)
{
	struct event	ev;

	ev = event_of("../redis/composed-2.7-meeting.ndjson", 39);
	ck_assert_uint_eq(ev.nusers, 3);
	ck_assert_str_eq(ev.users[2].id, "w_chrly0000003");
	ck_assert_str_eq(ev.users[2].name, "Charly Guest");
	ck_assert_str_eq(ev.users[0].role, "MODERATOR");
	ck_assert_uint_eq(ev.ncams, 3);
	ck_assert_str_eq(ev.cams[2].user, "w_bravo0000002");
	ck_assert_int_eq(ev.voices, 3);
	ck_assert_int_eq(ev.listeners, 0);
	ck_assert(ev.on);
}
END_TEST

START_TEST(a_copy_outlives_its_origin)
{
	struct arena	*other = arena_new();
	struct event	 ev, copy;

	ev = event_of("../redis/composed-2.7-meeting.ndjson", 39);
	event_copy(other, &ev, &copy);
	arena_reset(arena);
	memset(arena_alloc(arena, 60000), 'x', 60000);
	ck_assert_str_eq(copy.ext_id, "course-101");
	ck_assert_str_eq(copy.users[2].name, "Charly Guest");
	ck_assert_str_eq(copy.cams[0].user, "w_alpha0000001");
	arena_free(other);
}
END_TEST

START_TEST(bad_batches_are_refused_by_member)
{
#define EVENTS(x)	"{\"epoch\":1,\"seq\":1,\"events\":" x "}"
#define EVENT(x)	EVENTS("[{\"kind\":\"left\",\"meeting\":\"m\"," \
			"\"user\":\"u\"},{" x "}]")
	static const struct {
		const char	*json, *text;
	} t[] = {
		{ "", "not a JSON object" },
		{ "[]", "not a JSON object" },
		{ "{}", "epoch: missing" },
		{ "{\"epoch\":\"1\"}", "epoch: not a whole number that fits" },
		{ "{\"epoch\":0}", "epoch: not a whole number that fits" },
		{ "{\"epoch\":1}", "seq: missing" },
		{ "{\"epoch\":1,\"seq\":0}",
		    "seq: not a whole number that fits" },
		{ "{\"epoch\":1,\"seq\":1,\"snapshot\":{}}",
		    "snapshot.age_ms: missing" },
		{ "{\"epoch\":1,\"seq\":1,\"snapshot\":{\"age_ms\":-1}}",
		    "snapshot.age_ms: not a whole number that fits" },
		{ "{\"epoch\":1,\"seq\":1,\"snapshot\":{\"age_ms\":0}}",
		    "snapshot.xml: missing" },
		{ EVENTS("{}"), "events: not a list" },
		{ EVENTS("[7]"), "events[0].kind: missing" },
		{ EVENT("\"kind\":7"), "events[1].kind: missing" },
		{ EVENT("\"kind\":\"left\""), "events[1].meeting: missing" },
		{ EVENT("\"kind\":\"left\",\"meeting\":\"m\",\"user\":\"\""),
		    "events[1].user: missing" },
		{ EVENT("\"kind\":\"left\",\"meeting\":1"),
		    "events[1].meeting: not a string that fits" },
		{ EVENT("\"kind\":\"joined\",\"meeting\":\"m\","
		    "\"user\":\"u\",\"name\":1"),
		    "events[1].name: not a string" },
		{ EVENT("\"kind\":\"recording\",\"meeting\":\"m\",\"on\":1"),
		    "events[1].on: not a boolean" },
		{ EVENT("\"kind\":\"ended\",\"meeting\":\"m\",\"at\":-1"),
		    "events[1].at: not a whole number" },
		{ EVENT("\"kind\":\"state\",\"meeting\":\"m\""),
		    "events[1].users: not a list" },
		{ EVENT("\"kind\":\"state\",\"meeting\":\"m\",\"users\":[1]"),
		    "events[1].users[0].id: missing" },
		{ EVENT("\"kind\":\"state\",\"meeting\":\"m\",\"users\":[],"
		    "\"cams\":[{\"user\":\"u\",\"stream\":\"s\"},"
		    "{\"user\":\"u\",\"stream\":3}]"),
		    "events[1].cams[1].stream: not a string that fits" },
	};
	struct event_batch	b;
	size_t			i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_msg(event_batch_read(arena, view_of(t[i].json), &b,
		    &err) == -1, "%s was taken", t[i].json);
		ck_assert_int_eq(err.code, ERR_INPUT);
		ck_assert_str_eq(err.text, t[i].text);
	}
}
END_TEST

START_TEST(a_batch_has_its_limits)
{
	struct buf		b = { NULL, 0, 0 };
	struct event_batch	batch;
	int			i;

	buf_adds(&b, "{\"epoch\":1,\"seq\":1,\"events\":[0");
	for (i = 0; i < EVENT_BATCH_MAX; i++)
		buf_adds(&b, ",0");
	buf_adds(&b, "]}");
	ck_assert_int_eq(event_batch_read(arena,
	    (struct view){ b.data, b.len }, &batch, &err), -1);
	ck_assert_str_eq(err.text, "events: more than 500");
	err_clear(&err);
	ck_assert_int_eq(event_batch_read(arena,
	    (struct view){ b.data, EVENT_BODY_MAX + 1 }, &batch, &err), -1);
	ck_assert_int_eq(err.code, ERR_TOOBIG);
	buf_free(&b);
}
END_TEST

START_TEST(what_a_newer_agent_knows_is_skipped)
{
	struct event_batch	b;

	ck_assert_int_eq(event_batch_read(arena, view_of("{\"epoch\":1,"
	    "\"seq\":1,\"more\":1,\"events\":[{\"kind\":\"danced\"},"
	    "{\"kind\":\"left\",\"meeting\":\"m\",\"user\":\"u\",\"why\":1},"
	    "{\"kind\":\"alive\"}]}"), &b, &err), 0);
	ck_assert_uint_eq(b.n, 1);
	ck_assert_int_eq(b.events[0].kind, EVENT_LEFT);
	ck_assert_str_eq(b.events[0].user, "u");
	ck_assert_ptr_null(b.snapshot.p);
}
END_TEST

static void
check_round_trip(const struct event_batch *b)
{
	struct event_batch	again;
	struct buf		one = { NULL, 0, 0 }, two = { NULL, 0, 0 };

	event_batch_write(b, &one);
	ck_assert_msg(event_batch_read(arena,
	    (struct view){ one.data, one.len }, &again, &err) == 0, "%s",
	    err.text);
	ck_assert_uint_eq(again.n, b->n);
	event_batch_write(&again, &two);
	check_bytes(two.data, two.len, one.data);
	buf_free(&one);
	buf_free(&two);
}

START_TEST(batches_survive_their_journey)
{
	static const char *const	names[] = {
		"../redis/composed-2.7-meeting.ndjson",
		"../redis/composed-2.7-breakout.ndjson",
		"../redis/composed-3.0-variants.ndjson",
		"../redis/composed-edge-cases.ndjson",
	};
	struct event		events[EVENT_BATCH_MAX];
	struct event_batch	b = { .epoch = 1760000000000, .seq = 9,
				    .events = events };
	struct view		file, m;
	size_t			i;
	int			line = 0;

	for (i = 0; i < COUNT(names); i++) {
		file = fixture(names[i]);
		while (next_message(&file, &line, &m))
			b.n += event_read(arena, m, &events[b.n],
			    &err) == 1;
	}
	ck_assert_uint_gt(b.n, 80);
	check_round_trip(&b);
	b.n = 0;
	b.snapshot = VIEW("<a>\"\n</a>");
	b.snapshot_age_ms = 7;
	check_round_trip(&b);
}
END_TEST

START_TEST(the_text_of_a_batch)
{
	struct event		ev;
	struct event_batch	b = { .epoch = 5, .seq = 6, .events = &ev,
				    .n = 1, .snapshot = VIEW("<r>"),
				    .snapshot_age_ms = 3 };
	struct buf		out = { NULL, 0, 0 };

	ev = event_of("../redis/composed-2.7-meeting.ndjson", 29);
	event_batch_write(&b, &out);
	check_bytes(out.data, out.len, "{\"epoch\":5,\"seq\":6,"
	    "\"snapshot\":{\"age_ms\":3,\"xml\":\"<r>\"},\"events\":["
	    "{\"kind\":\"recording\",\"at\":1760000028000,\"meeting\":"
	    "\"35628469e928c924e7686ad53115b0e9997019ac-1760000000000\","
	    "\"on\":true}]}");
	buf_free(&out);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_lacks_something_is_refused,
		long_ids_are_refused_and_long_names_cut,
		a_huge_message_is_not_looked_into,
		a_glance_tells_noise,
		recordings_are_read_line_by_line,
		odd_messages_are_read_or_refused,
		a_created_room_names_its_parent,
		users_are_whom_the_body_names,
		voices_and_phones,
		a_state_holds_users_and_cameras,
		a_copy_outlives_its_origin,
		bad_batches_are_refused_by_member,
		a_batch_has_its_limits,
		what_a_newer_agent_knows_is_skipped,
		batches_survive_their_journey,
		the_text_of_a_batch,
	};

	return unit_run("event", tests, COUNT(tests));
}
