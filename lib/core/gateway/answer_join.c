/*
 * join: a browser is sent to its meeting's server, or told why not.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include <jansson.h>

#include "core/gateway/answers.h"
#include "core/gateway/reply.h"
#include "core/page.h"
#include "proto/checksum.h"

/* Target URLs hold a checksum: nobody may keep them (bbb-api 6.3). */
static void
redirect(struct call *c, const char *url)
{
	const struct page_var	vars[] = { { "url", url } };

	page_reply(c->w->pages, PAGE_REDIRECT, c->req, 302, vars, 1,
	    c->reply);
	http_header_set(c->reply, "Location", url);
}

/*
 * errors=[{"message":...,"key":...}] at the end of a URL's query, before its
 * fragment (bbb-api 6.3).
 */
static void
redirect_error(struct call *c, const char *url, const char *key,
    const char *message)
{
	size_t		 len = strcspn(url, "#");
	struct buf	 out = { 0 };
	json_t		*errors;
	char		*text;

	errors = json_pack("[{s:s,s:s}]", "message", message, "key", key);
	text = json_dumps(errors, JSON_COMPACT);
	buf_add(&out, url, len);
	buf_adds(&out, memchr(url, '?', len) == NULL ? "?errors=" :
	    "&errors=");
	url_encode_path(&out, text, strlen(text));
	buf_adds(&out, url + len);
	free(text);
	json_decref(errors);
	redirect(c, arena_take(c->a, &out));
}

/* A URL with control characters would forge headers: it is none then. */
static const char *
redirect_target(const struct call *c)
{
	static const char *const names[] = { "errorRedirectUrl", "logoutURL" };
	const char	*url;
	size_t		 i;

	for (i = 0; i < 2; i++) {
		url = query_get(&c->query, names[i]);
		if (url != NULL && url_is_http(url))
			return url;
	}
	return NULL;
}

/* What is no matter of validation heeds `redirect` (bbb-api 6.3). */
static bool
wants_xml(const struct call *c, const char *key)
{
	const char	*redirects = query_get(&c->query, "redirect");

	return strcmp(key, "maxParticipantsReached") == 0 &&
	    redirects != NULL && str_ieq(redirects, "false");
}

/*
 * In the order of bbb-api 6.3: XML where the frontend wants it, its own URL, a
 * page for people, else XML.
 */
enum verdict
join_refused(struct call *c, const char *key, const char *message)
{
	const char	*url = redirect_target(c);
	bool		 gone = strcmp(key, "meetingForciblyEnded") == 0;

	if (wants_xml(c, key))
		return reply_failed(c, key, message);
	if (url != NULL) {
		redirect_error(c, url, key, message);
	} else if (gone && http_accepts_html(c->req)) {
		page_reply(c->w->pages, PAGE_NOT_FOUND, c->req, 404, NULL, 0,
		    c->reply);
	} else if (strcmp(key, "maxParticipantsReached") == 0 &&
	    http_accepts_html(c->req)) {
		page_reply(c->w->pages, PAGE_LIMIT, c->req, 403, NULL, 0,
		    c->reply);
	} else {
		return reply_failed(c, key, message);
	}
	c->log->result = key;
	return ANSWERED;
}

/*
 * While the meeting's server is failed, or no server has it yet, the browser
 * waits; what the admin or an agent says of the server does not matter.
 */
enum verdict
answer_join(struct call *c, struct err *e)
{
	const struct backend	*b = &c->route->backend;
	struct buf		 url = { 0 };

	if (c->route->meeting.state != MEETING_LIVING ||
	    b->node_state == NODE_ERROR) {
		err_set(e, ERR_BACKEND, "%s",
		    b->node_state == NODE_ERROR ?
		    "the meeting's server is failed" :
		    "the meeting is being created");
		return FAILED;
	}
	buf_adds(&url, b->host);
	checksum_sign(&url, "join", &c->query, b->secret, CHECKSUM_SHA256);
	redirect(c, arena_take(c->a, &url));
	c->log->result = "SUCCESS";
	return ANSWERED;
}
