/*
 * How the cluster stands: which jobs went well when, and what is wrong now.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_STANDING_H
#define STORE_STANDING_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct db;

/* A job that went well, at that time; or an alarm, since then. */
struct standing_fact {
	const char	*name;
	long long	 at_us;		/* since 1970 */
	long long	 n;		/* of an alarm: how many it is about */
};

struct standing {
	struct standing_fact	*jobs;
	size_t			 njobs;
	struct standing_fact	*alarms;	/* "agents", "servers" */
	size_t			 nalarms;
};

/* One statement. */
int	standing_read(struct db *db, struct arena *a, struct standing *s,
	    struct err *e);

#endif
