/*
 * One table of elements serves reading and writing.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/meeting.h"

#include <string.h>

#include "base/buf.h"
#include "proto/bbb.h"

enum kind {
	TEXT,			/* const char * */
	NUMBER,			/* long long */
	FLAG,			/* bool */
	INNER,			/* const char *: XML between the tags */
	ATTENDEES,
	ROOM_TEXT,		/* as the above, only of a breakout room */
	ROOM_NUMBER,
	ROOM_FLAG,
	ROOMS,			/* as INNER, but absent when empty */
	SKIP			/* of the reply, not of the meeting */
};

struct field {
	const char	*name;
	enum kind	 kind;
	size_t		 offset;
};

#define M(member) offsetof(struct bbb_meeting, member)
/* In BBB's order: bbb-api 6.6. */
static const struct field meeting_fields[] = {
	{ "meetingName", TEXT, M(name) },
	{ "meetingID", TEXT, M(meeting_id) },
	{ "internalMeetingID", TEXT, M(internal_id) },
	{ "createTime", NUMBER, M(create_time) },
	{ "createDate", TEXT, M(create_date) },
	{ "voiceBridge", TEXT, M(voice_bridge) },
	{ "dialNumber", TEXT, M(dial_number) },
	{ "attendeePW", TEXT, M(attendee_pw) },
	{ "moderatorPW", TEXT, M(moderator_pw) },
	{ "running", FLAG, M(running) },
	{ "duration", NUMBER, M(duration) },
	{ "hasUserJoined", FLAG, M(has_user_joined) },
	{ "recording", FLAG, M(recording) },
	{ "hasBeenForciblyEnded", FLAG, M(forcibly_ended) },
	{ "startTime", NUMBER, M(start_time) },
	{ "endTime", NUMBER, M(end_time) },
	{ "participantCount", NUMBER, M(participants) },
	{ "listenerCount", NUMBER, M(listeners) },
	{ "voiceParticipantCount", NUMBER, M(voices) },
	{ "videoCount", NUMBER, M(videos) },
	{ "maxUsers", NUMBER, M(max_users) },
	{ "moderatorCount", NUMBER, M(moderators) },
	{ "attendees", ATTENDEES, 0 },
	{ "metadata", INNER, M(metadata) },
	{ "isBreakout", FLAG, M(is_breakout) },
	{ "parentMeetingID", ROOM_TEXT, M(parent_internal_id) },
	{ "sequence", ROOM_NUMBER, M(sequence) },
	{ "freeJoin", ROOM_FLAG, M(free_join) },
	{ "breakoutRooms", ROOMS, M(breakout_rooms) },
	{ "returncode", SKIP, 0 },
	{ "messageKey", SKIP, 0 },
	{ "message", SKIP, 0 },
	{ "breakout", SKIP, 0 },	/* the nested form, read before */
};
#undef M

#define A(member) offsetof(struct bbb_attendee, member)
static const struct field attendee_fields[] = {
	{ "userID", TEXT, A(user_id) },
	{ "fullName", TEXT, A(full_name) },
	{ "role", TEXT, A(role) },
	{ "isPresenter", FLAG, A(is_presenter) },
	{ "isListeningOnly", FLAG, A(is_listening_only) },
	{ "hasJoinedVoice", FLAG, A(has_joined_voice) },
	{ "hasVideo", FLAG, A(has_video) },
	{ "clientType", TEXT, A(client_type) },
};
#undef A

#define COUNT(t) (sizeof(t) / sizeof((t)[0]))

/*
 * Elements nearly always come in the table's order, so the search begins
 * where the last one ended.
 */
