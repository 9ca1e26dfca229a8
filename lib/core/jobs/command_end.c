/*
 * All meetings of servers, ended.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/command_end.h"

#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "core/jobs/end_calls.h"
#include "store/meeting.h"

/* Calls in the air at once. */
#define BATCH_MAX	100

struct ending {
	struct command_run	*r;
	struct end_outcome	*outcomes;	/* one for each command */
	bool			*gone;		/* so has its lease */
	struct err		 e;		/* what stopped the writing */
};

/* A call that is in the air. */
struct sent {
	struct ending			*ending;
	const struct queue_meeting	*meeting;
	struct end_outcome		*outcome;
};

/*
 * The list has one command for each server but by accident; the first counts
 * then.
 */
static size_t
command_of(const struct command_run *r, const char *backend_id)
{
	size_t	i;

	for (i = 0; i + 1 < r->n; i++)
		if (strcmp(r->v[i]->backend_id, backend_id) == 0)
			break;
	return i;
}

/* A failed write stops further ones, not the calls that are in the air. */
static void
end_done(struct end_call *c)
{
	struct sent			*s = c->ctx;
	const struct queue_meeting	*m = s->meeting;
	struct ending			*x = s->ending;

	if (c->failure != NULL) {
		log_warnx("backend %s: meeting %s does not end: %s", m->host,
		    m->internal_id, c->failure);
		s->outcome->failed++;
		if (s->outcome->failure == NULL)
			s->outcome->failure = c->failure;
		return;
	}
	s->outcome->ended++;
	if (x->e.code == ERR_NONE && meeting_end(x->r->w->db, m->row,
	    m->internal_id, &x->e) == -1)
		err_note(&x->e, "meeting %s", m->internal_id);
}

/* Half a lease is left for writing down what has ended. */
static int
call_ms(const struct config *conf)
{
	int	half = conf->command_lease / 2;

	return conf->try_timeout < half ? conf->try_timeout : half;
}

static int
batch_end(struct ending *x, const struct queue_meeting *const *m, size_t n,
    struct err *e)
{
	struct arena	*a = x->r->a;
	struct end_call	*calls = arena_zalloc(a, n, sizeof(*calls));
	struct sent	*sent = arena_zalloc(a, n, sizeof(*sent));
	size_t		 i;

	for (i = 0; i < n; i++) {
		sent[i].ending = x;
		sent[i].meeting = m[i];
		sent[i].outcome = &x->outcomes[command_of(x->r,
		    m[i]->backend_id)];
		calls[i].host = m[i]->host;
		calls[i].secret = m[i]->secret;
		calls[i].id = m[i]->backend_meeting_id;
		calls[i].moderator_pw = m[i]->moderator_pw;
		calls[i].ctx = &sent[i];
	}
	if (end_calls(x->r->w, a, calls, n, call_ms(x->r->w->conf), end_done,
	    e) == -1)
		return -1;
	if (x->e.code == ERR_NONE)
		return 0;
	*e = x->e;
	return -1;
}

/* Each batch begins with a whole lease. */
static int
leases_extend(struct ending *x, struct err *e)
{
	size_t	i;
	int	mine;

	for (i = 0; i < x->r->n; i++) {
		if (x->gone[i])
			continue;
		mine = queue_extend(x->r->w->db, x->r->v[i],
		    x->r->w->conf->command_lease, e);
		if (mine == -1)
			return -1;
		x->gone[i] = mine == 0;
	}
	return 0;
}

/*
 * A server that has failed one of them is not asked for more: each would
 * cost its whole deadline.
 */
static bool
may_ask(const struct ending *x, const struct queue_meeting *m)
{
	size_t	i = command_of(x->r, m->backend_id);

	return !x->gone[i] && x->outcomes[i].failure == NULL;
}

static int
list_end(struct ending *x, const struct queue_meeting *v, size_t n,
    struct err *e)
{
	const struct queue_meeting	*batch[BATCH_MAX];
	size_t				 i = 0, k;

	while (i < n) {
		if (leases_extend(x, e) == -1)
			return -1;
		for (k = 0; i < n && k < BATCH_MAX; i++)
			if (may_ask(x, &v[i]))
				batch[k++] = &v[i];
		if (k > 0 && batch_end(x, batch, k, e) == -1)
			return -1;
	}
	return 0;
}

/* The servers of all commands together, so that one hanging delays few. */
int
meetings_end_all(struct command_run *r, struct end_outcome **outcomes,
    struct err *e)
{
	struct ending		 x = { .r = r };
	struct queue_meeting	*v;
	const char		**ids;
	size_t			 i, n;

	*outcomes = x.outcomes = arena_zalloc(r->a, r->n,
	    sizeof(*x.outcomes));
	x.gone = arena_zalloc(r->a, r->n, sizeof(*x.gone));
	ids = arena_zalloc(r->a, r->n, sizeof(*ids));
	for (i = 0; i < r->n; i++)
		ids[i] = r->v[i]->backend_id;
	if (queue_meetings(r->w->db, ids, r->n, r->a, &v, &n, e) == -1)
		return -1;
	return list_end(&x, v, n, e);
}

/*
 * Asked at the end, so that a server that was removed meanwhile is told as
 * that.
 */
static int
end_finish(struct command_run *r, const struct command *c,
    const struct end_outcome *o, struct err *e)
{
	const char	*failure = NULL;
	int		 known = queue_has_backend(r->w->db, c, e);

	if (known == -1)
		return -1;
	if (!known)
		failure = arena_printf(r->a, "no such backend: %s",
		    c->backend_id);
	else if (o->failure != NULL)
		failure = arena_printf(r->a, "end meeting failed: %s",
		    o->failure);
	return command_done(r, c, failure, e);
}

int
command_end(struct command_run *r, struct err *e)
{
	struct end_outcome	*outcomes;
	size_t			 i;

	if (meetings_end_all(r, &outcomes, e) == -1)
		return -1;
	for (i = 0; i < r->n; i++)
		if (end_finish(r, r->v[i], &outcomes[i], e) == -1)
			return -1;
	return 0;
}
