/*
 * All meetings of servers, ended.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_COMMAND_END_H
#define CORE_JOBS_COMMAND_END_H

#include "core/jobs/command.h"

/* Of one command's server. */
struct end_outcome {
	int		 ended;
	int		 failed;
	const char	*failure;	/* the first one; NULL: none */
};

/*
 * Ends every living meeting of the commands' servers, those of all of them
 * at once, and writes down what has ended; commands whose lease is lost
 * meanwhile end nothing more.  An outcome for each command.
 */
int	meetings_end_all(struct command_run *r,
	    struct end_outcome **outcomes, struct err *e);
/* The command end_all_meetings. */
int	command_end(struct command_run *r, struct err *e);

#endif
