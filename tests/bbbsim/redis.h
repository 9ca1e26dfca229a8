/*
 * A connection to Redis that publishes and comes back by itself.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_REDIS_H
#define BBBSIM_REDIS_H

#include <stdbool.h>
#include <stddef.h>

#include "loop.h"

struct redis;

/* Connects to that address, and again each half second where it fails. */
struct redis *redis_new(struct loop *, const char *host, unsigned port);
/* What was published before is written out as far as Redis takes it. */
void	 redis_free(struct redis *);
bool	 redis_connected(const struct redis *);
/* False if there is no connection: the message is lost. */
bool	 redis_publish(struct redis *, const char *channel, const char *text,
	    size_t len);

#endif
