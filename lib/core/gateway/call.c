/*
 * From a request's path, query and form to the call it makes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/gateway/call.h"
#include "proto/checksum.h"
#include "proto/spool.h"

/* Segments that end a base URL and name no call: the index (bbb-api 2.1). */
static bool
is_index(const char *segment)
{
	return segment[0] == '\0' || strcmp(segment, "api") == 0 ||
	    strcmp(segment, "bigbluebutton") == 0 ||
	    strcmp(segment, "index") == 0;
}

/*
 * The last segment is the call, what lies before it does not matter (the Go
 * program's rule); only the webhooks' calls have two (bbb-api 6.14).
 */
static const char *
path_call(const char *rest)
{
	const char	*hooks, *last;

	last = strrchr(rest, '/');
	last = last == NULL ? rest : last + 1;
	if (is_index(last))
		return "";
	hooks = last - strlen("hooks/");
	if (hooks >= rest && str_starts(hooks, "hooks/") &&
	    (hooks == rest || hooks[-1] == '/'))
		return hooks;
	return last;
}

/* A slash behind the call means nothing to BBB, and some clients send it. */
static const char *
path_trim(struct call *c)
{
	size_t	len = strlen(c->req->path);

	while (len > 1 && c->req->path[len - 1] == '/')
		len--;
	c->req->path = arena_memdup(c->a, c->req->path, len);
	return c->req->path;
}

/* /bbb/KEY/.../CALL, or /bigbluebutton/api/CALL without a key. */
static enum verdict
path_split(struct call *c, struct err *e)
{
	const char	*path = path_trim(c), *rest, *slash;

	if (str_starts(path, "/bbb/") && path[5] != '\0') {
		rest = path + 5;
		slash = strchr(rest, '/');
		if (slash == NULL) {
			c->key = rest;
			c->name = "";
		} else {
			c->key = arena_memdup(c->a, rest, slash - rest);
			c->name = path_call(slash + 1);
		}
		return GO_ON;
	}
	rest = path + strlen("/bigbluebutton");
	if (str_starts(path, "/bigbluebutton") &&
	    (*rest == '\0' || *rest == '/')) {
		c->name = path_call(*rest == '/' ? rest + 1 : rest);
		return GO_ON;
	}
	err_key(e, ERR_MISSING, "unsupportedRequest",
	    "There is nothing at this address.");
	return FAILED;
}

/* An unknown length (chunked) counts as a body. */
static bool
is_form(const struct call *c)
{
	return c->req->method == HTTP_POST && c->req->content_length != 0 &&
	    strcmp(http_media_type(c->a, c->req->content_type),
	    "application/x-www-form-urlencoded") == 0;
}

/* A form has its own limit and is small enough to be looked at whole. */
static enum verdict
form_read(struct call *c, struct query *form, struct err *e)
{
	struct view	 raw;
	struct spool	*body;
	char		*text;
	long long	 len;

	if ((body = c->req->body(c->req, e)) == NULL)
		return FAILED;
	len = spool_len(body);
	text = arena_alloc(c->a, len + 1);
	if (len > 0 && spool_read(body, 0, text, len, e) != len)
		return FAILED;
	text[len] = '\0';
	raw = (struct view){ text, len };
	if (query_parse(c->a, raw, c->w->conf->max_params, form, e) == -1)
		return FAILED;
	return GO_ON;
}

/*
 * A form counts only when the URL carries no parameters of its own, and then
 * under the rebuilt checksum, which covers them (bbb-api 3.2: the newer rule,
 * an empty signed text, would let anybody change the parameters).
 */
static enum verdict
form_take(struct call *c, struct err *e)
{
	struct query	form;

	if (c->query.n > 0)
		return GO_ON;
	if (form_read(c, &form, e) != GO_ON)
		return FAILED;
	if (c->checksum == NULL)
		c->checksum = query_get(&form, "checksum");
	query_drop(&form, "checksum");
	if (form.n == 0)
		return GO_ON;
	c->signed_text = checksum_rebuilt(c->a, &form);
	c->from_form = true;
	c->query = form;
	return GO_ON;
}

enum verdict
call_open(struct call *c, struct err *e)
{
	struct view	raw;

	/* The text as it came: a checksum covers bytes, not their meaning. */
	raw = (struct view){ c->req->raw_query, c->req->raw_query_len };
	if (path_split(c, e) != GO_ON)
		return FAILED;
	c->log->call = c->name[0] == '\0' ? "index" : c->name;
	if (query_parse(c->a, raw, c->w->conf->max_params, &c->query, e) == -1)
		return FAILED;
	c->checksum = query_get(&c->query, "checksum");
	c->signed_text = checksum_strip(c->a, raw,
	    c->checksum == NULL ? "" : c->checksum);
	query_drop(&c->query, "checksum");
	if (is_form(c) && form_take(c, e) != GO_ON)
		return FAILED;
	/*
	 * A name given twice would be one value to us and another to a server.
	 */
	query_unique(&c->query);
	return GO_ON;
}

bool
call_is_recordings(const struct call *c)
{
	return strstr(c->name, "Recording") != NULL;
}

int
call_look(const struct call *c, struct routes *r, struct err *e)
{
	const struct route_query	q = {
		.key = c->route->fe.key,
		.meeting_id = c->meeting_id,
		.placing = (c->def->flags & CALL_NEW) != 0,
	};

	return route_lookup(c->w->db, &q, c->a, r, e);
}

void
call_close(struct call *c)
{
	if (c->own_body)
		spool_free(c->body);
	c->body = NULL;
}
