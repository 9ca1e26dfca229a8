/*
 * One round of asking the due BBB servers what runs on them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_POLL_H
#define CORE_JOBS_POLL_H

#include "base/err.h"
#include "core/config.h"
#include "core/worker.h"
#include "store/poll.h"

/* How the configuration wants servers' answers to be weighed. */
struct poll_opts job_poll_opts(const struct config *conf);

struct poll_round {
	int	polled;		/* servers claimed and asked */
	int	failed;		/* of those */
	int	ended_twins;
	int	next_ms;	/* until the next one is due */
};

/*
 * Claims what is due, asks all at once, writes what they said, ends empty
 * twins.  0 also when servers failed (their rows say so); -1: the database
 * or we ourselves failed.
 */
int	job_poll(struct worker *w, struct poll_round *round, struct err *e);

#endif
