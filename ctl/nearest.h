/*
 * The name that somebody may have meant.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_NEAREST_H
#define CTL_NEAREST_H

#include <stddef.h>

struct nearest {
	const char	*typed;
	size_t		 len;
	size_t		 distance;	/* of the best; what is farther is
					   no answer */
	const char	*best;		/* NULL: nothing is near */
	size_t		 best_len;
};

void	nearest_begin(struct nearest *n, const char *typed, size_t len);
/* A candidate; it is kept, not copied. */
void	nearest_try(struct nearest *n, const char *name, size_t len);

#endif
