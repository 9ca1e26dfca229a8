/*
 * Meetings ended on their servers, many at once.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/end_calls.h"

#include <string.h>

#include "proto/bbb.h"
#include "proto/checksum.h"
#include "proto/client.h"

/* What the calls of one run share. */
struct run {
	void		(*done)(struct end_call *);
};

struct call {
	struct end_call	*end;
	const struct run *run;
};

/*
 * The moderator's password is for BBB up to 2.4, which asks for it (bbb-api
 * 6.5).
 */
static char *
url_make(struct arena *a, const struct end_call *c)
{
	struct query	 q = { .arena = a };
	struct buf	 b = { 0 };

	query_set(&q, "meetingID", c->id);
	if (c->moderator_pw[0] != '\0')
		query_set(&q, "password", c->moderator_pw);
	buf_adds(&b, c->host);
	checksum_sign(&b, "end", &q, c->secret, CHECKSUM_SHA256);
	return arena_take(a, &b);
}

/* NULL if it has ended, else why not. */
static const char *
refusal(struct arena *a, const struct client_res *res)
{
	struct view		body = { buf_str(&res->body), res->body.len };
	struct bbb_reply	r;
	struct err		e = ERR_INIT;

	if (res->outcome != CLIENT_OK)
		return arena_strdup(a, res->error);
	if (res->status != 200)
		return arena_printf(a, "HTTP status %d", res->status);
	if (bbb_reply_read(a, body, &r, &e) == -1)
		return arena_strdup(a, e.text);
	if (r.success || strcmp(r.key, "notFound") == 0)
		return NULL;
	return arena_printf(a, "%s: %s", r.key, r.message);
}

static void
answered(const struct client_job *job, struct client_res *res)
{
	struct call	*c = job->ctx;

	c->end->failure = refusal(c->end->arena, res);
	if (c->run->done != NULL)
		c->run->done(c->end);
}

/* "not asked" stays where libcurl gave up before a call began. */
int
end_calls(struct worker *w, struct arena *a, struct end_call *v, size_t n,
    int ms, void (*done)(struct end_call *), struct err *e)
{
	struct run		 run = { done };
	struct client_job	*jobs = arena_zalloc(a, n, sizeof(*jobs));
	struct call		*calls = arena_zalloc(a, n, sizeof(*calls));
	size_t			 i;

	for (i = 0; i < n; i++) {
		v[i].arena = a;
		v[i].failure = "not asked";
		calls[i].end = &v[i];
		calls[i].run = &run;
		jobs[i].req.url = url_make(a, &v[i]);
		jobs[i].req.connect_ms = ms;
		jobs[i].req.total_ms = ms;
		jobs[i].req.reply_max = (size_t)w->conf->max_reply;
		jobs[i].ctx = &calls[i];
	}
	/* Never queued behind one another: the deadline is everyone's. */
	return client_many(w->client, jobs, n, n, answered, e);
}
