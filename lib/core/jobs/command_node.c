/*
 * Servers that are polled at somebody's wish.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/command_node.h"

#include "core/jobs/poll.h"

/* Another job is asking it just now. */
#define AWAITED_MS	300

static int
node_finish(struct command_run *r, const struct command *c,
    const char *since, struct err *e)
{
	enum queue_polled	 how;
	char			*reason;

	if (queue_polled(r->w->db, c, since, r->a, &how, &reason, e) == -1)
		return -1;
	switch (how) {
	case QUEUE_POLL_AWAITED:
		return queue_again(r->w->db, c, AWAITED_MS, e) == -1 ? -1 : 0;
	case QUEUE_POLL_OK:
		return command_done(r, c, NULL, e);
	case QUEUE_POLL_FAILED:
		return command_done(r, c, reason, e);
	}
	return -1;
}

/*
 * Asks itself whatever is due now, these among it, unless another job is
 * faster.
 */
int
command_node(struct command_run *r, struct err *e)
{
	struct poll_round	 round;
	const char		**ids = arena_zalloc(r->a, r->n, sizeof(*ids));
	char			*since;
	size_t			 i;

	for (i = 0; i < r->n; i++)
		ids[i] = r->v[i]->backend_id;
	if (queue_poll_now(r->w->db, ids, r->n, r->a, &since, e) == -1 ||
	    job_poll(r->w, &round, e) == -1)
		return -1;
	for (i = 0; i < r->n; i++)
		if (node_finish(r, r->v[i], since, e) == -1)
			return -1;
	return 0;
}
