/*
 * A job's rounds, until the time is over.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CRON_ROUNDS_H
#define CRON_ROUNDS_H

#include "jobs.h"

/*
 * Blocks the signals that end the process between two rounds; before
 * anything is opened, so that whatever starts a thread inherits it.
 */
void	rounds_block_signals(void);
/*
 * seconds 0: one round.  Else none begins after so many, and a round that
 * failed is followed by others.  Returns the exit status.
 */
int	rounds_run(struct worker *w, const struct job *job, int seconds);

#endif
