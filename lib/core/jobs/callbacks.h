/*
 * One round of telling frontends what BBB servers called back about.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_CALLBACKS_H
#define CORE_JOBS_CALLBACKS_H

#include "base/err.h"
#include "core/worker.h"

struct callbacks_round {
	int	delivered;
	int	failed;		/* tried again later, or given up */
	int	next_ms;	/* until the next one is due */
};

/*
 * Claims what is due and delivers it, all at once: signed with the frontend's
 * secret, under the frontend's own ids.  0 also when frontends refused (the
 * rows say so); -1: the database or we ourselves failed.
 */
int	job_callbacks(struct worker *w, struct callbacks_round *round,
	    struct err *e);

#endif
