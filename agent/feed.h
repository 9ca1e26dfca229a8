/*
 * The subscription to BBB's Redis: events in, whatever happens to it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_FEED_H
#define AGENT_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/event.h"

struct feed;

struct feed_opts {
	const char	*host;
	int		 port;
	const char	*password;	/* "": none */
	int		 silence_ms;	/* no byte for so long: it is dead */
};

struct feed_hooks {
	/* The event is gone when it returns. */
	void	(*event)(void *ctx, const struct event *ev);
	/*
	 * From now on nothing is missed, what was before may have been: at
	 * each subscription, at the first message after it, and after one
	 * that cannot be read.
	 */
	void	(*gap)(void *ctx);
	void	*ctx;
};

struct feed_stats {
	uint64_t	 noise;		/* messages dropped at a glance */
	uint64_t	 events;
	uint64_t	 unreadable;
	int64_t		 pong_ms;	/* clock_mono_ms of akka's last word;
					 * 0: none yet */
};

/* Options' strings and hooks are borrowed.  Nothing is done before feed_run. */
struct feed	*feed_new(const struct feed_opts *o,
		    const struct feed_hooks *h);
void		 feed_free(struct feed *f);

/* -1: none at the moment.  want_write: to be watched for that, too. */
int		 feed_fd(const struct feed *f, bool *want_write);
/* Reads, writes, connects: whatever is due.  Never blocks for long. */
void		 feed_run(struct feed *f, int64_t now_ms);
/* When feed_run is due even if nothing comes in. */
int64_t		 feed_due_ms(const struct feed *f);
bool		 feed_is_live(const struct feed *f);
const struct feed_stats *feed_stats(const struct feed *f);

#endif
