/*
 * One round of the commands that are due.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_COMMANDS_H
#define CORE_JOBS_COMMANDS_H

#include "base/err.h"
#include "core/worker.h"

struct commands_round {
	int	taken;
	int	next_ms;	/* until there may be more */
};

/*
 * Claims what is due and does it; no lock is held while servers are asked.
 * 0 also when commands failed (their rows say so); -1: the database or we
 * ourselves failed, and what was claimed comes back when its lease ends.
 */
int	job_commands(struct worker *w, struct commands_round *round,
	    struct err *e);

#endif
