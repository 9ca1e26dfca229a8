/*
 * One authenticated call at a time, and what its failure means.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "api.h"

#include <string.h>

#include "config.h"
#include "login.h"
#include "proto/client.h"
#include "proto/spool.h"
#include "proto/url.h"

#define ROOT		"/api/v1"
#define CONNECT_MS	5000
#define TOTAL_MS	300000		/* a frontend with all it has */
#define HURRY_MS	3000		/* of a completion */
#define REPLY_MAX	(1u << 28)
#define SPOOL_MAX	(1u << 28)

#define AGAIN		"make a new one with: " CTL_NAME " auth authorize"

const char *
api_query(struct ctl *c, const char *value)
{
	struct buf	 b = { 0 };

	url_encode(&b, value, strlen(value));
	return arena_take(c->arena, &b);
}

const char *
api_path(struct ctl *c, const char *value)
{
	struct buf	 b = { 0 };

	url_encode_path(&b, value, strlen(value));
	return arena_take(c->arena, &b);
}

const char *
api_str(const json_t *object, const char *path)
{
	const char	*s = json_string_value(json_member(object, path));

	return s == NULL ? "" : s;
}

/* What a field may not be: "bbb.key: this field is required". */
static void
add_fields(struct buf *b, const json_t *fields)
{
	const char	*name;
	json_t		*texts, *text;
	size_t		 i;

	json_object_foreach((json_t *)fields, name, texts)
		json_array_foreach(texts, i, text) {
			buf_printf(b, "; %s: ", name);
			if (json_is_string(text))
				out_text(b, json_string_value(text));
		}
}

/* What the server said of it; its members if it has no message. */
static void
add_message(struct buf *b, const struct client_res *r)
{
	struct err	 e = ERR_INIT;
	json_t		*j = NULL;

	if (json_parse(buf_str(&r->body), r->body.len, &j, &e) == 0 &&
	    json_is_string(json_member(j, "message")))
		out_text(b, api_str(j, "message"));
	else
		buf_printf(b, "HTTP status %d", r->status);
	if (json_is_object(json_member(j, "fields")))
		add_fields(b, json_member(j, "fields"));
	json_decref(j);
}

/* The exit status follows from these, so they are told apart. */
static enum err_code
code_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return ERR_DENIED;
	case 404:
		return ERR_MISSING;
	case 409:
		return ERR_CONFLICT;
	default:
		return status < 500 ? ERR_INPUT : ERR_BACKEND;
	}
}

/* The server's own words first, then what an admin can do about it. */
static int
refused(const struct ctl *c, const struct client_res *r, struct err *e)
{
	struct buf	b = { 0 };

	add_message(&b, r);
	if (r->status == 401 && login_by_secret())
		err_set(e, ERR_DENIED, "%s: B3SCALE_API_JWT_SECRET is not the"
		    " secret of %s (its api_jwt_secret)", buf_str(&b),
		    c->url);
	else if (r->status == 401 && c->token != NULL)
		err_set(e, ERR_DENIED, "%s: the token for %s is not good (any"
		    " more); " AGAIN, buf_str(&b), c->url);
	else if (r->status == 503 && strcmp(buf_str(&b),
	    "Service Unavailable") == 0)
		err_set(e, ERR_BACKEND, "%s: the database is away, perhaps;"
		    " try again, and see what " CTL_NAME " version says",
		    buf_str(&b));
	else
		err_set(e, code_of(r->status), "%s", buf_str(&b));
	buf_free(&b);
	return -1;
}

static int
unreachable(const struct ctl *c, const struct client_res *r, struct err *e)
{
	if (strstr(r->error, "certificate") != NULL)
		return err_set(e, ERR_BACKEND, "cannot trust %s: %s (the"
		    " certificate of your own CA: set SSL_CERT_FILE to its"
		    " file)", c->url, r->error);
	return err_set(e, ERR_BACKEND, "cannot reach %s: %s; is that the"
	    " address (-b, B3SCALE_API_URL), and does it run?", c->url,
	    r->error);
}