static const struct field *
find_field(const struct field *t, size_t n, const char *name, size_t *at)
{
	const struct field	*f;
	size_t			 i;

	for (i = 0; i < n; i++) {
		f = &t[*at];
		*at = (*at + 1) % n;
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

/* White space next to the tags is layout. */
static const char *
inner_xml(struct arena *a, const struct xml_node *node)
{
	struct view	v = str_trim(node->inner);

	return arena_memdup(a, v.p, v.len);
}

static void read_attendees(struct arena *, const struct xml_node *,
    struct bbb_meeting *);

static void
read_field(struct arena *a, const struct xml_node *node,
    const struct field *f, void *obj)
{
	char	*p = (char *)obj + f->offset;

	switch (f->kind) {
	case TEXT:
	case ROOM_TEXT:
		*(const char **)(void *)p = node->text;
		break;
	case NUMBER:
	case ROOM_NUMBER:
		*(long long *)(void *)p = bbb_number(node->text);
		break;
	case FLAG:
	case ROOM_FLAG:
		*(bool *)p = bbb_true(node->text);
		break;
	case INNER:
	case ROOMS:
		*(const char **)(void *)p = inner_xml(a, node);
		break;
	case ATTENDEES:
		read_attendees(a, node, obj);
		break;
	case SKIP:
		break;
	}
}

/* Reads all children of node; those of no field end up in *extra. */
static void
read_fields(struct arena *a, const struct xml_node *node,
    const struct field *t, size_t n, void *obj, const char **extra)
{
	const struct xml_node	*child;
	const struct field	*f;
	struct buf		 rest = { NULL, 0, 0 };
	size_t			 i, at = 0;

	for (i = 0; i < n; i++)
		if (t[i].kind == TEXT || t[i].kind == ROOM_TEXT ||
		    t[i].kind == INNER || t[i].kind == ROOMS)
			*(const char **)(void *)((char *)obj +
			    t[i].offset) = "";
	for (child = node->child; child != NULL; child = child->next) {
		if ((f = find_field(t, n, child->name, &at)) != NULL)
			read_field(a, child, f, obj);
		else {
			buf_add(&rest, child->raw.p, child->raw.len);
			buf_addc(&rest, '\n');
		}
	}
	*extra = arena_take(a, &rest);
}

static void
read_attendees(struct arena *a, const struct xml_node *node,
    struct bbb_meeting *m)
{
	const struct xml_node	*child;
	struct bbb_attendee	*at;
	size_t			 n = 0;

	for (child = node->child; child != NULL; child = child->next)
		n++;
	m->nattendees = 0;
	m->attendees = arena_zalloc(a, n + 1, sizeof(*m->attendees));
	for (child = node->child; child != NULL; child = child->next) {
		if (strcmp(child->name, "attendee") != 0)
			continue;
		at = &m->attendees[m->nattendees++];
		read_fields(a, child, attendee_fields,
		    COUNT(attendee_fields), at, &at->extra);
	}
}

/* The manual's form: `<breakout><parentMeetingID>...</breakout>`. */
static void
read_nested_breakout(struct arena *a, const struct xml_node *node,
    struct bbb_meeting *m)
{
	const struct xml_node	*child;
	const struct field	*f;
	size_t			 at = 0;

	for (child = node->child; child != NULL; child = child->next) {
		f = find_field(meeting_fields, COUNT(meeting_fields),
		    child->name, &at);
		if (f != NULL && (f->kind == ROOM_TEXT ||
		    f->kind == ROOM_NUMBER || f->kind == ROOM_FLAG))
			read_field(a, child, f, m);
	}
}

void
bbb_meeting_read(struct arena *a, const struct xml_node *node,
    struct bbb_meeting *m)
{
	const struct xml_node	*nested = xml_child(node, "breakout");

	memset(m, 0, sizeof(*m));
	read_fields(a, node, meeting_fields, COUNT(meeting_fields), m,
	    &m->extra);
	if (nested != NULL)
		read_nested_breakout(a, nested, m);
}

/* Elements kept from a reply, the last one ended by a newline too. */
static void
write_kept(struct xmlout *x, const char *xml)
{
	size_t	len = xml != NULL ? strlen(xml) : 0;

	out_raw(x, xml, len);
	if (len > 0 && xml[len - 1] != '\n')
		out_raw(x, "\n", 1);
}

static void write_attendees(struct xmlout *, const struct bbb_meeting *);

static void
write_field(struct xmlout *x, const struct field *f, const void *obj)
{
	const char	*p = (const char *)obj + f->offset;

	switch (f->kind) {
	case TEXT:
	case ROOM_TEXT:
		out_str(x, f->name, *(const char *const *)(const void *)p);
		break;
	case NUMBER:
	case ROOM_NUMBER:
		out_int(x, f->name, *(const long long *)(const void *)p);
		break;
	case FLAG:
	case ROOM_FLAG:
		out_bool(x, f->name, *(const bool *)p);
		break;
	case INNER:
	case ROOMS:
		out_open(x, f->name);
		write_kept(x, *(const char *const *)(const void *)p);
		out_close(x);
		break;
	case ATTENDEES:
		write_attendees(x, obj);
		break;
	case SKIP:
		break;
	}
}

static void
write_attendees(struct xmlout *x, const struct bbb_meeting *m)
{
	size_t	i, k;

	out_open(x, "attendees");
	for (i = 0; i < m->nattendees; i++) {
		out_open(x, "attendee");
		for (k = 0; k < COUNT(attendee_fields); k++)
			write_field(x, &attendee_fields[k],
			    &m->attendees[i]);
		write_kept(x, m->attendees[i].extra);
		out_close(x);
	}
	out_close(x);
}

/* Rooms have facts of their own, and only a meeting with rooms lists them. */
static bool
is_shown(const struct field *f, const struct bbb_meeting *m)
{
	if (f->kind == ROOM_TEXT || f->kind == ROOM_NUMBER ||
	    f->kind == ROOM_FLAG)
		return m->is_breakout;
	return f->kind != ROOMS || (m->breakout_rooms != NULL &&
	    m->breakout_rooms[0] != '\0');
}

/*
 * What was not understood goes back as it came, behind all else: newer
 * elements of BBB reach the frontend.
 */
void
bbb_meeting_write(struct xmlout *x, const struct bbb_meeting *m)
{
	size_t	i;

	for (i = 0; i < COUNT(meeting_fields); i++)
		if (is_shown(&meeting_fields[i], m))
			write_field(x, &meeting_fields[i], m);
	write_kept(x, m->extra);
}
