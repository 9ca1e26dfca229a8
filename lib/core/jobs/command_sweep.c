/*
 * The sweep at somebody's wish.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/command_sweep.h"

#include "core/jobs/sweep.h"

int
command_sweep(struct command_run *r, struct err *e)
{
	struct sweep_round	round;
	size_t			i;

	if (job_sweep(r->w, &round, e) == -1)
		return -1;
	for (i = 0; i < r->n; i++)
		if (command_done(r, r->v[i], NULL, e) == -1)
			return -1;
	return 0;
}
