/*
 * Our own answers to BBB calls: XML as BBB writes it, errors by interface.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/gateway/reply.h"

#define RETRY_AFTER_S "5"

/* no-cache: a frontend asks for what is now. */
void
reply_headers(struct call *c)
{
	http_header_set(c->reply, "Content-Type", REPLY_XML);
	http_header_set(c->reply, "Cache-Control", "no-cache");
}

/* It may stand instead of something that was begun: the body starts anew. */
void
reply_begin(struct call *c, struct xmlout *x)
{
	c->reply->status = 200;
	reply_headers(c);
	buf_reset(&c->reply->body);
	xmlout_begin(x, &c->reply->body);
	out_open(x, "response");
	out_str(x, "returncode", "SUCCESS");
	c->log->result = "SUCCESS";
}

enum verdict
reply_end(struct call *c, struct xmlout *x)
{
	(void)c;
	out_close(x);
	return out_done(x) == 0 ? ANSWERED : FAILED;
}

/* HTTP 200 all the same: BBB's clients look at returncode (bbb-api 2.3). */
enum verdict
reply_failed_json(struct call *c, const char *key, const char *message)
{
	json_t	*j;
	char	*text;

	j = json_pack("{s:{s:s,s:s,s:s}}", "response", "returncode", "FAILED",
	    "messageKey", key, "message", message);
	if (j == NULL)		/* a record id that is no UTF-8 */
		j = json_pack("{s:{s:s,s:s,s:s}}", "response", "returncode",
		    "FAILED", "messageKey", key, "message", "");
	text = json_dumps(j, JSON_COMPACT);
	c->reply->status = 200;
	buf_reset(&c->reply->body);
	buf_adds(&c->reply->body, text);
	http_header_set(c->reply, "Content-Type",
	    "application/json;charset=utf-8");
	http_header_set(c->reply, "Cache-Control", "no-cache");
	free(text);
	json_decref(j);
	c->log->result = key;
	return ANSWERED;
}

/* Their checks of the checksum and the record id choose the form (7.5). */
static bool
fails_in_json(const struct call *c)
{
	return strstr(c->name, "RecordingTextTrack") != NULL &&
	    http_prefers_json(c->req);
}

enum verdict
reply_failed(struct call *c, const char *key, const char *message)
{
	struct xmlout	x;

	if (fails_in_json(c))
		return reply_failed_json(c, key, message);
	c->reply->status = 200;
	reply_headers(c);
	buf_reset(&c->reply->body);
	xmlout_begin(&x, &c->reply->body);
	out_open(&x, "response");
	out_str(&x, "returncode", "FAILED");
	if (key[0] != '\0')
		out_str(&x, "messageKey", key);
	out_str(&x, "message", message);
	c->log->result = key[0] == '\0' ? "FAILED" : key;
	return reply_end(c, &x);
}

/*
 * The server's bytes are the answer; the stage of the meeting id edits them in
 * place on its way out.
 */
void
reply_foreign(struct call *c, struct client_res *res,
    const struct bbb_reply *r)
{
	c->foreign = true;
	c->reply->status = 200;
	reply_headers(c);
	buf_free(&c->reply->body);
	c->reply->body = res->body;
	memset(&res->body, 0, sizeof(res->body));
	c->log->result = r->success ? "SUCCESS" :
	    r->key[0] == '\0' ? "FAILED" : r->key;
}

/*
 * Not BBB's words: it answers a page of HTML then, which no client of the API
 * can read.
 */
void
reply_stumbled(struct err *e)
{
	err_key(e, ERR_INPUT, "internalError",
	    "The BBB server could not process this request.");
}

/* What a frontend may read: never the words of libpq, curl or an errno. */
static const char *
public_text(const struct err *e)
{
	switch (e->code) {
	case ERR_STORE:
		return "The load balancer cannot answer this at the moment. "
		    "Please try again.";
	case ERR_SYSTEM:
	case ERR_INTERNAL:
	case ERR_CONFIG:
		return "The load balancer could not process this request.";
	case ERR_BACKEND:
		return "The server of this meeting cannot be reached at the "
		    "moment. Please try again.";
	case ERR_BUSY:
		return "The server of this meeting is busy. "
		    "Please try again.";
	case ERR_NONE:
	case ERR_INPUT:
	case ERR_DENIED:
	case ERR_MISSING:
	case ERR_CONFLICT:
	case ERR_TOOBIG:
	case ERR_SCHEMA:
	case ERR__MAX:
		break;
	}
	return e->text;
}

/* What only the database can tell: 503, and when to come again. */
static bool
unavailable(const struct err *e)
{
	return e->code == ERR_STORE || e->code == ERR_SCHEMA;
}

/*
 * For a browser that follows a join link: what time may mend is a page that
 * tries again by itself.
 */
void
reply_error(struct call *c, const struct err *e)
{
	bool	browser = c->def != NULL &&
		    (c->def->flags & CALL_BROWSER) != 0 &&
		    http_accepts_html(c->req);

	if (c->log->reason == NULL)
		c->log->reason = arena_strdup(c->a, e->text);
	if (browser && (unavailable(e) || e->code == ERR_BACKEND)) {
		reply_wait(c, unavailable(e) ? 503 : 200);
		c->log->result = e->key;
	} else {
		reply_failed(c, e->key, public_text(e));
		if (unavailable(e))
			c->reply->status = 503;
		else if (e->code == ERR_MISSING && c->def == NULL)
			c->reply->status = 404;
	}
	if (unavailable(e))
		http_header_set(c->reply, "Retry-After", RETRY_AFTER_S);
}
