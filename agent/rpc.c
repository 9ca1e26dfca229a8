/*
 * agent/rpc: an action, and its payload in base64.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "rpc.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proto/url.h"

#define NEVER		INT64_MAX
#define AIR_MAX		8
#define TRIES		3
#define LOOK		200	/* of those that wait, how many are looked at */
/* The server waits up to 15 s for the meeting to be there. */
#define TOTAL_MS	20000

struct item {
	char		*meeting;
	const char	*method;
	char		*path;
	struct buf	 body;
	bool		 calling;
	int		 failures;
	struct rpc	*rpc;
	struct item	*next;
};

struct rpc {
	struct api	 api;		/* with a deadline of its own */
	struct item	*first;		/* the oldest */
	struct item	**last;
	size_t		 n, max;
	int		 air;
	bool		 full;		/* and said so */
	int64_t		 due_ms;
	struct backoff	 backoff;
	struct arena	*arena;		/* of one event */
};

/*
 * In the Go program's spelling.  What a user does later (voice, camera) it
 * hears of by its polls.
 */
static json_t *
attendee(const struct event *ev)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:s}",
	    "UserID", ev->ext_id, "InternalUserID", ev->user,
	    "FullName", ev->name, "Role", ev->role, "IsPresenter", 0,
	    "IsListeningOnly", 0, "HasJoinedVoice", 0, "HasVideo", 0,
	    "ClientType", ev->client);
}

/* Takes payload. */
static void
pack(struct rpc_call *c, const char *action, json_t *payload)
{
	char		*json = json_dumps(payload, JSON_COMPACT);
	size_t		 len;
	unsigned char	*text;

	if (json == NULL)
		log_fatal(EX_OSERR, "out of memory");
	len = strlen(json);
	text = xmalloc(4 * ((len + 2) / 3) + 1);
	EVP_EncodeBlock(text, (unsigned char *)json, (int)len);
	api_body(&c->body, json_pack("{s:s,s:s}", "action", action,
	    "payload", (char *)text));
	free(text);
	free(json);
	json_decref(payload);
	c->method = "POST";
	c->path = "agent/rpc";
}

static const char *
destroyed_path(struct arena *a, const char *meeting)
{
	struct buf	 b = { NULL, 0, 0 };

	buf_adds(&b, "meetings/internal:");
	url_encode_path(&b, meeting, strlen(meeting));
	return arena_take(a, &b);
}

/* What is not here the Go server learns from its poll. */
void
rpc_call_of(struct arena *a, const struct event *ev, struct rpc_call *c)
{
	json_t	*p;

	memset(c, 0, sizeof(*c));
	if (ev->kind == EVENT_DESTROYED) {
		c->method = "DELETE";
		c->path = destroyed_path(a, ev->meeting);
		return;
	}
	p = json_pack("{s:s}", "internal_meeting_id", ev->meeting);
	if (ev->kind == EVENT_CREATED) {
		json_object_set_new(p, "running", json_true());
		pack(c, "meeting_set_running", p);
	} else if (ev->kind == EVENT_ENDED)
		pack(c, "meeting_state_reset", p);
	else if (ev->kind == EVENT_JOINED) {
		json_object_set_new(p, "attendee", attendee(ev));
		pack(c, "meeting_add_attendee", p);
	} else if (ev->kind == EVENT_LEFT) {
		json_object_set_new(p, "internal_user_id",
		    json_string(ev->user));
		pack(c, "meeting_remove_attendee", p);
	} else
		json_decref(p);
}

struct rpc *
rpc_new(const struct api *api, size_t queue_max)
{
	struct rpc	*r = xcalloc(1, sizeof(*r));

	r->api = *api;
	r->api.total_ms = TOTAL_MS;
	r->max = queue_max;
	r->last = &r->first;
	r->arena = arena_new();
	return r;
}

static void
item_free(struct item *it)
{
	free(it->meeting);
	free(it->path);
	buf_free(&it->body);
	free(it);
}

void
rpc_free(struct rpc *r)
{
	struct item	*it;

	if (r == NULL)
		return;
	while ((it = r->first) != NULL) {
		r->first = it->next;
		item_free(it);
	}
	arena_free(r->arena);
	free(r);
}

/*
 * Dropped rather than kept for ever: the server's own polls mend what is
 * missing.
 */
void
rpc_event(struct rpc *r, const struct event *ev)
{
	struct rpc_call	 c;
	struct item	*it;

	rpc_call_of(r->arena, ev, &c);
	if (c.method != NULL && r->n < r->max) {
		it = xcalloc(1, sizeof(*it));
		it->meeting = xstrdup(ev->meeting);
		it->method = c.method;
		it->path = xstrdup(c.path);
		it->body = c.body;
		it->rpc = r;
		*r->last = it;
		r->last = &it->next;
		r->n++;
		r->full = false;
	} else {
		buf_free(&c.body);
		if (c.method != NULL && !r->full) {
			log_warnx("agent/rpc: too many events wait: some are"
			    " dropped");
			r->full = true;
		}
	}
	arena_reset(r->arena);
}

/* The list's end may point into the item. */
static void
item_drop(struct rpc *r, struct item *it)
{
	struct item	**at;

	for (at = &r->first; *at != it; at = &(*at)->next)
		;
	*at = it->next;
	if (r->last == &it->next)
		r->last = at;
	r->n--;
	item_free(it);
}

/* A refusal is an answer: the same call would be refused again. */
static void
answered(void *ctx, const struct calls_res *res)
{
	struct item	*it = ctx;
	struct rpc	*r = it->rpc;
	char		 text[128];

	it->calling = false;
	r->air--;
	if (res->status != 0 && res->status != 429 && res->status < 500) {
		backoff_worked(&r->backoff);
		item_drop(r, it);
		return;
	}
	if (r->backoff.failures == 0)
		log_warnx("%s: %s", it->path, api_failure(res, text,
		    sizeof(text)));
	r->due_ms = clock_mono_ms() + backoff_failed(&r->backoff);
	if (++it->failures >= TRIES)
		item_drop(r, it);
}

/*
 * Calls of one meeting keep their order: an older one waits, or is in the air.
 */
static bool
is_busy(const struct rpc *r, const struct item *it)
{
	const struct item	*other;

	for (other = r->first; other != it; other = other->next)
		if (strcmp(other->meeting, it->meeting) == 0)
			return true;
	return false;
}

static void
launch(struct rpc *r, struct item *it)
{
	struct buf	body = { NULL, 0, 0 };

	/* Kept, since it may have to be sent again. */
	buf_add(&body, buf_str(&it->body), it->body.len);
	it->calling = true;
	r->air++;
	api_begin(&r->api, it->method, it->path,
	    it->body.len > 0 ? &body : NULL, answered, it);
	buf_free(&body);
}

/* Only the oldest are looked at: is_busy() walks the list for each. */
void
rpc_run(struct rpc *r, int64_t now)
{
	struct item	*it;
	int		 i = 0;

	if (now < r->due_ms)
		return;
	r->due_ms = 0;
	for (it = r->first; it != NULL && r->air < AIR_MAX && i < LOOK;
	    it = it->next, i++)
		if (!it->calling && !is_busy(r, it))
			launch(r, it);
}

int64_t
rpc_due_ms(const struct rpc *r)
{
	/* What waits for an answer runs again when that comes. */
	return r->due_ms > 0 ? r->due_ms : NEVER;
}
