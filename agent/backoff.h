/*
 * How long to wait before trying again: longer each time, never in step.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_BACKOFF_H
#define AGENT_BACKOFF_H

/* Zeroed: nothing failed yet. */
struct backoff {
	int	failures;
};

/*
 * Counts a failure.  Milliseconds to wait: 500 doubling to 10,000, less a
 * random part of up to half, so that agents do not return as one herd.
 */
int	backoff_failed(struct backoff *b);
/* Back at the shortest wait. */
void	backoff_worked(struct backoff *b);

#endif
