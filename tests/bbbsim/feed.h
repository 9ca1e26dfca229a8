/*
 * What one server tells Redis, and what goes wrong on the way.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_FEED_H
#define BBBSIM_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop.h"
#include "settings.h"

enum feed_channel {
	CHANNEL_MAIN,
	CHANNEL_FRONTEND,
	CHANNEL_PRES,
	CHANNEL_WHITEBOARD,
	CHANNEL_WEB,
	CHANNEL_RAP,
	CHANNEL__MAX
};

struct feed_settings {
	char		 redis_host[64];	/* empty: no Redis, no events */
	unsigned	 redis_port;
	unsigned	 noise;			/* messages a second */
	unsigned	 lose, repeat, late;	/* percent of the messages */
	unsigned	 late_ms;		/* at most so late */
	unsigned	 pong_ms;		/* 0: none */
	unsigned	 snapshot_ms;		/* 0: none; 2.4 and later */
};

struct feed_stats {
	uint64_t	published, lost, repeated, late, noise;
};

struct feed;
struct meetings;

/* Of these meetings; neither connected nor anything set. */
struct feed *feed_new(struct loop *, struct meetings *);
void	 feed_free(struct feed *);
/* What is set from now on: another address is another connection. */
void	 feed_set(struct feed *, const struct feed_settings *);
/* The same, and nothing has been counted yet. */
void	 feed_reset(struct feed *, const struct feed_settings *);
const struct feed_settings *feed_settings(const struct feed *);
const struct feed_stats *feed_stats(const struct feed *);
bool	 feed_connected(const struct feed *);
/* Whether there is a Redis at all, so that messages are worth making. */
bool	 feed_wanted(const struct feed *);

const char *feed_channel_name(enum feed_channel);
/* Publishes one message, or loses, repeats or delays it as is set. */
void	 feed_send(struct feed *, enum feed_channel, const char *text,
	    size_t len);
/* Publishes it as it is; false if it is lost. */
bool	 feed_send_raw(struct feed *, const char *channel, const char *text,
	    size_t len);

#endif
