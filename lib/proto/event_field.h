/*
 * The one table of what an event may carry, for its readers and its writer.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_EVENT_FIELD_H
#define PROTO_EVENT_FIELD_H

#include <jansson.h>

#include "proto/event.h"

enum event_type {
	EVENT_ID,		/* const char *, at most EVENT_ID_MAX, no NUL */
	EVENT_TEXT,		/* const char *, cut at EVENT_NAME_MAX */
	EVENT_FLAG,		/* bool */
	EVENT_NUMBER		/* long long, not negative */
};

enum event_member {
	EV_AT, EV_MEETING, EV_EXT_ID, EV_NAME, EV_PARENT, EV_USER, EV_ROLE,
	EV_CLIENT, EV_STREAM, EV_ON, EV_LISTEN_ONLY, EV_GUEST, EV_RECORD,
	EV_FREE_JOIN, EV_CREATED, EV_SEQUENCE, EV_COUNT, EV_LISTENERS,
	EV_VOICES, EV__MAX
};

struct event_field {
	const char	*name;		/* in a batch */
	enum event_type	 type;
	size_t		 offset;
};

struct event_shape {
	const char	*name;		/* in a batch; NULL: not for one */
	unsigned int	 needs;		/* bits by enum event_member */
	unsigned int	 may;
};

#define EV_BIT(m)	(1U << (m))

const struct event_field *event_field(enum event_member m);
const struct event_shape *event_shape(enum event_kind kind);

/* All strings "", all else 0. */
void	event_init(struct event *ev, enum event_kind kind);
/*
 * Stores v; -1 if it is of another type or too long (the member is then as
 * it was).
 */
int	event_set(struct arena *a, struct event *ev, enum event_member m,
	    const json_t *v);
/* One string by the same rules; NULL if it is none. */
const char *event_string(struct arena *a, const json_t *v,
	    enum event_type type);
/* The first of what the kind needs that is empty, or EV__MAX. */
enum event_member event_lacks(const struct event *ev);

#endif
