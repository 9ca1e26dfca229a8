/*
 * Calls that the meeting's own server answers: end, insertDocument,
 * sendChatMessage and what BBB may learn.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/gateway/answers.h"
#include "core/gateway/reply.h"
#include "core/server.h"
#include "store/meeting.h"

/* A server's own word that it has no such meeting ends the row, too. */
static bool
says_not_found(const struct bbb_reply *r)
{
	return !r->success && strcmp(r->key, "notFound") == 0;
}

static enum verdict
not_answered(struct call *c, enum server_outcome outcome, struct err *e)
{
	struct err	ignored = ERR_INIT;

	if (outcome == SERVER_BUSY || outcome == SERVER_UNFIT)
		return FAILED;
	if (outcome == SERVER_OTHER) {
		/* an older server that does not know the call: 404, 405 */
		c->log->reason = arena_strdup(c->a, e->text);
		return reply_failed(c, "unsupportedRequest",
		    "This request is not supported.");
	}
	if (outcome == SERVER_STUMBLED) {
		c->log->reason = arena_strdup(c->a, e->text);
		reply_stumbled(e);
		return FAILED;
	}
	if (backend_call_failed(c->w->db, c->route->backend.id, e->text,
	    &ignored) == -1)
		c->log->reason = arena_strdup(c->a, ignored.text);
	return FAILED;
}

/* GO_ON: the server's reply is ours now, and r tells what it said. */
static enum verdict
forward(struct call *c, struct client_res *res, struct bbb_reply *r,
    struct err *e)
{
	struct server_call	q = {
		.backend = &c->route->backend,
		.name = c->name,
		.query = &c->query,
		.body = c->body,
		.total_ms = c->w->conf->try_timeout,
	};
	enum server_outcome	outcome;

	outcome = server_ask(c->w, c->a, &q, res, r, e);
	if (outcome != SERVER_SAID)
		return not_answered(c, outcome, e);
	reply_foreign(c, res, r);
	return GO_ON;
}

/* Each call has its own words for a meeting that is not there (6.9, 6.10). */
static enum verdict
no_meeting(struct call *c)
{
	if (strcmp(c->name, "insertDocument") == 0)
		return reply_failed(c, "", arena_printf(c->a,
		    "Meeting with id [%s] not found.",
		    query_get(&c->query, "meetingID")));
	return reply_failed(c, "meetingNotFound", "Meeting not found");
}

/*
 * By the internal id: a meeting made anew under the same name meanwhile stays.
 */
static enum verdict
end_row(struct call *c, struct err *e)
{
	const struct meeting	*m = &c->route->meeting;

	return meeting_end(c->w->db, m->row, m->internal_id, e) == -1 ?
	    FAILED : ANSWERED;
}

enum verdict
answer_forward(struct call *c, struct err *e)
{
	struct client_res	res;
	struct bbb_reply	r;
	enum verdict		v;

	if (!c->found)
		return no_meeting(c);
	v = forward(c, &res, &r, e);
	if (v == GO_ON)
		v = says_not_found(&r) ? end_row(c, e) : ANSWERED;
	client_res_free(&res);
	return v;
}

/*
 * The row is marked before the answer is out, so that the meeting leaves
 * every list with it; BBB itself takes some seconds (6.5).
 */
enum verdict
answer_end(struct call *c, struct err *e)
{
	struct client_res	res;
	struct bbb_reply	r;
	enum verdict		v;

	v = forward(c, &res, &r, e);
	if (v == GO_ON)
		v = r.success || says_not_found(&r) ? end_row(c, e) :
		    ANSWERED;
	client_res_free(&res);
	return v;
}
