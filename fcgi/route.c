/*
 * The table of paths, and what a path that is not in it gets.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/route.h"

#include <string.h>

#include "base/str.h"
#include "config.h"
#include "core/callback.h"
#include "core/replica.h"
#include "fcgi/api/api.h"
#include "fcgi/callback.h"
#include "fcgi/probe.h"

#define BIT(method)	(1U << (method))
#define READ		(BIT(HTTP_GET) | BIT(HTTP_HEAD))
#define ANY		(~0U)

struct row {
	const char	*path;
	unsigned	 methods;
	const char	*allow;		/* the same as a header says it */
	const char	*kind;
	enum log_level	 level;
	void		(*answer)(struct exchange *x);
};

static void	hello(struct exchange *x);
static void	gateway(struct exchange *x);
static void	not_found(struct exchange *x);

static const struct row rows[] = {
	{ "/",		READ, "GET, HEAD", "hello", LOG_LEVEL_INFO,  hello },
	{ "/healthz",	READ, "GET, HEAD", "probe", LOG_LEVEL_DEBUG,
	    probe_alive },
	{ "/readyz",	READ, "GET, HEAD", "probe", LOG_LEVEL_DEBUG,
	    probe_ready },
};

/* The gateway knows its paths itself, and answers every method in XML. */
static const struct row gateway_row = {
	NULL,		ANY, NULL,	   "bbb",   LOG_LEVEL_INFO,  gateway
};
/* A token follows the path. */
static const struct row callback_row = {
	NULL,		READ | BIT(HTTP_POST), "GET, HEAD, POST", "callback",
	LOG_LEVEL_INFO,	callback_answer
};
/* The API has a table of its own, and asks for a token first. */
static const struct row api_row = {
	NULL,		ANY, NULL,	   "api",   LOG_LEVEL_INFO,  api_answer
};
static const struct row unknown_row = {
	NULL,		ANY, NULL,	   "http",  LOG_LEVEL_INFO,  not_found
};

/*
 * A machine that asks for a path that is none is most likely a client of the
 * API.
 */
static void
json_message(struct exchange *x, int status, const char *json)
{
	x->reply->status = status;
	http_header_set(x->reply, "Content-Type",
	    "application/json; charset=UTF-8");
	buf_adds(&x->reply->body, json);
}

/* What a person who types the address sees. */
static void
hello(struct exchange *x)
{
	x->reply->status = 200;
	http_header_set(x->reply, "Content-Type",
	    "text/plain; charset=utf-8");
	buf_adds(&x->reply->body, PACKAGE_NAME " " PACKAGE_VERSION "\n");
}

static void
gateway(struct exchange *x)
{
	struct replica	*r = x->w->replica;

	/* Its first load is left to the first call that wants it. */
	if (r != NULL && replica_usable(r))
		replica_sync(r);
	x->call = gateway_handle(x->w, x->req, x->reply, &x->log);
}

static void
not_found(struct exchange *x)
{
	json_message(x, 404, "{\"message\":\"Not Found\"}\n");
}

static void
wrong_method(struct exchange *x, const struct row *row)
{
	http_header_set(x->reply, "Allow", row->allow);
	json_message(x, 405, "{\"message\":\"Method Not Allowed\"}\n");
}

/* Prefixes first, the most frequent before all. */
static const struct row *
find(const char *path)
{
	size_t	i;

	if (gateway_takes(path))
		return &gateway_row;
	if (str_starts(path, CALLBACK_PATH))
		return &callback_row;
	if (api_takes(path))
		return &api_row;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].path, path) == 0)
			return &rows[i];
	return &unknown_row;
}

void
route_refuse(struct exchange *x, int status, const char *why)
{
	const char	*path = x->req->raw_path;

	x->log.reason = arena_strdup(x->req->arena, why);
	x->level = LOG_LEVEL_INFO;
	/* Not every path could be brought into its proper form. */
	while (path[0] == '/' && path[1] == '/')
		path++;
	if (api_takes(path)) {
		x->kind = api_row.kind;
		api_refuse(x, status, why);
		return;
	}
	x->kind = unknown_row.kind;
	x->reply->status = status;
	http_header_set(x->reply, "Content-Type",
	    "text/plain; charset=utf-8");
	buf_printf(&x->reply->body, "%s: %s\n", http_reason(status), why);
}

void
route_answer(struct exchange *x)
{
	const struct row	*row = find(x->req->path);

	x->kind = row->kind;
	x->level = row->level;
	if ((row->methods & BIT(x->req->method)) == 0)
		wrong_method(x, row);
	else
		row->answer(x);
}
