/*
 * The requests that are to be fired: a file of signed URLs.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_TARGET_H
#define BENCH_TARGET_H

#include <stddef.h>

struct target {
	char		*path;		/* and query, as sent */
	const char	*expect;	/* what a right answer holds; or NULL */
};

struct targets {
	struct target	*v;
	size_t		 n;
};

/*
 * A line each: the path with its query, then perhaps a tab and what a right
 * answer holds.  A file that cannot be read, or is empty, ends the process.
 */
void	targets_read(struct targets *t, const char *path);
void	targets_free(struct targets *t);

#endif
