/*
 * HTTP calls that a server makes, beside everything else it does.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_POST_H
#define BBBSIM_POST_H

#include <stdbool.h>

#include "loop.h"

struct posts;

/* One call. GET without a body. */
struct post {
	const char	*url;
	const char	*body;		/* or NULL */
	const char	*headers[4];	/* whole lines, NULL behind the last */
	bool		 redirects;	/* followed */
	/* Told the status, or 0 where there was no answer. */
	void		(*done)(void *arg, long status);
	void		*arg;
};

struct posts *posts_new(struct loop *);
/* Nobody is told about the calls that are still under way. */
void	 posts_free(struct posts *);
/* Everything is copied. */
void	 posts_add(struct posts *, const struct post *);

#endif
