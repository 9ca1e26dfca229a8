/*
 * Asks the BBB server beside the agent which meetings it has.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_LOCAL_H
#define AGENT_LOCAL_H

#include "base/str.h"
#include "calls.h"
#include "proto/checksum.h"

struct local;

struct local_opts {
	struct calls	*calls;
	/* Asked in turn, the one that answered last first; "": none. */
	const char	*urls[2];
	const char	*secret;
	enum checksum_hash hash;
	int		 total_ms;
};

/* The options' strings are borrowed. */
struct local	*local_new(const struct local_opts *o);
void		 local_free(struct local *l);
/*
 * done gets the whole reply of getMeetings, which lives until it returns, or
 * p NULL and why there is none.  One question at a time.
 */
void		 local_ask(struct local *l, void (*done)(void *ctx,
		    struct view xml, const char *why), void *ctx);

#endif
