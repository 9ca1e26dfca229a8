/*
 * Asks the due servers at once; answers are written while others still think.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/jobs/poll.h"
#include "core/jobs/poll_reply.h"
#include "core/jobs/twins.h"
#include "proto/checksum.h"
#include "proto/client.h"
#include "store/agents.h"
#include "store/backend.h"
#include "store/poll.h"

/* A server that was claimed, and its reply until that is written down. */
struct asked {
	const struct poll_claim	*claim;
	struct round		*round;
	struct client_res	 res;		/* body taken over */
	const char		*failure;	/* NULL: none */
	struct asked		*next;		/* in the queue */
};

/*
 * Replies are queued as they come and written one at a time while libcurl
 * waits, so the database and the slow servers cost their time side by side.
 */
struct round {
	struct worker		*w;
	struct poll_opts	 opts;
	struct arena		*a;		/* the round's */
	struct arena		*reply;		/* of the reply being written */
	struct poll_claim	*claims;
	struct asked		*asked;		/* one for each claim */
	size_t			 n;
	struct asked		*head, **tail;	/* replies to be written */
	struct twins		 twins;		/* to be ended */
	struct cluster_rows	 before;	/* node states, for the log */
	struct err		 e;		/* what stopped the writing */
	struct poll_round	*out;
};

struct poll_opts
job_poll_opts(const struct config *conf)
{
	struct poll_opts	o = {
		.interval_ms = conf->poll_interval,
		.retry_ms = conf->poll_retry,
		.lease_ms = conf->poll_lease,
		.grace_ms = conf->meeting_grace,
		.fade_s = conf->size_fade / 1000,
		.weight_voice = conf->weight_voice,
		.weight_video = conf->weight_video,
	};

	return o;
}

/* Nothing more is written after one of these; the leases run out. */
static bool
stops(enum err_code code)
{
	return code == ERR_STORE || code == ERR_SCHEMA;
}

static const struct bbb_meeting *
meeting_find(const struct poll_reply *p, const char *internal_id)
{
	size_t	i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->meetings[i].internal_id, internal_id) == 0)
			return &p->meetings[i];
	return NULL;
}

/* Empty twins are noted for later, the others told of. */
static void
twins_note(struct round *r, const struct poll_claim *c,
    const struct poll_reply *p, const struct poll_twin *v, size_t n)
{
	const struct bbb_meeting	*m;
	size_t				 i, in_use = 0;

	for (i = 0; i < n; i++) {
		if (!v[i].empty) {
			in_use++;
			continue;
		}
		m = meeting_find(p, v[i].internal_id);
		twins_add(&r->twins, r->a, c, &v[i],
		    m != NULL ? m->moderator_pw : "");
	}
	if (in_use > 0)
		log_info("backend %s: meetings that have moved elsewhere and"
		    " still have people in them: %zu", c->host, in_use);
}

static int
meetings_write(struct round *r, const struct asked *q,
    const struct poll_reply *p, struct err *e)
{
	struct poll_twin	*twins = NULL;
	size_t			 ntwins = 0;

	if (poll_seen(r->w->db, &r->opts, q->claim, p->meetings, p->n,
	    q->res.ms, r->reply, &twins, &ntwins, e) == -1)
		return -1;
	twins_note(r, q->claim, p, twins, ntwins);
	return 0;
}

/* A failure is only noted: all of them are written together at the end. */
static void
reply_write(struct round *r, struct asked *q)
{
	struct poll_reply	p;
	struct err		e = ERR_INIT;

	poll_reply_read(r->reply, &q->res, &p);
	if (p.said == POLL_SAID_FAILURE) {
		q->failure = arena_strdup(r->a, p.error);
		return;
	}
	if (p.said == POLL_SAID_MEETINGS) {
		if (meetings_write(r, q, &p, &e) == 0)
			return;
		if (stops(e.code)) {
			r->e = e;
			return;
		}
		/* What one server says must not keep the others waiting. */
		p.error = e.text;
	}
	log_warnx("backend %s: %s", q->claim->host, p.error);
	if (poll_unreadable(r->w->db, &r->opts, q->claim, q->res.ms, p.error,
	    &r->e) == -1)
		err_note(&r->e, "backend %s", q->claim->host);
}

/* One reply; false when none is waiting. */
static bool
queue_step(void *ctx)
{
	struct round	*r = ctx;
	struct asked	*q = r->head;

	if (q == NULL)
		return false;
	if ((r->head = q->next) == NULL)
		r->tail = &r->head;
	if (!stops(r->e.code))
		reply_write(r, q);
	client_res_free(&q->res);
	arena_reset(r->reply);
	return true;
}

/* Called by libcurl's loop: nothing that waits may be done here. */
static void
reply_came(const struct client_job *job, struct client_res *res)
{
	struct asked	*q = job->ctx;
	struct round	*r = q->round;

	q->res = *res;
	memset(&res->body, 0, sizeof(res->body));
	q->next = NULL;
	*r->tail = q;
	r->tail = &q->next;
}

/* getMeetings without parameters: the checksum covers an empty query. */
static char *
url_make(struct arena *a, const struct poll_claim *c)
{
	struct query	 none = { .arena = a };
	struct buf	 b = { 0 };

	buf_adds(&b, c->host);
	checksum_sign(&b, "getMeetings", &none, c->secret, CHECKSUM_SHA256);
	return arena_take(a, &b);
}

