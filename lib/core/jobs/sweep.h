/*
 * One round of throwing away what is old.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_SWEEP_H
#define CORE_JOBS_SWEEP_H

#include "base/err.h"
#include "core/worker.h"

struct sweep_round {
	long long	removed;	/* rows */
	long long	backends;	/* given up, soon to be removed */
	int		next_ms;
};

/*
 * In small batches, so that nobody waits for it; what is left after many of
 * them is left to the next round.
 */
int	job_sweep(struct worker *w, struct sweep_round *round,
	    struct err *e);

#endif
