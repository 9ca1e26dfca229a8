/*
 * The heartbeat: this host lives, and how it feels.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_BEAT_H
#define AGENT_BEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "feed.h"
#include "version.h"

struct beat;

struct beat_opts {
	const struct api	*api;
	const struct feed	*feed;		/* told of, too */
	struct version		*version;	/* of BBB, told, too */
	int			 interval_ms;
	/* After each answer; status as in calls_res. */
	void			(*answer)(void *ctx, int status);
	void			*ctx;
};

struct beat	*beat_new(const struct beat_opts *o);
void		 beat_free(struct beat *b);
/* Sends one if it is due and the one before was answered. */
void		 beat_run(struct beat *b, int64_t now_ms);
int64_t		 beat_due_ms(const struct beat *b);

#endif
