/*
 * From what a BBB server said to what its frontend is told.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_CALLBACK_OUT_H
#define CORE_JOBS_CALLBACK_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/worker.h"
#include "store/callback.h"

/* The secrets that a server's signature may be made with. */
struct callback_signers {
	char	**secrets;
	size_t	  n;
};

/* A call, ready to be made; strings in the arena. */
struct callback_call {
	const char	*url;
	const char	*body;		/* NULL: GET */
	const char	*content_type;
	const char	*authorization;	/* NULL: none */
	const char	*user_agent;	/* NULL: ours */
};

/*
 * Checks who signed it, puts the frontend's ids and URLs back, and signs
 * anew.  -1 with ERR_DENIED or ERR_INPUT: it can never be delivered; another
 * code: not now.
 */
int	callback_out(struct worker *w, struct arena *a,
	    const struct callback_signers *signers,
	    const struct callback_due *d, struct callback_call *out,
	    struct err *e);

#endif
