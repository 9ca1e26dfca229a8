/*
 * Exponential waits with jitter.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "backoff.h"

#include <sys/random.h>

#include "base/clock.h"

#define LEAST_MS	500
#define MOST_MS		10000
#define DOUBLINGS	5	/* 500 ms << 5 is above MOST_MS */

/* The clock will do where the kernel's pool is not yet filled. */
static unsigned int
random_below(unsigned int n)
{
	unsigned int	r;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != (ssize_t)sizeof(r))
		r = (unsigned int)clock_mono_us();
	return r % n;
}

int
backoff_failed(struct backoff *b)
{
	int	ms = LEAST_MS << b->failures;

	if (b->failures < DOUBLINGS)
		b->failures++;
	if (ms > MOST_MS)
		ms = MOST_MS;
	return ms - (int)random_below((unsigned int)ms / 2 + 1);
}

void
backoff_worked(struct backoff *b)
{
	b->failures = 0;
}
