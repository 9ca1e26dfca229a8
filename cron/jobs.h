/*
 * The jobs by name.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CRON_JOBS_H
#define CRON_JOBS_H

#include "base/err.h"
#include "core/worker.h"

struct db;

struct job {
	const char	*name;
	/*
	 * One round: claims what is due and works it off.  next_ms: how long
	 * until there may be more.  -1 if the job itself could not work.
	 */
	int		(*round)(struct worker *w, int *next_ms,
			    struct err *e);
	/*
	 * Has it notified when there is something to do; run once on each new
	 * connection, before a round.  NULL: it looks again by itself.
	 */
	int		(*listen)(struct db *db, struct err *e);
};

/* NULL if there is none of that name. */
const struct job	*job_find(const char *name);
/* The name of number i, or NULL after the last. */
const char		*job_name(int i);

#endif
