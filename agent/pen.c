/*
 * An array of events beside an arena that holds their strings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "pen.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_CAP	64

void
pen_init(struct pen *p, size_t bytes_max)
{
	memset(p, 0, sizeof(*p));
	p->bytes_max = bytes_max;
	p->arena = arena_new();
}

void
pen_free(struct pen *p)
{
	arena_free(p->arena);
	free(p->events);
	memset(p, 0, sizeof(*p));
}

/* The array counts, too: an event of few bytes has many members. */
static size_t
bytes_of(const struct pen *p)
{
	return arena_used(p->arena) + p->n * sizeof(p->events[0]);
}

int
pen_add(struct pen *p, const struct event *ev)
{
	if (bytes_of(p) > p->bytes_max)
		return -1;
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? FIRST_CAP : 2 * p->cap;
		p->events = xrealloc(p->events, p->cap,
		    sizeof(p->events[0]));
	}
	event_copy(p->arena, ev, &p->events[p->n++]);
	return 0;
}

/* Those that stay move to a new arena: only a backlog pays for that. */
void
pen_drop(struct pen *p, size_t n)
{
	struct arena	*a;
	size_t		 i;

	p->n -= n;
	if (p->n == 0) {
		arena_reset(p->arena);
		return;
	}
	a = arena_new();
	for (i = 0; i < p->n; i++)
		event_copy(a, &p->events[n + i], &p->events[i]);
	arena_free(p->arena);
	p->arena = a;
}
