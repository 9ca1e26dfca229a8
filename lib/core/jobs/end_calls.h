/*
 * Meetings ended on their servers, many at once.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_END_CALLS_H
#define CORE_JOBS_END_CALLS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/worker.h"

/* One signed `end`. */
struct end_call {
	const char	*host;		/* base URL of the server */
	const char	*secret;
	const char	*id;		/* as the server knows the meeting */
	const char	*moderator_pw;	/* servers up to 2.4 want it */
	const char	*failure;	/* NULL: it has ended, or was over */
	void		*ctx;		/* the caller's */
	struct arena	*arena;		/* set by end_calls */
};

/*
 * Asks for all of them at once, for ms at most; done (or NULL) is called for
 * each as its answer comes, when failure is known.  -1: none was asked.
 */
int	end_calls(struct worker *w, struct arena *a, struct end_call *v,
	    size_t n, int ms, void (*done)(struct end_call *),
	    struct err *e);

#endif
