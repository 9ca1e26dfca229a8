/*
 * One round of telling frontends what BBB servers called back about.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/callbacks.h"

#include <string.h>

#include "base/log.h"
#include "core/jobs/callback_out.h"
#include "core/settings.h"
#include "proto/client.h"
#include "proto/spool.h"
#include "store/callback.h"

#define BATCH		50
/* The calls of a batch are made at once: its lease outlasts them. */
#define LEASE_S		120
#define CALL_MAX_MS	60000
#define GIVE_UP_S	86400
#define KEEP_S		(7 * 86400)
#define NEXT_MS		60000
/* BBB follows those of the end of a meeting, so we do. */
#define REDIRECTS	3
#define REPLY_MAX	((size_t)64 * 1024)

#define STATUS_GONE	410
#define STATUS_MISSING	404

struct round {
	struct worker			*w;
	struct arena			*a;
	struct callback_signers		 signers;
	struct callbacks_round		*counts;
	struct err			 failure;	/* of the database */
};

/* One that is on its way. */
struct delivery {
	struct round			*round;
	const struct callback_due	*due;
	struct spool			*body;
};

/* Notes how one went; a lease that is over is nobody's failure. */
static void
finish(struct round *r, const struct callback_due *d, bool ok, bool final,
    int status, const char *error)
{
	const struct callback_result	 res = {
		.ok = ok, .final = final, .status = status,
		.error = error, .give_up_s = GIVE_UP_S,
	};

	if (ok)
		r->counts->delivered++;
	else
		r->counts->failed++;
	if (callback_done(r->w->db, d, &res, &r->failure) != 1)
		log_debug("callback %lld: not noted", d->id);
}

/*
 * 410 says that it need not be tried again; so does 404 for a recording, as
 * BBB takes it (bbb-api 9.2).
 */
static bool
not_wanted(const struct callback_due *d, int status)
{
	return status == STATUS_GONE || (status == STATUS_MISSING &&
	    d->callback.kind == CALLBACK_RECORDING);
}

static void
answered(const struct client_job *job, struct client_res *res)
{
	const struct delivery	*v = job->ctx;
	bool			 ok;

	if (res->outcome != CLIENT_OK) {
		finish(v->round, v->due, false, false, 0, res->error);
		return;
	}
	ok = res->status >= 200 && res->status < 300;
	finish(v->round, v->due, ok, not_wanted(v->due, res->status),
	    res->status, ok ? NULL : arena_printf(v->round->a,
	    "HTTP status %d", res->status));
}

/* How far a frontend's URL may lead. */
static enum address_class
reach(const struct round *r, const struct callback_due *d)
{
	struct settings	s;
	struct err	ignored = ERR_INIT;

	if (r->w->conf->callback_loopback)
		return ADDRESS_LOOPBACK;
	if (settings_parse(r->a, d->settings, &s, &ignored) == -1)
		return ADDRESS_PUBLIC;
	return s.callbacks_private ? ADDRESS_PRIVATE : ADDRESS_PUBLIC;
}

/*
 * Guarded, since the URL is a frontend's choice: its address is judged when it
 * is connected to, not when it was given.
 */
static int
request_fill(struct delivery *v, const struct callback_call *c,
    struct client_req *q, struct err *e)
{
	const struct config	*conf = v->round->w->conf;

	q->url = c->url;
	q->post = c->body != NULL;
	q->content_type = c->content_type;
	q->authorization = c->authorization;
	q->user_agent = c->user_agent;
	q->connect_ms = conf->connect_timeout;
	q->total_ms = conf->try_timeout < CALL_MAX_MS ? conf->try_timeout :
	    CALL_MAX_MS;
	q->reply_max = REPLY_MAX;
	q->guarded = true;
	q->reach = reach(v->round, v->due);
	q->redirects = q->post ? 0 : REDIRECTS;
	if (c->body == NULL)
		return 0;
	v->body = q->body = spool_new(conf->spool_dir,
	    (size_t)conf->spool_memory);
	return spool_write(v->body, c->body, strlen(c->body), e);
}

/* Whether it can be called; what can never be is given up. */
static bool
prepare(struct delivery *v, struct client_job *job)
{
	struct round		*r = v->round;
	struct callback_call	 c;
	struct err		 e = ERR_INIT;

	job->ctx = v;
	if (callback_out(r->w, r->a, &r->signers, v->due, &c, &e) == 0 &&
	    request_fill(v, &c, &job->req, &e) == 0)
		return true;
	finish(r, v->due, false, e.code == ERR_DENIED || e.code == ERR_INPUT,
	    0, e.text);
	return false;
}

/* Jobs are packed at the front: those that cannot be called take no place. */
static int
deliver(struct round *r, const struct callback_dues *dues, struct err *e)
{
	struct client_job	*jobs;
	struct delivery		*v;
	size_t			 i, n = 0;
	int			 rc;

	jobs = arena_zalloc(r->a, dues->n, sizeof(*jobs));
	v = arena_zalloc(r->a, dues->n, sizeof(*v));
	for (i = 0; i < dues->n; i++) {
		v[i].round = r;
		v[i].due = &dues->v[i];
		n += prepare(&v[i], &jobs[n]);
	}
	rc = client_many(r->w->client, jobs, n, BATCH, answered, e);
	for (i = 0; i < dues->n; i++)
		spool_free(v[i].body);
	return rc;
}

/*
 * The secrets of all servers are read once for the batch: recordings and
 * analytics are signed with one of them.
 */
static int
run(struct round *r, struct err *e)
{
	struct callback_dues	dues;

	if (callback_claim(r->w->db, BATCH, LEASE_S, KEEP_S, r->a, &dues,
	    e) == -1)
		return -1;
	if (dues.n > 0) {
		if (callback_secrets(r->w->db, r->a, &r->signers.secrets,
		    &r->signers.n, e) == -1 || deliver(r, &dues, e) == -1)
			return -1;
		if (r->failure.code != ERR_NONE) {
			*e = r->failure;
			return -1;
		}
	}
	r->counts->next_ms = callback_next(r->w->db, NEXT_MS, e);
	return r->counts->next_ms == -1 ? -1 : 0;
}

int
job_callbacks(struct worker *w, struct callbacks_round *round, struct err *e)
{
	struct round	r = { .w = w, .counts = round, .failure = ERR_INIT };
	int		rc;

	memset(round, 0, sizeof(*round));
	r.a = arena_new();
	rc = run(&r, e);
	arena_free(r.a);
	return rc;
}