/* A page of some web server is no answer of ours. */
static int
read_answer(const struct ctl *c, const struct client_res *r, json_t **out,
    struct err *e)
{
	if (r->status >= 300 && r->status < 400)
		return err_set(e, ERR_BACKEND, "%s sends us elsewhere (HTTP"
		    " status %d): is it the address itself?", c->url,
		    r->status);
	if (strncmp(r->content_type, "application/json", 16) != 0 &&
	    r->body.len > 0)
		return err_set(e, ERR_BACKEND, "there is no API of b3scale at"
		    " %s" ROOT " (HTTP status %d): check the address (-b,"
		    " B3SCALE_API_URL)", c->url, r->status);
	if (r->status >= 400)
		return refused(c, r, e);
	if (out == NULL)
		return 0;
	if (json_parse(buf_str(&r->body), r->body.len, out, e) == -1)
		return err_note(e, "%s sent no good JSON", c->url);
	return 0;
}

/* A spool since the client takes nothing else; it stays in memory. */
static struct spool *
body_of(const json_t *body, struct err *e)
{
	struct spool	*s;
	struct buf	 b = { 0 };

	json_write(&b, body);
	s = spool_new("/tmp", SPOOL_MAX);
	if (spool_write(s, buf_str(&b), b.len, e) == -1) {
		spool_free(s);
		s = NULL;
	}
	buf_free(&b);
	return s;
}

int
api_call(struct ctl *c, const char *method, const char *path,
    const json_t *body, json_t **out, struct err *e)
{
	struct client_req	 q = { .connect_ms = CONNECT_MS,
				    .total_ms = c->hurry ? HURRY_MS :
					TOTAL_MS,
				    .reply_max = REPLY_MAX,
				    .content_type = "application/json" };
	struct client_res	 r;
	struct err		 why = ERR_INIT;
	int			 rc;

	if (c->client == NULL)
		c->client = client_new(CTL_NAME "/" PACKAGE_VERSION);
	if (body != NULL && (q.body = body_of(body, e)) == NULL)
		return -1;
	q.url = arena_printf(c->arena, "%s" ROOT "%s", c->url, path);
	q.method = strcmp(method, "GET") == 0 ? NULL : method;
	if (c->token != NULL)
		q.authorization = arena_printf(c->arena, "Bearer %s",
		    c->token);
	if (client_call(c->client, &q, &r, &why) == -1)
		rc = unreachable(c, &r, e);
	else
		rc = read_answer(c, &r, out, e);
	client_res_free(&r);
	spool_free(q.body);
	return rc;
}

int
api_get(struct ctl *c, const char *path, json_t **out, struct err *e)
{
	return api_call(c, "GET", path, NULL, out, e);
}

int
api_list(struct ctl *c, const char *path, json_t **out, struct err *e)
{
	if (api_get(c, path, out, e) == -1)
		return -1;
	if (json_is_array(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	return err_set(e, ERR_BACKEND, "%s sent no list", c->url);
}

int
api_status(struct ctl *c, struct err *e)
{
	json_decref(c->status);
	c->status = NULL;
	if (api_get(c, "", &c->status, e) == -1)
		return -1;
	if (json_is_string(json_member(c->status, "api")))
		return 0;
	return err_set(e, ERR_BACKEND, "there is no API of b3scale at %s"
	    ROOT ": check the address (-b, B3SCALE_API_URL)", c->url);
}

int
api_open(struct ctl *c, struct err *e)
{
	if (c->token == NULL && login_token(c, e) == -1)
		return -1;
	if (api_status(c, e) == -1)
		return -1;
	if (json_is_true(json_member(c->status, "is_admin")))
		return 0;
	return err_set(e, ERR_DENIED, "authorization failed: the token for %s"
	    " is not an admin's; " AGAIN, c->url);
}
