/*
 * Ask, then add or correct.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "enroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#define NEVER		INT64_MAX
#define ID_MAX		64
/* The Go server keeps the factor in four bytes. */
#define FACTOR_SLACK	1e-6

struct enroll {
	struct enroll_opts	 opts;
	bool			 done;
	bool			 calling;
	int64_t			 due_ms;
	struct backoff		 backoff;
	char			 said[160];	/* the last complaint */
};

struct enroll *
enroll_new(const struct enroll_opts *o)
{
	struct enroll	*n = xcalloc(1, sizeof(*n));

	n->opts = *o;
	return n;
}

void
enroll_free(struct enroll *n)
{
	free(n);
}

bool
enroll_is_done(const struct enroll *n)
{
	return n->done;
}

int64_t
enroll_due_ms(const struct enroll *n)
{
	return n->done || n->calling ? NEVER : n->due_ms;
}

/*
 * Only the first of several 404s counts; an admin may have removed this host
 * on purpose, so it does not hurry.
 */
void
enroll_again(struct enroll *n)
{
	if (n->done)
		n->due_ms = clock_mono_ms() + backoff_failed(&n->backoff);
	n->done = false;
}

/* The same complaint is not told twice in a row, however often it is tried. */
static void
complain(struct enroll *n, const char *what)
{
	n->due_ms = clock_mono_ms() + backoff_failed(&n->backoff);
	if (strcmp(n->said, what) == 0)
		return;
	str_copy(n->said, sizeof(n->said), what);
	log_warnx("%s", what);
}

static void
complain_of(struct enroll *n, const char *call, const struct calls_res *r)
{
	char	text[128], what[160];

	snprintf(what, sizeof(what), "%s: %.100s%s", call,
	    api_failure(r, text, sizeof(text)), r->status == 401 ||
	    r->status == 403 ? ": the token is not good for it" : "");
	complain(n, what);
}

static void
finish(struct enroll *n, const char *what)
{
	n->done = true;
	n->said[0] = '\0';
	backoff_worked(&n->backoff);
	log_info("%s", what);
}

static void
put_address(const struct enroll *n, json_t *o)
{
	json_object_set_new(o, "bbb", json_pack("{s:s,s:s}",
	    "host", n->opts.host, "secret", n->opts.secret));
}

static void
put_factor(const struct enroll *n, json_t *o)
{
	json_object_set_new(o, "load_factor",
	    json_real(n->opts.load_factor));
}

static void
added(void *ctx, const struct calls_res *r)
{
	struct enroll	*n = ctx;

	n->calling = false;
	if (r->status == 200 || r->status == 201)
		finish(n, "this server is registered; an admin has to enable"
		    " it");
	else
		complain_of(n, "POST backends", r);
}

/*
 * As `init`: a host that registers itself gets no meeting until an admin has
 * looked at it.
 */
static void
add(struct enroll *n)
{
	struct buf	 body = { NULL, 0, 0 };
	json_t		*o = json_object();

	put_address(n, o);
	if (n->opts.load_factor > 0)
		put_factor(n, o);
	json_object_set_new(o, "admin_state", json_string("init"));
	api_body(&body, o);
	n->calling = true;
	api_begin(n->opts.api, "POST", "backends", &body, added, n);
}

static void
corrected(void *ctx, const struct calls_res *r)
{
	struct enroll	*n = ctx;

	n->calling = false;
	if (r->status == 200)
		finish(n, "the balancer knows this server; its entry is up to"
		    " date now");
	else
		complain_of(n, "PATCH backends", r);
}

/*
 * What of the balancer's record is to change: NULL if nothing.  An address
 * that an admin typed stays, unless the agent is told to register its own.
 */
static json_t *
corrections(const struct enroll *n, const json_t *backend)
{
	const json_t	*bbb = json_object_get(backend, "bbb");
	const char	*host = json_string_value(json_object_get(bbb, "host"));
	const char	*secret = json_string_value(json_object_get(bbb,
			    "secret"));
	double		 factor = json_number_value(json_object_get(backend,
			    "load_factor"));
	json_t		*o = json_object();

	if (n->opts.may_add && (host == NULL ||
	    strcmp(host, n->opts.host) != 0 || secret == NULL ||
	    strcmp(secret, n->opts.secret) != 0))
		put_address(n, o);
	if (n->opts.load_factor > 0 &&
	    fabs(factor - n->opts.load_factor) > FACTOR_SLACK)
		put_factor(n, o);
	if (json_object_size(o) > 0)
		return o;
	json_decref(o);
	return NULL;
}

/* The id becomes part of a path, so it is looked at. */
static bool
is_id(const char *id)
{
	return id != NULL && id[0] != '\0' && strlen(id) <= ID_MAX &&
	    strspn(id, "0123456789abcdefABCDEF-") == strlen(id);
}

static void
correct(struct enroll *n, const struct calls_res *r)
{
	struct buf	 body = { NULL, 0, 0 };
	json_t		*backend = json_loadb(buf_str(&r->body), r->body.len, 0,
			    NULL);
	const char	*id = json_string_value(json_object_get(backend,
			    "id"));
	char		 path[ID_MAX + sizeof("backends/")];
	json_t		*o;

	if (!is_id(id))
		complain(n, "GET agent/backend: not an answer of b3scale");
	else if ((o = corrections(n, backend)) == NULL)
		finish(n, "the balancer knows this server");
	else {
		snprintf(path, sizeof(path), "backends/%s", id);
		api_body(&body, o);
		n->calling = true;
		api_begin(n->opts.api, "PATCH", path, &body, corrected, n);
	}
	json_decref(backend);
}

/* 404 is the answer to a token that no backend has. */
static void
asked(void *ctx, const struct calls_res *r)
{
	struct enroll	*n = ctx;

	n->calling = false;
	if (r->status == 200)
		correct(n, r);
	else if (r->status == 404 && n->opts.may_add)
		add(n);
	else if (r->status == 404)
		complain(n, "the balancer has no server for this token:"
		    " register it, or start the agent with -r");
	else
		complain_of(n, "GET agent/backend", r);
}

void
enroll_run(struct enroll *n, int64_t now)
{
	if (n->done || n->calling || now < n->due_ms)
		return;
	n->calling = true;
	api_begin(n->opts.api, "GET", "agent/backend", NULL, asked, n);
}