/* What is left in the queue when the last reply is in is written then. */
static int
ask(struct round *r, struct err *e)
{
	const struct config	*conf = r->w->conf;
	struct client_job	*jobs;
	size_t			 i;
	int			 rc;

	jobs = arena_zalloc(r->a, r->n, sizeof(*jobs));
	r->asked = arena_zalloc(r->a, r->n, sizeof(*r->asked));
	for (i = 0; i < r->n; i++) {
		r->asked[i].claim = &r->claims[i];
		r->asked[i].round = r;
		jobs[i].req.url = url_make(r->a, &r->claims[i]);
		jobs[i].req.connect_ms = conf->poll_timeout;
		jobs[i].req.total_ms = conf->poll_timeout;
		jobs[i].req.reply_max = (size_t)conf->max_reply;
		jobs[i].ctx = &r->asked[i];
	}
	client_idle(r->w->client, queue_step, r);
	rc = client_many(r->w->client, jobs, r->n,
	    (size_t)conf->poll_parallel, reply_came, e);
	client_idle(r->w->client, NULL, NULL);
	while (queue_step(r))
		;
	return rc;
}

/* All of them together, so that the database sees a mass failure as one. */
static int
failures_write(struct round *r, struct err *e)
{
	struct poll_failure	*f;
	size_t			 i;
	bool			 alarm = false;

	f = arena_zalloc(r->a, r->n, sizeof(*f));
	for (i = 0; i < r->n; i++)
		if (r->asked[i].failure != NULL) {
			f[r->out->failed].claim = &r->claims[i];
			f[r->out->failed++].error = r->asked[i].failure;
			log_debug("backend %s: %s", r->claims[i].host,
			    r->asked[i].failure);
		}
	if (r->out->failed == 0)
		return 0;
	if (poll_failed(r->w->db, &r->opts, f, (size_t)r->out->failed,
	    &alarm, e) == -1)
		return -1;
	if (alarm)
		log_alarm("%d servers fail at once, more than half of all:"
		    " their states stay as they were (the first: %s: %s)",
		    r->out->failed, f[0].claim->host, f[0].error);
	return 0;
}

static const struct backend *
backend_find(const struct cluster_rows *c, const char *id)
{
	size_t	i;

	for (i = 0; i < c->nbackends; i++)
		if (strcmp(c->backends[i].id, id) == 0)
			return &c->backends[i];
	return NULL;
}

/* May this server's state have changed by what it said or did not say? */
static bool
may_have_flipped(const struct asked *q, const struct backend *b)
{
	return b != NULL && b->node_state !=
	    (q->failure != NULL ? NODE_ERROR : NODE_READY);
}

/* The log tells of each change of state, once, with its reason. */
static int
flips_log(struct round *r, struct err *e)
{
	static const char *const	 states[] = {
		[NODE_INIT] = "init", [NODE_READY] = "ready",
		[NODE_ERROR] = "error"
	};
	struct cluster_rows		 after = { 0 };
	const struct backend		*old, *new;
	const struct asked		*q;

	for (q = r->asked; q < r->asked + r->n; q++) {
		old = backend_find(&r->before, q->claim->backend_id);
		if (!may_have_flipped(q, old))
			continue;
		if (after.backends == NULL &&
		    backend_list(r->w->db, r->a, &after, e) == -1)
			return -1;
		new = backend_find(&after, old->id);
		if (new == NULL || new->node_state == old->node_state)
			continue;
		log_info("backend %s: %s -> %s%s%s", new->host,
		    states[old->node_state], states[new->node_state],
		    q->failure != NULL ? ": " : "",
		    q->failure != NULL ? q->failure : "");
	}
	return 0;
}

/* Twins come last: ending them takes time, and all leases are over by then. */
static int
round_run(struct round *r, struct err *e)
{
	if (backend_list(r->w->db, r->a, &r->before, e) == -1 ||
	    ask(r, e) == -1)
		return -1;
	if (!stops(r->e.code) && failures_write(r, e) == -1)
		return -1;
	if (r->e.code != ERR_NONE) {
		*e = r->e;
		return -1;
	}
	if (flips_log(r, e) == -1)
		return -1;
	r->out->ended_twins = twins_end(&r->twins, r->w, r->a);
	return 0;
}

/* The log tells of agents that fall silent or come back, once each. */
static int
agents_look(struct worker *w, struct arena *a, struct err *e)
{
	struct agent_news	*v;
	size_t			 i, n;

	if (agents_judge(w->db, w->conf->agent_timeout, a, &v, &n, e) == -1)
		return -1;
	for (i = 0; i < n; i++)
		switch (v[i].turn) {
		case AGENT_SILENT:
			log_info("backend %s: its agent is silent for %lld s:"
			    " no new meetings", v[i].host, v[i].n);
			break;
		case AGENT_BACK:
			log_info("backend %s: its agent is back", v[i].host);
			break;
		case AGENT_ALARM:
			log_alarm("%lld agents are silent, more than half of"
			    " all: servers stay as they were", v[i].n);
			break;
		case AGENT_OVER:
			log_info("agents that are silent: %lld, no more than"
			    " half", v[i].n);
			break;
		}
	return 0;
}

/*
 * Agents are looked at in each round, due servers or not: silence is a matter
 * of time.
 */
int
job_poll(struct worker *w, struct poll_round *round, struct err *e)
{
	struct round	r = { .w = w, .out = round };
	int		rc = -1;

	memset(round, 0, sizeof(*round));
	r.opts = job_poll_opts(w->conf);
	r.tail = &r.head;
	r.a = arena_new();
	r.reply = arena_new();
	if (agents_look(w, r.a, e) == -1)
		goto out;
	if (poll_claim(w->db, &r.opts, r.a, &r.claims, &r.n, &round->next_ms,
	    e) == -1)
		goto out;
	round->polled = (int)r.n;
	if (r.n > 0) {
		round->next_ms = 0;
		rc = round_run(&r, e);
	} else
		rc = 0;
out:
	arena_free(r.reply);
	arena_free(r.a);
	return rc;
}
