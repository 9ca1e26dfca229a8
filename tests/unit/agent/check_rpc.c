/*
 * Tests of agent/rpc: what an event is to the Go server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "agent/rpc.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "unit.h"

static struct event
event(enum event_kind kind)
{
	struct event	ev = { .kind = kind, .meeting = "in/1",
			    .ext_id = "ext", .name = "N", .parent = "",
			    .user = "w_1", .role = "VIEWER",
			    .client = "HTML5", .stream = "w_1_s" };

	return ev;
}

static const char *
payload_of(const struct rpc_call *c, const char *action)
{
	json_t		*v = json_loadb(c->body.data, c->body.len, 0, NULL);
	const char	*text = json_string_value(json_object_get(v,
			    "payload"));
	unsigned char	*out = arena_zalloc(arena, 4096, 1);

	ck_assert_str_eq(json_string_value(json_object_get(v, "action")),
	    action);
	ck_assert_uint_eq(json_object_size(v), 2);
	ck_assert_int_gt(EVP_DecodeBlock(out, (const unsigned char *)text,
	    (int)strlen(text)), 0);
	json_decref(v);
	return (char *)out;
}

START_TEST(what_the_go_server_does_not_know_is_nothing)
{
	struct rpc_call	c;
	struct event	ev;
	int		kind;

	for (kind = EVENT_CREATED; kind < EVENT__MAX; kind++) {
		ev = event((enum event_kind)kind);
		rpc_call_of(arena, &ev, &c);
		ck_assert_int_eq(c.method != NULL, kind == EVENT_CREATED ||
		    kind == EVENT_ENDED || kind == EVENT_DESTROYED ||
		    kind == EVENT_JOINED || kind == EVENT_LEFT);
		buf_free(&c.body);
	}
}
END_TEST

START_TEST(each_action_has_its_payload)
{
	static const struct {
		enum event_kind	 kind;
		const char	*action, *payload;
	} t[] = {
		{ EVENT_CREATED, "meeting_set_running",
		    "{\"internal_meeting_id\":\"in/1\",\"running\":true}" },
		{ EVENT_ENDED, "meeting_state_reset",
		    "{\"internal_meeting_id\":\"in/1\"}" },
		{ EVENT_LEFT, "meeting_remove_attendee",
		    "{\"internal_meeting_id\":\"in/1\","
		    "\"internal_user_id\":\"w_1\"}" },
		{ EVENT_JOINED, "meeting_add_attendee",
		    "{\"internal_meeting_id\":\"in/1\",\"attendee\":{"
		    "\"UserID\":\"ext\",\"InternalUserID\":\"w_1\","
		    "\"FullName\":\"N\",\"Role\":\"VIEWER\","
		    "\"IsPresenter\":false,\"IsListeningOnly\":false,"
		    "\"HasJoinedVoice\":false,\"HasVideo\":false,"
		    "\"ClientType\":\"HTML5\"}}" },
	};
	struct rpc_call	c;
	struct event	ev;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		ev = event(t[i].kind);
		rpc_call_of(arena, &ev, &c);
		ck_assert_str_eq(c.method, "POST");
		ck_assert_str_eq(c.path, "agent/rpc");
		ck_assert_str_eq(payload_of(&c, t[i].action), t[i].payload);
		buf_free(&c.body);
	}
}
END_TEST

START_TEST(a_destroyed_meeting_is_deleted_by_its_path)
{
	struct rpc_call	c;
	struct event	ev = event(EVENT_DESTROYED);

	rpc_call_of(arena, &ev, &c);
	ck_assert_str_eq(c.method, "DELETE");
	ck_assert_str_eq(c.path, "meetings/internal:in%2F1");
	ck_assert_uint_eq(c.body.len, 0);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_the_go_server_does_not_know_is_nothing,
		each_action_has_its_payload,
		a_destroyed_meeting_is_deleted_by_its_path,
	};

	return unit_run("rpc", tests, COUNT(tests));
}
