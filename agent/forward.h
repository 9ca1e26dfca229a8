/*
 * Carries events to the balancer: batches, and a snapshot after any gap.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_FORWARD_H
#define AGENT_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "local.h"
#include "proto/event.h"

struct forward;

struct forward_opts {
	const struct api	*api;
	struct local		*local;
	int			 batch_ms;	/* between two batches */
	size_t			 queue_max;	/* bytes of events that wait */
};

struct forward	*forward_new(const struct forward_opts *o);
void		 forward_free(struct forward *f);

/* A copy waits to be sent. */
void		 forward_event(struct forward *f, const struct event *ev);
/* Something was missed: the next batch begins with a snapshot. */
void		 forward_gap(struct forward *f);
/* The balancer answers again: what waits for that waits no longer. */
void		 forward_hurry(struct forward *f);
/* To be called once the balancer knows this server, and then always. */
void		 forward_run(struct forward *f, int64_t now_ms);
int64_t		 forward_due_ms(const struct forward *f);

#endif
