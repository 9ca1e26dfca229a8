/*
 * Notices as the triggers of sql/ write them: JSON arrays on one channel.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/notify.h"

#include <string.h>

#include <jansson.h>
#include <libpq-fe.h>

#include "base/log.h"
#include "base/str.h"
#include "store/db.h"
#include "store/rows.h"

/*
 * In this order: what is changed after LISTEN is notified, what was before it
 * is read by whoever loads next, so nothing falls between.
 */
int
notify_listen(struct db *db, struct arena *a, char **epoch, struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_LISTEN, e)) == NULL)
		return -1;
	rows_free(r);
	if ((r = db_run(db, STMT_EPOCH, e)) == NULL)
		return -1;
	*epoch = rows_dup(r, 0, 0, a);
	rows_free(r);
	return 0;
}

/* The members of one notice, read in turn; ok is false after a wrong one. */
struct reader {
	json_t		*list;
	size_t		 i;
	struct arena	*arena;
	bool		 ok;
};

static json_t *
next(struct reader *rd)
{
	json_t	*j = json_array_get(rd->list, rd->i++);

	if (j == NULL)
		rd->ok = false;
	return j;
}

static char *
next_text(struct reader *rd)
{
	json_t	*j = next(rd);

	if (!json_is_string(j)) {
		rd->ok = rd->ok && json_is_null(j);
		return NULL;
	}
	return arena_strdup(rd->arena, json_string_value(j));
}

/* Versions and rows come from sequences: never below 0. */
static long long
next_number(struct reader *rd)
{
	json_t	*j = next(rd);

	rd->ok = rd->ok && json_is_integer(j) && json_integer_value(j) >= 0;
	return json_integer_value(j);
}

static bool
next_bool(struct reader *rd)
{
	json_t	*j = next(rd);

	rd->ok = rd->ok && json_is_boolean(j);
	return json_is_true(j);
}

/*
 * Secrets must not be heard by every role that may LISTEN: the notice holds an
 * id, and the row is read.
 */
static void
frontend_read(struct reader *rd, struct notice *n)
{
	n->version = next_number(rd);
	n->deleted = next_bool(rd);
	n->id = next_text(rd);
	/*
	 * It is going to be read, over and over while that fails; and what is
	 * read has its id in lower case.
	 */
	rd->ok = rd->ok && n->id != NULL && str_is_uuid(n->id) &&
	    strpbrk(n->id, "ABCDEF") == NULL;
}

static void
cluster_read(struct reader *rd, struct notice *n)
{
	n->version = next_number(rd);
}

/*
 * A notice has 8,000 bytes at most; ids that do not fit leave the row and its
 * frontend only, and the next call asks.
 */
static void
meeting_id_read(struct reader *rd, struct notice *n)
{
	n->version = n->meeting.version = next_number(rd);
	n->deleted = next_bool(rd);
	n->meeting.row = next_number(rd);
	n->meeting.frontend_id = next_text(rd);
	n->meeting.state = n->deleted ? MEETING_ENDED : MEETING_LIVING;
}

/*
 * As meeting_notify() of sql/ writes it. internal_id is NULL until a server
 * has confirmed the meeting, so it may be missing here.
 */
static void
meeting_read(struct reader *rd, struct notice *n)
{
	static char	 none[] = "";
	struct meeting	*m = &n->meeting;

	n->version = m->version = next_number(rd);
	n->deleted = next_bool(rd);
	m->state = n->deleted ? MEETING_ENDED : MEETING_LIVING;
	m->running = next_bool(rd);
	m->row = next_number(rd);
	m->frontend_id = next_text(rd);
	m->meeting_id = next_text(rd);
	m->backend_id = next_text(rd);
	m->backend_meeting_id = next_text(rd);
	m->internal_id = next_text(rd);
	m->attendee_pw = m->moderator_pw = m->voice_bridge = none;
	rd->ok = rd->ok && m->frontend_id != NULL && m->meeting_id != NULL &&
	    m->backend_id != NULL;
}

static const struct {
	const char	 *word;
	enum notice_kind  kind;
	void		(*read)(struct reader *, struct notice *);
} kinds[] = {
	{ "frontend",	NOTICE_FRONTEND,   frontend_read },
	{ "cluster",	NOTICE_CLUSTER,	   cluster_read },
	{ "meeting",	NOTICE_MEETING,	   meeting_read },
	{ "meeting_id",	NOTICE_MEETING_ID, meeting_id_read },
};

/* -1: none of ours (any role may NOTIFY; later programs may say more). */
static int
notice_read(const char *payload, struct arena *a, struct notice *n)
{
	struct reader	 rd = { json_loads(payload, 0, NULL), 0, a, true };
	const char	*word = next_text(&rd);
	size_t		 i;

	memset(n, 0, sizeof(*n));
	for (i = 0; word != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].word, word) == 0)
			break;
	if (word == NULL || i == sizeof(kinds) / sizeof(kinds[0]))
		rd.ok = false;
	else {
		n->kind = kinds[i].kind;
		kinds[i].read(&rd, n);
	}
	json_decref(rd.list);
	return rd.ok ? 0 : -1;
}

/*
 * What is not ours is skipped rather than reported: one stray notice must not
 * stop those behind it.
 */
int
notify_next(struct db *db, struct arena *a, struct notice *n)
{
	char	*payload;
	int	 rc;

	while ((rc = db_notice(db, a, &payload)) == 1) {
		if (notice_read(payload, a, n) == 0)
			return 1;
		log_debug("database: a notice that is not ours");
	}
	return rc;
}
