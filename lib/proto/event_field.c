/*
 * The members of an event by name, type and place.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/event_field.h"

#include <string.h>

#define FIELD(word, kind, member) { word, kind, offsetof(struct event, member) }

static const struct event_field fields[EV__MAX] = {
	[EV_AT] = FIELD("at", EVENT_NUMBER, at_ms),
	[EV_MEETING] = FIELD("meeting", EVENT_ID, meeting),
	[EV_EXT_ID] = FIELD("ext_id", EVENT_ID, ext_id),
	[EV_NAME] = FIELD("name", EVENT_TEXT, name),
	[EV_PARENT] = FIELD("parent", EVENT_ID, parent),
	[EV_USER] = FIELD("user", EVENT_ID, user),
	[EV_ROLE] = FIELD("role", EVENT_TEXT, role),
	[EV_CLIENT] = FIELD("client", EVENT_TEXT, client),
	[EV_STREAM] = FIELD("stream", EVENT_ID, stream),
	[EV_ON] = FIELD("on", EVENT_FLAG, on),
	[EV_LISTEN_ONLY] = FIELD("listen_only", EVENT_FLAG, listen_only),
	[EV_GUEST] = FIELD("guest", EVENT_FLAG, guest),
	[EV_RECORD] = FIELD("record", EVENT_FLAG, record),
	[EV_FREE_JOIN] = FIELD("free_join", EVENT_FLAG, free_join),
	[EV_CREATED] = FIELD("created", EVENT_NUMBER, created_ms),
	[EV_SEQUENCE] = FIELD("sequence", EVENT_NUMBER, sequence),
	[EV_COUNT] = FIELD("count", EVENT_NUMBER, count),
	[EV_LISTENERS] = FIELD("listeners", EVENT_NUMBER, listeners),
	[EV_VOICES] = FIELD("voices", EVENT_NUMBER, voices),
};

#define B(member)	EV_BIT(EV_ ## member)
#define MEETING		B(MEETING)
#define MEMBER		(B(MEETING) | B(USER))

static const struct event_shape shapes[EVENT__MAX] = {
	[EVENT_CREATED] = { "created", MEETING | B(EXT_ID), B(NAME) |
	    B(PARENT) | B(CREATED) | B(RECORD) | B(SEQUENCE) |
	    B(FREE_JOIN) },
	[EVENT_ENDED] = { "ended", MEETING, 0 },
	[EVENT_DESTROYED] = { "destroyed", MEETING, 0 },
	[EVENT_JOINED] = { "joined", MEMBER, B(EXT_ID) | B(NAME) | B(ROLE) |
	    B(CLIENT) | B(GUEST) | B(ON) },
	[EVENT_LEFT] = { "left", MEMBER, 0 },
	[EVENT_VOICE_JOINED] = { "voice_joined", MEMBER, B(NAME) |
	    B(LISTEN_ONLY) },
	[EVENT_VOICE_LEFT] = { "voice_left", MEMBER, 0 },
	[EVENT_CAM_STARTED] = { "cam_started", MEMBER | B(STREAM), 0 },
	[EVENT_CAM_STOPPED] = { "cam_stopped", MEMBER | B(STREAM), 0 },
	[EVENT_PRESENTER] = { "presenter", MEMBER, B(ON) },
	[EVENT_ROLE] = { "role", MEMBER | B(ROLE), 0 },
	[EVENT_RECORDING] = { "recording", MEETING, B(ON) },
	[EVENT_SCREENSHARE] = { "screenshare", MEETING, B(ON) },
	[EVENT_GUESTS_WAITING] = { "guests_waiting", MEETING, B(COUNT) },
	[EVENT_STATE] = { "state", MEETING, B(EXT_ID) | B(NAME) | B(ON) |
	    B(LISTENERS) | B(VOICES) },
};

const struct event_field *
event_field(enum event_member m)
{
	return &fields[m];
}

const struct event_shape *
event_shape(enum event_kind kind)
{
	return &shapes[kind];
}

const char *
event_kind_name(enum event_kind kind)
{
	return shapes[kind].name;
}

enum event_kind
event_kind_of(const char *name)
{
	size_t	i;

	for (i = 0; i < EVENT__MAX; i++)
		if (shapes[i].name != NULL && strcmp(shapes[i].name, name) == 0)
			return (enum event_kind)i;
	return EVENT_NONE;
}

/* Texts are "" and never NULL from the first moment on. */
void
event_init(struct event *ev, enum event_kind kind)
{
	size_t	i;

	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	for (i = 0; i < EV__MAX; i++)
		if (fields[i].type == EVENT_ID || fields[i].type == EVENT_TEXT)
			*(const char **)(void *)((char *)ev +
			    fields[i].offset) = "";
}

