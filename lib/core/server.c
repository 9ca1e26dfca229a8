/*
 * Calls a BBB server and tells a server that fails from one that says no.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/server.h"
#include "core/slots.h"
#include "proto/checksum.h"

/* The wrong secret is the server's (or the admin's) fault, not the caller's. */
static bool
rejects_us(const struct bbb_reply *r)
{
	return !r->success && strcmp(r->key, "checksumError") == 0;
}

/*
 * What no server takes says nothing of this one: whoever sent it must not be
 * able to take out one server after the other.
 */
static bool
refuses_size_or_form(int status)
{
	return status == 400 || status == 413 || status == 414 ||
	    status == 431;
}

/*
 * BBB answers an error page to what it did not foresee in a request as well
 * as when it is in trouble itself (bbb-api 2.3): 500 alone blames nobody.
 */
static bool
stumbled(int status)
{
	return status == 500;
}

static enum server_outcome
read_reply(struct arena *a, const struct client_res *res,
    struct bbb_reply *reply, struct err *e)
{
	struct view	xml = { buf_str(&res->body), res->body.len };

	if (res->status >= 500) {
		err_set(e, ERR_BACKEND, "HTTP status %d", res->status);
		return stumbled(res->status) ? SERVER_STUMBLED : SERVER_DOWN;
	}
	if (refuses_size_or_form(res->status)) {
		err_key(e, ERR_INPUT, "validationError", "The meeting's "
		    "server refuses a request of this size or form.");
		return SERVER_UNFIT;
	}
	if (res->status < 200 || res->status >= 300) {
		err_set(e, ERR_BACKEND, "HTTP status %d", res->status);
		return SERVER_OTHER;
	}
	if (bbb_reply_read(a, xml, reply, e) == -1)
		return SERVER_OTHER;
	if (rejects_us(reply)) {
		err_set(e, ERR_BACKEND, "it rejects the secret: %s",
		    reply->message);
		return SERVER_DOWN;
	}
	return SERVER_SAID;
}

static enum server_outcome
call(struct worker *w, const struct server_call *q, struct client_res *res,
    struct err *e)
{
	struct client_req	req = { 0 };
	struct buf		url = { 0 };
	int			rc;

	buf_adds(&url, q->backend->host);
	checksum_sign(&url, q->name, q->query, q->backend->secret,
	    CHECKSUM_SHA256);
	req.url = buf_str(&url);
	req.post = q->body != NULL;
	req.content_type = "application/xml";
	req.body = q->body;
	req.connect_ms = w->conf->connect_timeout;
	req.total_ms = q->total_ms;
	req.reply_max = w->conf->max_reply;
	rc = client_call(w->client, &req, res, e);
	buf_free(&url);
	/* Of what is only half known (it timed out) the caller decides. */
	if (rc == 0)
		return SERVER_SAID;
	return res->outcome == CLIENT_TIMEOUT ? SERVER_TIMEOUT : SERVER_DOWN;
}

/*
 * The slot is given back before the reply is read: a server's time counts, not
 * ours.
 */
enum server_outcome
server_ask(struct worker *w, struct arena *a, const struct server_call *q,
    struct client_res *res, struct bbb_reply *reply, struct err *e)
{
	enum server_outcome	outcome;
	int			slot;

	memset(res, 0, sizeof(*res));
	slot = slots_enter(w->slots, q->backend->slot, w->conf->slot_wait, e);
	if (slot == -1)
		return SERVER_BUSY;
	outcome = call(w, q, res, e);
	slots_leave(w->slots, slot);
	if (outcome == SERVER_SAID)
		outcome = read_reply(a, res, reply, e);
	return outcome;
}
