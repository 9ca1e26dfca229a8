/*
 * Rows of living meetings as the state calls show them (see meeting.h).
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/meeting.h"

#include <string.h>

#include <jansson.h>

#include "store/db.h"

/* The columns INFO_COLS of stmt.c. */
enum { COL_NAME, COL_MEETING, COL_INTERNAL, COL_CREATE_TIME, COL_CREATE_DATE,
    COL_VOICE_BRIDGE, COL_DIAL_NUMBER, COL_ATTENDEE_PW, COL_MODERATOR_PW,
    COL_RUNNING, COL_DURATION, COL_HAS_USER_JOINED, COL_RECORDING,
    COL_FORCIBLY_ENDED, COL_START_TIME, COL_END_TIME, COL_PARTICIPANTS,
    COL_LISTENERS, COL_VOICES, COL_VIDEOS, COL_MAX_USERS, COL_MODERATORS,
    COL_METADATA, COL_IS_BREAKOUT, COL_PARENT, COL_SEQUENCE, COL_FREE_JOIN,
    COL_BREAKOUT_ROOMS, COL_EXTRA, COL_ATTENDEES };

/* The members of an attendee, an array in the last of them. */
enum { AT_USER_ID, AT_FULL_NAME, AT_ROLE, AT_PRESENTER, AT_LISTENING,
    AT_VOICE, AT_VIDEO, AT_CLIENT, AT_EXTRA };

static const char *
text(struct arena *a, json_t *j, size_t i)
{
	const char	*s = json_string_value(json_array_get(j, i));

	return arena_strdup(a, s == NULL ? "" : s);
}

static bool
truth(json_t *j, size_t i)
{
	return json_is_true(json_array_get(j, i));
}

static void
attendee_read(json_t *j, struct arena *a, struct bbb_attendee *at)
{
	at->user_id = text(a, j, AT_USER_ID);
	at->full_name = text(a, j, AT_FULL_NAME);
	at->role = text(a, j, AT_ROLE);
	at->is_presenter = truth(j, AT_PRESENTER);
	at->is_listening_only = truth(j, AT_LISTENING);
	at->has_joined_voice = truth(j, AT_VOICE);
	at->has_video = truth(j, AT_VIDEO);
	at->client_type = text(a, j, AT_CLIENT);
	at->extra = text(a, j, AT_EXTRA);
}

/* json_agg() over nobody is NULL, which the caller has seen to. */
static void
attendees_read(const char *json, struct arena *a, struct bbb_meeting *m)
{
	json_t	*list = json_loads(json, 0, NULL);
	size_t	 i;

	m->nattendees = json_array_size(list);
	m->attendees = arena_zalloc(a, m->nattendees, sizeof(*m->attendees));
	for (i = 0; i < m->nattendees; i++)
		attendee_read(json_array_get(list, i), a, &m->attendees[i]);
	json_decref(list);
}

static void
counts_read(const struct rows *r, struct bbb_meeting *m)
{
	m->participants = rows_int(r, 0, COL_PARTICIPANTS);
	m->listeners = rows_int(r, 0, COL_LISTENERS);
	m->voices = rows_int(r, 0, COL_VOICES);
	m->videos = rows_int(r, 0, COL_VIDEOS);
	m->max_users = rows_int(r, 0, COL_MAX_USERS);
	m->moderators = rows_int(r, 0, COL_MODERATORS);
}

static void
flags_read(const struct rows *r, struct bbb_meeting *m)
{
	m->running = rows_bool(r, 0, COL_RUNNING);
	m->has_user_joined = rows_bool(r, 0, COL_HAS_USER_JOINED);
	m->recording = rows_bool(r, 0, COL_RECORDING);
	m->forcibly_ended = rows_bool(r, 0, COL_FORCIBLY_ENDED);
	m->is_breakout = rows_bool(r, 0, COL_IS_BREAKOUT);
	m->free_join = rows_bool(r, 0, COL_FREE_JOIN);
}

/*
 * Elements of foreign XML (metadata, breakout_rooms, extra) come as they were
 * stored: bytes of the server, ready to be written out.
 */
static void
info_row(const struct rows *r, struct arena *a, struct bbb_meeting *m)
{
	memset(m, 0, sizeof(*m));
	m->name = rows_dup(r, 0, COL_NAME, a);
	m->meeting_id = rows_dup(r, 0, COL_MEETING, a);
	m->internal_id = rows_dup(r, 0, COL_INTERNAL, a);
	m->create_time = rows_int(r, 0, COL_CREATE_TIME);
	m->create_date = rows_dup(r, 0, COL_CREATE_DATE, a);
	m->voice_bridge = rows_dup(r, 0, COL_VOICE_BRIDGE, a);
	m->dial_number = rows_dup(r, 0, COL_DIAL_NUMBER, a);
	m->attendee_pw = rows_dup(r, 0, COL_ATTENDEE_PW, a);
	m->moderator_pw = rows_dup(r, 0, COL_MODERATOR_PW, a);
	m->duration = rows_int(r, 0, COL_DURATION);
	m->start_time = rows_int(r, 0, COL_START_TIME);
	m->end_time = rows_int(r, 0, COL_END_TIME);
	m->metadata = rows_dup(r, 0, COL_METADATA, a);
	m->parent_internal_id = rows_dup(r, 0, COL_PARENT, a);
	m->sequence = rows_int(r, 0, COL_SEQUENCE);
	m->breakout_rooms = rows_dup(r, 0, COL_BREAKOUT_ROOMS, a);
	m->extra = rows_dup(r, 0, COL_EXTRA, a);
	flags_read(r, m);
	counts_read(r, m);
	if (!rows_null(r, 0, COL_ATTENDEES))
		attendees_read(rows_str(r, 0, COL_ATTENDEES), a, m);
}

int
meeting_info(struct db *db, const char *frontend_id, const char *id,
    struct arena *a, struct bbb_meeting *m, struct err *e)
{
	struct rows	*r;
	int		 rc;

	if ((r = db_run(db, STMT_MEETING_INFO, e, frontend_id, id)) == NULL)
		return -1;
	rc = (int)rows_len(r);
	if (rc == 1)
		info_row(r, a, m);
	rows_free(r);
	return rc;
}

struct each {
	int		(*fn)(const struct bbb_meeting *, void *);
	void		 *ctx;
	struct arena	 *arena;
};

/* The arena is emptied after each: memory does not grow with the list. */
static int
each_meeting(const struct rows *r, void *ctx)
{
	struct each		*each = ctx;
	struct bbb_meeting	 m;
	int			 rc;

	info_row(r, each->arena, &m);
	rc = each->fn(&m, each->ctx);
	arena_reset(each->arena);
	return rc;
}

int
meeting_each(struct db *db, const char *frontend_id,
    int (*fn)(const struct bbb_meeting *m, void *ctx), void *ctx,
    struct err *e)
{
	const char	*values[] = { frontend_id };
	struct each	 each = { fn, ctx, arena_new() };
	int		 rc;

	rc = db_each(db, STMT_MEETING_EACH, values, each_meeting, &each, e);
	arena_free(each.arena);
	return rc;
}
