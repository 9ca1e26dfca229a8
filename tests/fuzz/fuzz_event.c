/*
 * Messages of Redis, and batches of events as agents send them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/event.h"

static void
check_event(const struct event *ev)
{
	size_t	i;

	HOLDS(event_kind_name(ev->kind) != NULL);
	HOLDS(event_kind_of(event_kind_name(ev->kind)) == ev->kind);
	HOLDS(ev->meeting[0] != '\0' && strlen(ev->meeting) <= EVENT_ID_MAX);
	HOLDS(strlen(ev->user) <= EVENT_ID_MAX);
	HOLDS(strlen(ev->name) <= EVENT_NAME_MAX);
	HOLDS(str_utf8_valid(ev->name, strlen(ev->name)));
	for (i = 0; i < ev->nusers; i++)
		HOLDS(ev->users[i].id[0] != '\0');
	for (i = 0; i < ev->ncams; i++)
		HOLDS(ev->cams[i].user[0] != '\0' &&
		    ev->cams[i].stream[0] != '\0');
}

/* Whatever it was, once written it reads as itself. */
static void
check_batch(struct arena *a, const struct event_batch *b)
{
	struct event_batch	 again;
	struct buf		 first = { NULL, 0, 0 };
	struct buf		 second = { NULL, 0, 0 };
	struct err		 e = ERR_INIT;
	size_t			 i;

	for (i = 0; i < b->n; i++)
		check_event(&b->events[i]);
	event_batch_write(b, &first);
	HOLDS(event_batch_read(a, (struct view){ first.data, first.len },
	    &again, &e) == 0);
	event_batch_write(&again, &second);
	HOLDS(strcmp(first.data, second.data) == 0);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena		*a = arena_new();
	struct view		 m = { (const char *)data, len };
	struct event_batch	 b = { .epoch = 1, .seq = 1 };
	struct event		 ev, copy;
	struct err		 e = ERR_INIT;
	int			 rc;

	rc = event_read(a, m, &ev, &e);
	if (rc == 1) {
		HOLDS(event_peek(m) == ev.kind || event_peek(m) == EVENT_ODD);
		event_copy(a, &ev, &copy);
		b.events = &copy;
		b.n = 1;
		check_batch(a, &b);
	} else if (rc == -1)
		HOLDS(e.code == ERR_INPUT && e.text[0] != '\0');
	err_clear(&e);
	if (event_batch_read(a, m, &b, &e) == 0)
		check_batch(a, &b);
	else
		HOLDS(e.text[0] != '\0');
	arena_free(a);
	return 0;
}