/* A NUL inside a name ends it; inside an id it makes it none. */
const char *
event_string(struct arena *a, const json_t *v, enum event_type type)
{
	const char	*s = json_string_value(v);
	size_t		 len;

	if (s == NULL)
		return NULL;
	len = strlen(s);
	if (type == EVENT_ID)
		return len == json_string_length(v) && len <= EVENT_ID_MAX ?
		    arena_memdup(a, s, len) : NULL;
	if (len > EVENT_NAME_MAX)
		len = str_utf8_cut(s, EVENT_NAME_MAX);
	return arena_memdup(a, s, len);
}

/* -1 leaves the member as it was. */
int
event_set(struct arena *a, struct event *ev, enum event_member m,
    const json_t *v)
{
	char		*p = (char *)ev + fields[m].offset;
	const char	*s;

	switch (fields[m].type) {
	case EVENT_ID:
	case EVENT_TEXT:
		if ((s = event_string(a, v, fields[m].type)) == NULL)
			return -1;
		*(const char **)(void *)p = s;
		return 0;
	case EVENT_FLAG:
		if (!json_is_boolean(v))
			return -1;
		*(bool *)p = json_is_true(v);
		return 0;
	case EVENT_NUMBER:
		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return -1;
		*(long long *)(void *)p = json_integer_value(v);
		return 0;
	}
	return -1;
}

enum event_member
event_lacks(const struct event *ev)
{
	const struct event_shape	*s = &shapes[ev->kind];
	size_t				 m;

	/* What is needed is always text. */
	for (m = 0; m < EV__MAX; m++)
		if ((s->needs & EV_BIT(m)) != 0 &&
		    (*(const char *const *)(const void *)((const char *)ev +
		    fields[m].offset))[0] == '\0')
			return (enum event_member)m;
	return EV__MAX;
}

bool
event_is_phone(const char *user)
{
	return str_starts(user, "v_");
}

void
event_copy(struct arena *a, const struct event *from, struct event *to)
{
	const char	**s;
	size_t		  i;

	*to = *from;
	for (i = 0; i < EV__MAX; i++) {
		if (fields[i].type != EVENT_ID && fields[i].type != EVENT_TEXT)
			continue;
		s = (const char **)(void *)((char *)to + fields[i].offset);
		*s = **s == '\0' ? "" : arena_strdup(a, *s);
	}
	to->users = arena_zalloc(a, from->nusers + 1, sizeof(*to->users));
	for (i = 0; i < from->nusers; i++) {
		to->users[i].id = arena_strdup(a, from->users[i].id);
		to->users[i].name = arena_strdup(a, from->users[i].name);
		to->users[i].role = arena_strdup(a, from->users[i].role);
	}
	to->cams = arena_zalloc(a, from->ncams + 1, sizeof(*to->cams));
	for (i = 0; i < from->ncams; i++) {
		to->cams[i].user = arena_strdup(a, from->cams[i].user);
		to->cams[i].stream = arena_strdup(a, from->cams[i].stream);
	}
}
