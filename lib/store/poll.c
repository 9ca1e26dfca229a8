/*
 * A server's answer on its way into the database: the rules are in sql/.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/poll.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/str.h"
#include "proto/bbb.h"
#include "store/db.h"
#include "store/rows.h"

static char *
number(struct arena *a, int n)
{
	return arena_printf(a, "%d", n);
}

int
poll_claim(struct db *db, const struct poll_opts *o, struct arena *a,
    struct poll_claim **v, size_t *n, int *next_ms, struct err *e)
{
	enum { COL_BACKEND, COL_HOST, COL_SECRET, COL_ASKED, COL_LEASE,
	    COL_NEXT };
	struct rows	*r;
	size_t		 i;

	*v = NULL;
	*n = 0;
	*next_ms = o->interval_ms;
	if ((r = db_run(db, STMT_POLL_CLAIM, e, number(a, o->interval_ms),
	    number(a, o->lease_ms))) == NULL)
		return -1;
	/* A row without a backend tells how long there is nothing to do. */
	if (rows_len(r) == 1 && rows_null(r, 0, COL_BACKEND))
		*next_ms = (int)rows_int(r, 0, COL_NEXT);
	else {
		*n = rows_len(r);
		*next_ms = 0;
	}
	*v = arena_zalloc(a, *n, sizeof(**v));
	for (i = 0; i < *n; i++) {
		(*v)[i].backend_id = rows_dup(r, i, COL_BACKEND, a);
		(*v)[i].host = rows_dup(r, i, COL_HOST, a);
		(*v)[i].secret = rows_dup(r, i, COL_SECRET, a);
		(*v)[i].asked_at = rows_dup(r, i, COL_ASKED, a);
		(*v)[i].lease = rows_dup(r, i, COL_LEASE, a);
	}
	rows_free(r);
	return 0;
}

/*
 * A server's text; bytes kept from an answer in another encoding are no
 * UTF-8, and the database takes nothing else.
 */
static json_t *
text(struct arena *a, const char *s)
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
static json_t *
count(long long n)
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
	    "user_id", text(a, at->user_id),
	    "full_name", text(a, at->full_name),
	    "role", text(a, at->role),
	    "presenter", at->is_presenter,
	    "listening", at->is_listening_only,
	    "voice", at->has_joined_voice,
	    "video", at->has_video,
	    "client", text(a, at->client_type),
	    "extra", text(a, at->extra));
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
	json_object_set_new(j, "bmid", text(a, m->meeting_id));
	json_object_set_new(j, "iid", text(a, m->internal_id));
	json_object_set_new(j, "parent", text(a, m->is_breakout ?
	    m->parent_internal_id : ""));
	json_object_set_new(j, "name", text(a, m->name));
	json_object_set_new(j, "create_date", text(a, m->create_date));
	json_object_set_new(j, "voice_bridge", text(a, m->voice_bridge));
	json_object_set_new(j, "dial_number", text(a, m->dial_number));
	json_object_set_new(j, "attendee_pw", text(a, m->attendee_pw));
	json_object_set_new(j, "moderator_pw", text(a, m->moderator_pw));
	json_object_set_new(j, "metadata", text(a, m->metadata));
	json_object_set_new(j, "rooms", text(a, m->breakout_rooms));
	json_object_set_new(j, "extra", text(a, m->extra));
}

static void
set_counts(const struct bbb_meeting *m, json_t *j)
{
	json_object_set_new(j, "duration", count(m->duration));
	json_object_set_new(j, "participants", count(m->participants));
	json_object_set_new(j, "listeners", count(m->listeners));
	json_object_set_new(j, "voices", count(m->voices));
	json_object_set_new(j, "videos", count(m->videos));
	json_object_set_new(j, "max_users", count(m->max_users));
	json_object_set_new(j, "moderators", count(m->moderators));
	json_object_set_new(j, "sequence", count(m->sequence));
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
		json_object_set_new(j, "fkey", text(a, key));
		json_object_set_new(j, "mid", text(a, id));
	}
	json_object_set_new(j, "cost", json_real(cost(o, m)));
	json_object_set_new(j, "attendees", attendees_json(a, m));
	return j;
}

/* Meetings without ids cannot be told apart: they are left out. */
static char *
list_text(struct arena *a, const struct poll_opts *o,
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

int
poll_seen(struct db *db, const struct poll_opts *o,
    const struct poll_claim *c, const struct bbb_meeting *m, size_t n,
    int latency_ms, struct arena *a, struct poll_twin **twins,
    size_t *ntwins, struct err *e)
{
	struct rows	*r;
	size_t		 i;

	*twins = NULL;
	*ntwins = 0;
	if ((r = db_run(db, STMT_POLL_SEEN, e, c->backend_id, c->lease,
	    c->asked_at, number(a, o->interval_ms), number(a, o->grace_ms),
	    number(a, o->fade_s), number(a, latency_ms),
	    list_text(a, o, m, n))) == NULL)
		return -1;
	*ntwins = rows_len(r);
	*twins = arena_zalloc(a, *ntwins, sizeof(**twins));
	for (i = 0; i < *ntwins; i++) {
		(*twins)[i].internal_id = rows_dup(r, i, 0, a);
		(*twins)[i].meeting_id = rows_dup(r, i, 1, a);
		(*twins)[i].empty = rows_bool(r, i, 2);
	}
	rows_free(r);
	return 0;
}

int
poll_unreadable(struct db *db, const struct poll_opts *o,
    const struct poll_claim *c, int latency_ms, const char *error,
    struct err *e)
{
	struct arena	*a = arena_new();
	struct rows	*r;
	int		 rc;

	r = db_run(db, STMT_POLL_UNREADABLE, e, c->backend_id, c->lease,
	    c->asked_at, number(a, o->interval_ms), number(a, latency_ms),
	    error);
	rc = r == NULL ? -1 : 0;
	arena_free(a);
	rows_free(r);
	return rc;
}

int
poll_failed(struct db *db, const struct poll_opts *o,
    const struct poll_failure *f, size_t n, bool *alarm, struct err *e)
{
	struct arena	 *a;
	struct rows	 *r;
	const char	**ids, **leases, **errors;
	size_t		  i;
	int		  rc;

	*alarm = false;
	if (n == 0)
		return 0;
	a = arena_new();
	ids = arena_zalloc(a, n, sizeof(*ids));
	leases = arena_zalloc(a, n, sizeof(*leases));
	errors = arena_zalloc(a, n, sizeof(*errors));
	for (i = 0; i < n; i++) {
		ids[i] = f[i].claim->backend_id;
		leases[i] = f[i].claim->lease;
		errors[i] = f[i].error;
	}
	r = db_run(db, STMT_POLL_FAILED, e, rows_array(a, ids, n),
	    rows_array(a, leases, n), rows_array(a, errors, n),
	    number(a, o->interval_ms), number(a, o->retry_ms));
	if (r != NULL)
		*alarm = rows_bool(r, 0, 0);
	rc = r == NULL ? -1 : 0;
	arena_free(a);
	rows_free(r);
	return rc;
}
