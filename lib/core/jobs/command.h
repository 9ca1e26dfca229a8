/*
 * What the families of commands share.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_COMMAND_H
#define CORE_JOBS_COMMAND_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/worker.h"
#include "store/queue.h"

/* The claimed commands of one action. */
struct command_run {
	struct worker	 *w;
	struct arena	 *a;		/* the round's */
	struct command	**v;
	size_t		  n;
};

/*
 * Finishes one: failure NULL is success.  That another job has it by now is
 * logged and no error.
 */
int	command_done(struct command_run *r, const struct command *c,
	    const char *failure, struct err *e);

#endif
