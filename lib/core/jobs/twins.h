/*
 * The second copies of meetings, ended where they run once nobody is in them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_TWINS_H
#define CORE_JOBS_TWINS_H

#include <stddef.h>

#include "base/arena.h"
#include "core/worker.h"
#include "store/poll.h"

struct twin;

/* A zeroed one is empty. */
struct twins {
	struct twin	*first;
	size_t		 n;
};

/*
 * Copies into the arena all but the claim, which is kept.  Beyond a hundred
 * they are left to the next poll, which sees them again.
 */
void	twins_add(struct twins *t, struct arena *a,
	    const struct poll_claim *c, const struct poll_twin *twin,
	    const char *moderator_pw);
/*
 * Asks their servers to end them, all at once, for two seconds at most; each
 * is logged.  Returns how many ended.
 */
int	twins_end(struct twins *t, struct worker *w, struct arena *a);

#endif
