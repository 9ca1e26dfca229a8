/*
 * A getMeetings list as the JSON that functions in sql/ read.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/listed.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "proto/bbb.h"

/*
 * A server's text; bytes kept from an answer in another encoding are no
 * UTF-8, and the database takes nothing else.
 */
json_t *
listed_text(struct arena *a, const char *s)
{
	json_t	*j;
	char	*p, *clean;

	if (s == NULL)
		s = "";
	if ((j = json_string(s)) != NULL)
		return j;
	clean = p = arena_strdup(a, s);
	for (; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	return json_string(clean);
}

/* Columns have 32 bits, and no count is negative. */
json_t *
listed_count(long long n)
{
	return json_integer(n < 0 ? 0 : n > INT_MAX ? INT_MAX : n);
}

/*
 * Users cost 1, voices and cameras their weights.  People in a breakout room
 * count in its parent already.
 */
static double
cost(const struct poll_opts *o, const struct bbb_meeting *m)
{
	double	users = m->is_breakout ? 0 : (double)m->participants;

	return users + o->weight_voice * (double)m->voices +
	    o->weight_video * (double)m->videos;
}

static int
attendee_cmp(const void *a, const void *b)
{
	const struct bbb_attendee	*x = a, *y = b;

	return strcmp(x->user_id, y->user_id);
}

static json_t *
attendee_json(struct arena *a, const struct bbb_attendee *at)
{
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:b, s:b, s:o, s:o}",
	    "user_id", listed_text(a, at->user_id),
	    "full_name", listed_text(a, at->full_name),
	    "role", listed_text(a, at->role),
	    "presenter", at->is_presenter,
	    "listening", at->is_listening_only,
	    "voice", at->has_joined_voice,
	    "video", at->has_video,
	    "client", listed_text(a, at->client_type),
	    "extra", listed_text(a, at->extra));
}

/*
 * Sorted: servers list them in an order that changes, which is no news.  (Two
 * of one user may swap places; then both are written.)
 */
static json_t *
attendees_json(struct arena *a, const struct bbb_meeting *m)
{
	struct bbb_attendee	*v;
	json_t			*list = json_array();
	size_t			 i;

	v = arena_zalloc(a, m->nattendees, sizeof(*v));
	if (m->nattendees > 0)
		memcpy(v, m->attendees, m->nattendees * sizeof(*v));
	qsort(v, m->nattendees, sizeof(*v), attendee_cmp);
	for (i = 0; i < m->nattendees; i++)
		json_array_append_new(list, attendee_json(a, &v[i]));
	return list;
}

static void
set_texts(struct arena *a, const struct bbb_meeting *m, json_t *j)
{
	json_object_set_new(j, "bmid", listed_text(a, m->meeting_id));
	json_object_set_new(j, "iid", listed_text(a, m->internal_id));
	json_object_set_new(j, "parent", listed_text(a, m->is_breakout ?
	    m->parent_internal_id : ""));
	json_object_set_new(j, "name", listed_text(a, m->name));
	json_object_set_new(j, "create_date", listed_text(a, m->create_date));
	json_object_set_new(j, "voice_bridge", listed_text(a, m->voice_bridge));
	json_object_set_new(j, "dial_number", listed_text(a, m->dial_number));
	json_object_set_new(j, "attendee_pw", listed_text(a, m->attendee_pw));
	json_object_set_new(j, "moderator_pw", listed_text(a, m->moderator_pw));
	json_object_set_new(j, "metadata", listed_text(a, m->metadata));
	json_object_set_new(j, "rooms", listed_text(a, m->breakout_rooms));
	json_object_set_new(j, "extra", listed_text(a, m->extra));
}

static void
set_counts(const struct bbb_meeting *m, json_t *j)
{
	json_object_set_new(j, "duration", listed_count(m->duration));
	json_object_set_new(j, "participants", listed_count(m->participants));
	json_object_set_new(j, "listeners", listed_count(m->listeners));
	json_object_set_new(j, "voices", listed_count(m->voices));
	json_object_set_new(j, "videos", listed_count(m->videos));
	json_object_set_new(j, "max_users", listed_count(m->max_users));
	json_object_set_new(j, "moderators", listed_count(m->moderators));
	json_object_set_new(j, "sequence", listed_count(m->sequence));
	json_object_set_new(j, "create_time", json_integer(m->create_time));
	json_object_set_new(j, "start_time", json_integer(m->start_time));
	json_object_set_new(j, "end_time", json_integer(m->end_time));
}

static void
set_flags(const struct bbb_meeting *m, json_t *j)
{
	json_object_set_new(j, "running", json_boolean(m->running));
	json_object_set_new(j, "joined", json_boolean(m->has_user_joined));
	json_object_set_new(j, "recording", json_boolean(m->recording));
	json_object_set_new(j, "forcibly_ended",
	    json_boolean(m->forcibly_ended));
	json_object_set_new(j, "breakout", json_boolean(m->is_breakout));
	json_object_set_new(j, "free_join", json_boolean(m->free_join));
}

/* The members of the type `polled` in sql/. */
static json_t *
meeting_json(struct arena *a, const struct poll_opts *o,
    const struct bbb_meeting *m)
{
	json_t	*j = json_object();
	char	*key, *id;

	set_texts(a, m, j);
	set_counts(m, j);
	set_flags(m, j);
	if (bbb_meeting_id_decode(a, m->meeting_id, &key, &id) == 0) {
		json_object_set_new(j, "fkey", listed_text(a, key));
		json_object_set_new(j, "mid", listed_text(a, id));
	}
	json_object_set_new(j, "cost", json_real(cost(o, m)));
	json_object_set_new(j, "attendees", attendees_json(a, m));
	return j;
}

/* Meetings without ids cannot be told apart: they are left out. */
char *
listed_json(struct arena *a, const struct poll_opts *o,
    const struct bbb_meeting *m, size_t n)
{
	json_t	*list = json_array();
	char	*dump, *s;
	size_t	 i;

	for (i = 0; i < n; i++)
		if (m[i].internal_id[0] != '\0' && m[i].meeting_id[0] != '\0')
			json_array_append_new(list, meeting_json(a, o, &m[i]));
	dump = json_dumps(list, JSON_COMPACT);
	s = arena_strdup(a, dump);
	free(dump);
	json_decref(list);
	return s;
}
