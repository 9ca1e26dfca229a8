/*
 * What BBB servers call instead of a frontend's own address.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/callback.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/str.h"
#include "core/callback.h"
#include "proto/spool.h"
#include "store/callback.h"

static void
refuse(struct exchange *x, int status, const char *why)
{
	x->log.reason = arena_strdup(x->req->arena, why);
	x->reply->status = status;
	http_header_set(x->reply, "Content-Type",
	    "application/json; charset=UTF-8");
	buf_printf(&x->reply->body, "{\"message\":\"%s\"}\n",
	    callback_json(x->req->arena, why));
}

/* The whole body as text; NULL after refusing it. */
static const char *
body_read(struct exchange *x)
{
	long long	 max = x->w->conf->max_form, len;
	struct err	 e = ERR_INIT;
	struct spool	*s;
	char		*text;

	if ((s = x->req->body(x->req, &e)) == NULL) {
		refuse(x, err_http(e.code), e.text);
		return NULL;
	}
	len = spool_len(s);
	if (len > max) {
		refuse(x, 413, "the body is too large");
		return NULL;
	}
	text = arena_alloc(x->req->arena, (size_t)len + 1);
	if (spool_read(s, 0, text, (size_t)len, &e) != len) {
		refuse(x, 500, "the body cannot be read");
		return NULL;
	}
	text[len] = '\0';
	if (strlen(text) != (size_t)len ||
	    !str_utf8_valid(text, (size_t)len)) {
		refuse(x, 400, "the body is no UTF-8");
		return NULL;
	}
	return text;
}

/*
 * BBB calls again when our answer was lost, with the very same words.  A
 * recording is announced once per format in the same words, and that is not
 * repeated by BBB.
 */
static char *
once(struct arena *a, const char *token, const struct callback *c)
{
	unsigned char	 sum[EVP_MAX_MD_SIZE];
	char		 hex[2 * EVP_MAX_MD_SIZE + 1], *text;
	unsigned int	 len = 0;

	if (c->kind == CALLBACK_RECORDING)
		return NULL;
	text = arena_printf(a, "%s\n%s\n%s", token, c->query, c->body);
	if (EVP_Digest(text, strlen(text), sum, &len, EVP_sha256(),
	    NULL) != 1)
		return NULL;
	str_hex(hex, sum, len);
	return arena_strdup(a, hex);
}

/* By what BBB sends for each (bbb-api 9). */
static enum callback_kind
kind_of(const struct http_req *req)
{
	if (req->method != HTTP_POST)
		return CALLBACK_END;
	return strcmp(http_media_type(req->arena, req->content_type),
	    "application/json") == 0 ? CALLBACK_ANALYTICS :
	    CALLBACK_RECORDING;
}

static const char *const kind_names[] = {
	[CALLBACK_END] = "end",
	[CALLBACK_RECORDING] = "recording",
	[CALLBACK_ANALYTICS] = "analytics",
};

/* 200 only once it is committed: BBB does not call again then. */
static void
store(struct exchange *x, const char *token, const struct callback_token *t)
{
	struct http_req	*req = x->req;
	struct callback	 c = {
		.kind = kind_of(req),
		.frontend_id = t->frontend_id,
		.url = t->url,
		.query = req->raw_query,
		.body = "",
		.token = req->authorization,
	};
	struct err	 e = ERR_INIT;
	int		 stored;

	if (c.kind == CALLBACK_END)
		c.end = t->end;
	x->log.call = kind_names[c.kind];
	if (req->method == HTTP_POST && (c.body = body_read(x)) == NULL)
		return;
	if (!str_utf8_valid(c.query, strlen(c.query)) ||
	    !str_utf8_valid(c.token, strlen(c.token))) {
		refuse(x, 400, "the query is no UTF-8");
		return;
	}
	c.once = once(req->arena, token, &c);
	stored = callback_store(x->w->db, &c, &e);
	if (stored == 1)
		x->reply->status = 200;
	else if (stored == 0)
		refuse(x, 404, "there is no such frontend any more");
	else
		refuse(x, err_http(e.code), e.text);
}

/*
 * The token is the whole permission: it names the frontend and the URL, and
 * only we can have made it.
 */
void
callback_answer(struct exchange *x)
{
	const char		*token = x->req->path + strlen(CALLBACK_PATH);
	struct callback_token	 t;
	struct err		 e = ERR_INIT;

	if (!callback_wanted(x->w->conf))
		refuse(x, 404, "Not Found");
	else if (callback_token_read(x->req->arena, x->w->conf, token, &t,
	    &e) == -1)
		refuse(x, 403, e.text);
	else if (x->req->method != HTTP_HEAD)	/* a look is no call */
		store(x, token, &t);
}
