/*
 * Events that wait to be sent, in order, up to a size.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_PEN_H
#define AGENT_PEN_H

#include "proto/event.h"

/* Open for reading. */
struct pen {
	struct event	*events;	/* the first is the oldest */
	size_t		 n;
	size_t		 cap;
	struct arena	*arena;		/* their strings */
	size_t		 bytes_max;
};

void	pen_init(struct pen *p, size_t bytes_max);
void	pen_free(struct pen *p);
/* A copy goes in; -1 if there is no room. */
int	pen_add(struct pen *p, const struct event *ev);
/* The oldest n are gone. */
void	pen_drop(struct pen *p, size_t n);

#endif
