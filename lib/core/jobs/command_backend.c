/*
 * Servers that are emptied, and those that are removed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/command_backend.h"

#include "core/jobs/command_end.h"

/* Until a drain whose meetings were just ended is looked at again. */
#define LOOK_MS	500

/*
 * The rules of a drain are one statement's in sql/: here only what a database
 * cannot do, the calls.
 */
int
command_drain(struct command_run *r, struct err *e)
{
	struct command_run	 over = { .w = r->w, .a = r->a };
	struct end_outcome	*outcomes;
	enum queue_step		 step;
	size_t			 i;

	over.v = arena_zalloc(r->a, r->n, sizeof(*over.v));
	for (i = 0; i < r->n; i++) {
		if (queue_drain(r->w->db, r->v[i], &step, e) == -1)
			return -1;
		if (step == QUEUE_END)
			over.v[over.n++] = r->v[i];
	}
	if (over.n == 0)
		return 0;
	/* What does not end now is asked again, until the deadline. */
	if (meetings_end_all(&over, &outcomes, e) == -1)
		return -1;
	for (i = 0; i < over.n; i++)
		if (queue_again(r->w->db, over.v[i], LOOK_MS, e) == -1)
			return -1;
	return 0;
}

int
command_decommission(struct command_run *r, struct err *e)
{
	enum queue_step	step;
	size_t		i;

	for (i = 0; i < r->n; i++)
		if (queue_decommission(r->w->db, r->v[i], &step, e) == -1)
			return -1;
	return 0;
}
