/*
 * The requests that are to be fired: a file of URLs and bodies.
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
	const char	*token;		/* for the REST API; or NULL */
	const char	*body;		/* of a POST, JSON; NULL: a GET */
};

struct targets {
	struct target	*v;
	size_t		 n;
};

/*
 * A line each, fields with tabs between, of which the last ones may be
 * missing: the path with its query, what a right answer holds, a token ("":
 * none), a body.  A file that cannot be read, or is empty, ends the process.
 */
void	targets_read(struct targets *t, const char *path);
void	targets_free(struct targets *t);

#endif
