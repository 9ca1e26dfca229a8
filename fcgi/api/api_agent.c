/*
 * What agents send: batches of events, heartbeats, the Go agent's calls.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include <openssl/evp.h>

#include "core/jobs/poll.h"
#include "core/jobs/poll_reply.h"
#include "fcgi/api/resources.h"
#include "proto/event.h"
#include "store/backend.h"
#include "store/events.h"

/* ---- events */

static int
snapshot_read(struct api *c, const struct event_batch *b,
    struct events_snapshot *s, struct err *e)
{
	struct poll_reply	r;

	poll_body_read(c->arena, b->snapshot, &r);
	if (r.said == POLL_SAID_FAILURE)
		return err_set(e, ERR_INPUT, "snapshot.xml: %s", r.error);
	/* One user's odd parameter must not keep the stream from beginning. */
	s->illegible = r.said == POLL_SAID_NONSENSE;
	s->meetings = r.meetings;
	s->n = r.n;
	s->age_ms = b->snapshot_age_ms;
	return 0;
}

/* The agent begins a new epoch above this one, with a snapshot. */
static int
answer_gap(struct api *c, long long epoch)
{
	json_t	*j = json_pack("{s:I, s:s}", "epoch", (json_int_t)epoch,
		    "message", "a batch with a snapshot has to come first");

	api_json(c, 409, j);
	json_decref(j);
	return 0;
}

static int
answer_batch(struct api *c, const struct events_result *r, struct err *e)
{
	json_t	*j;

	switch (r->verdict) {
	case EVENTS_UNKNOWN:
		return api_no_backend(e);
	case EVENTS_GAP:
		return answer_gap(c, r->epoch);
	case EVENTS_APPLIED:
	case EVENTS_DUPLICATE:
		break;
	}
	j = json_pack("{s:I, s:b}", "epoch", (json_int_t)r->epoch,
	    "duplicate", r->verdict == EVENTS_DUPLICATE);
	api_json(c, 200, j);
	json_decref(j);
	return 0;
}

/*
 * The body is read by our own parser with its own limits, not as the records
 * of the API are.
 */
int
api_agent_events(struct api *c, struct err *e)
{
	struct poll_opts	opts = job_poll_opts(c->w->conf);
	struct event_batch	b;
	struct events_snapshot	s = { 0 };
	struct events_result	r;

	if (api_text(c, EVENT_BODY_MAX, e) == -1 ||
	    event_batch_read(c->arena, (struct view){ c->text, c->text_len },
	    &b, e) == -1)
		return -1;
	if (b.snapshot.p != NULL && snapshot_read(c, &b, &s, e) == -1)
		return -1;
	if (events_batch(c->w->db, &opts, api_agent(c), &b,
	    b.snapshot.p != NULL ? &s : NULL, c->arena, &r, e) == -1)
		return -1;
	return answer_batch(c, &r, e);
}

/* ---- calls of the Go agent */

/* Standard base64 with its padding; NULL: it is none. */
static char *
base64_read(struct arena *a, const char *s, size_t *len)
{
	size_t	 n = strlen(s), pad = 0;
	char	*out = arena_alloc(a, n / 4 * 3 + 1);
	int	 got;

	while (pad < 2 && pad < n && s[n - 1 - pad] == '=')
		pad++;
	got = n % 4 != 0 || n > API_BODY_MAX ? -1 :
	    EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)s,
	    (int)n);
	if (got < 0)
		return NULL;
	*len = (size_t)got - pad;
	return out;
}

/* In the Go program's order of members; error NULL: it went well. */
static int
rpc_answer(struct api *c, int status, const char *error)
{
	struct buf	*b = &c->x->reply->body;

	c->x->reply->status = status;
	http_header_set(c->x->reply, "Content-Type", "application/json");
	buf_adds(b, error == NULL ? "{\"status\":\"ok\",\"result\":null" :
	    "{\"status\":\"error\",\"result\":");
	if (error != NULL)
		json_write_str(b, error);
	buf_adds(b, "}\n");
	return 0;
}

static const char *
member(const json_t *object, const char *name)
{
	const char	*s = json_string_value(json_member(object, name));

	return s == NULL ? "" : s;
}

static bool
truth(const json_t *object, const char *name)
{
	return json_is_true(json_member(object, name));
}

static const char *
read_running(const json_t *in, struct events_rpc *rpc)
{
	const json_t	*v = json_member(in, "running");

	rpc->running = json_is_true(v);
	return v == NULL || json_is_boolean(v) ? NULL :
	    "running is no boolean";
}

static const char *
read_emptied(const json_t *in, struct events_rpc *rpc)
{
	(void)in;
	(void)rpc;
	return NULL;
}

