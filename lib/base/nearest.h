/*
 * The name that somebody may have meant.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char	*typed;
	size_t		 len;
	size_t		 distance;	/* of the best; what is farther is
					   no answer */
	const char	*best;		/* NULL: nothing is near */
	size_t		 best_len;
};

/* typed is borrowed; it has no NUL in its first len bytes. */
void	nearest_begin(struct nearest *n, const char *typed, size_t len);
/* A candidate, borrowed too; of equals the first stays the best. */
void	nearest_try(struct nearest *n, const char *name, size_t len);

#endif
