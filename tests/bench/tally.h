/*
 * What became of all requests: counts, percentiles, a line each.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include <stdint.h>
#include <stdio.h>

#include "conn.h"

#define TALLY_STATUSES	600

struct tally {
	FILE	*lines;			/* NULL: none are wanted */
	int64_t	 start_us;
	float	*ms;			/* of those that were answered */
	size_t	 n;			/* how many were */
	size_t	 cap;
	size_t	 failed;		/* no answer */
	size_t	 unexpected;		/* not the one that was expected */
	size_t	 status[TALLY_STATUSES];
};

/* path: where the lines go; NULL: nowhere. */
void	tally_open(struct tally *t, const char *path);
/* The connection's request is over, its answer whole or (false) missing. */
void	tally_add(struct tally *t, const struct conn *c, bool answered);
/* One line of JSON. */
void	tally_print(struct tally *t, FILE *out);
void	tally_close(struct tally *t);

#endif