static const char *
read_attendee(const json_t *in, struct events_rpc *rpc)
{
	const json_t		*v = json_member(in, "attendee");
	struct bbb_attendee	*at = &rpc->attendee;

	if (!json_is_object(v))
		return "attendee is missing";
	rpc->user = member(v, "InternalUserID");
	at->user_id = member(v, "UserID");
	at->full_name = member(v, "FullName");
	at->role = member(v, "Role");
	at->client_type = member(v, "ClientType");
	at->is_presenter = truth(v, "IsPresenter");
	at->is_listening_only = truth(v, "IsListeningOnly");
	at->has_joined_voice = truth(v, "HasJoinedVoice");
	at->has_video = truth(v, "HasVideo");
	return rpc->user[0] == '\0' ? "attendee.InternalUserID is missing" :
	    NULL;
}

static const char *
read_left(const json_t *in, struct events_rpc *rpc)
{
	rpc->user = member(in, "internal_user_id");
	return rpc->user[0] == '\0' ? "internal_user_id is missing" : NULL;
}

static const struct action {
	const char	  *name;
	enum events_call   call;
	const char	*(*read)(const json_t *in, struct events_rpc *rpc);
} actions[] = {
	{ "meeting_set_running", EVENTS_RUNNING, read_running },
	{ "meeting_state_reset", EVENTS_EMPTIED, read_emptied },
	{ "meeting_add_attendee", EVENTS_JOINED, read_attendee },
	{ "meeting_remove_attendee", EVENTS_LEFT, read_left },
};

/* NULL, or why it cannot be done. */
static const char *
rpc_read(const struct action *act, const json_t *in, struct events_rpc *rpc)
{
	rpc->call = act->call;
	rpc->internal_id = member(in, "internal_meeting_id");
	rpc->user = "";
	if (rpc->internal_id[0] == '\0')
		return "internal_meeting_id is missing";
	return act->read(in, rpc);
}

static const struct action *
action_find(const char *name)
{
	size_t	i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

/* An event of a meeting that is not there yet waits for it. */
static int
rpc_do(struct api *c, const struct action *act, const json_t *in,
    struct err *e)
{
	struct poll_opts	 opts = job_poll_opts(c->w->conf);
	struct events_rpc	 rpc = { 0 };
	struct events_result	 r;
	const char		*why;

	if ((why = rpc_read(act, in, &rpc)) != NULL)
		return rpc_answer(c, 200, why);
	if (events_rpc(c->w->db, &opts, api_agent(c), &rpc, c->arena, &r,
	    e) == -1)
		return -1;
	return r.verdict == EVENTS_UNKNOWN ? api_no_backend(e) :
	    rpc_answer(c, 200, NULL);
}

/* The Go agent sends base64 of JSON; its own description says an object. */
static int
rpc_payload(struct api *c, json_t **in, const char **why)
{
	const json_t	*payload = json_member(c->body, "payload");
	struct err	 e = ERR_INIT;
	char		*text;
	size_t		 len;

	*in = NULL;
	*why = NULL;
	if (json_is_object(payload))
		*in = json_deep_copy(payload);
	else if (payload == NULL || member(c->body, "payload")[0] == '\0')
		*why = "the payload is missing";
	else if ((text = base64_read(c->arena, member(c->body, "payload"),
	    &len)) == NULL)
		return -1;
	else if (json_parse(text, len, in, &e) == -1)
		*why = arena_strdup(c->arena, e.text);
	return 0;
}

int
api_agent_rpc(struct api *c, struct err *e)
{
	const struct action	*act = action_find(member(c->body,
				    "action"));
	json_t			*in;
	const char		*why;
	int			 rc;

	if (rpc_payload(c, &in, &why) == -1)
		return rpc_answer(c, 400,
		    "code=400, message=the payload is no base64");
	if (act == NULL)
		why = "the requested RPC action is unknown";
	rc = why != NULL ? rpc_answer(c, 200, why) : rpc_do(c, act, in, e);
	json_decref(in);
	return rc;
}

/* ---- the agent itself, and its backend */

/* The Go agent registers its server when this says 404. */
int
api_agent_backend(struct api *c, struct err *e)
{
	return api_backend_reply(c, backend_of_agent(c->w->db, api_agent(c),
	    api_agent_timeout(c), e), e);
}

/*
 * cpu outside of any sense counts as not told: the heartbeat itself is what
 * matters.
 */
int
api_agent_heartbeat(struct api *c, struct err *e)
{
	struct poll_opts	 opts = job_poll_opts(c->w->conf);
	const json_t		*cpu = json_member(c->body, "cpu");
	struct events_heartbeat	 h;
	double			 load = json_number_value(cpu);
	json_t			*j;
	int			 rc;

	rc = events_heartbeat(c->w->db, &opts, api_agent(c),
	    json_is_number(cpu) && load >= 0 && load <= 1e6 ? load : -1,
	    member(c->body, "bbb_version"), c->arena, &h, e);
	if (rc == -1)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_MISSING, "no backend has this agent");
	j = json_pack("{s:s, s:s}", "backend_id", h.backend_id,
	    "heartbeat", h.at);
	api_json(c, 200, j);
	json_decref(j);
	return 0;
}
