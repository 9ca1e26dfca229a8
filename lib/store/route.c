/*
 * The rows that tell one call where it goes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/route.h"

#include <string.h>

#include "store/db.h"

enum {
	COL_FRONTEND,
	COL_USERS = COL_FRONTEND + FRONTEND_NCOLS,
	COL_CLUSTER,
	COL_MEETING,
	COL_BACKEND = COL_MEETING + MEETING_NCOLS
};

enum {
	BRIEF_FRONTEND,
	BRIEF_SECRET,
	BRIEF_FURTHER,
	BRIEF_ACTIVE,
	BRIEF_SETTINGS,
	BRIEF_USERS,
	BRIEF_MEETING,
	BRIEF_BACKEND_MEETING,
	BRIEF_INTERNAL,
	BRIEF_LIVING,
	BRIEF_RUNNING,
	BRIEF_BACKEND,
	BRIEF_HOST,
	BRIEF_BACKEND_SECRET,
	BRIEF_FAILED,
	BRIEF_SLOT
};

/*
 * Could this be an internal id (40 hex digits, '-', a time in ms)?  Only then
 * the lookup by both is worth its price.
 */
static bool
looks_internal(const char *id)
{
	size_t	digits = strspn(id, "0123456789abcdef");

	if (digits != 40 || id[40] != '-')
		return false;
	id += 41;
	return *id != '\0' && id[strspn(id, "0123456789")] == '\0';
}

static int
route_row(const struct rows *r, size_t row, struct arena *a,
    struct route *route, struct err *e)
{
	if (frontend_row(r, row, COL_FRONTEND, a, &route->fe, e) == -1)
		return -1;
	route->users = rows_int(r, row, COL_USERS);
	if (rows_null(r, row, COL_MEETING))
		return 0;
	route->has_meeting = true;
	meeting_row(r, row, COL_MEETING, a, &route->meeting);
	return backend_row(r, row, COL_BACKEND, a, &route->backend, e);
}

static void
brief_row(const struct rows *r, const struct route_query *q, struct arena *a,
    struct route *route)
{
	struct frontend	*f = &route->fe;
	struct meeting	*m = &route->meeting;
	struct backend	*b = &route->backend;

	f->id = rows_dup(r, 0, BRIEF_FRONTEND, a);
	f->key = arena_strdup(a, q->key);
	frontend_secrets(rows_str(r, 0, BRIEF_SECRET),
	    rows_maybe(r, 0, BRIEF_FURTHER), a, f);
	f->active = rows_bool(r, 0, BRIEF_ACTIVE);
	f->settings = rows_dup(r, 0, BRIEF_SETTINGS, a);
	route->users = rows_int(r, 0, BRIEF_USERS);
	if (rows_null(r, 0, BRIEF_MEETING))
		return;
	route->has_meeting = true;
	m->row = rows_int(r, 0, BRIEF_MEETING);
	m->meeting_id = arena_strdup(a, q->meeting_id);
	m->backend_meeting_id = rows_dup(r, 0, BRIEF_BACKEND_MEETING, a);
	m->internal_id = rows_dup(r, 0, BRIEF_INTERNAL, a);
	m->state = rows_bool(r, 0, BRIEF_LIVING) ? MEETING_LIVING :
	    MEETING_PLACED;
	m->running = rows_bool(r, 0, BRIEF_RUNNING);
	b->id = rows_dup(r, 0, BRIEF_BACKEND, a);
	b->host = rows_dup(r, 0, BRIEF_HOST, a);
	b->secret = rows_dup(r, 0, BRIEF_BACKEND_SECRET, a);
	b->node_state = rows_bool(r, 0, BRIEF_FAILED) ? NODE_ERROR :
	    NODE_READY;
	b->slot = (int)rows_int(r, 0, BRIEF_SLOT);
}

static int
brief_lookup(struct db *db, const struct route_query *q, struct arena *a,
    struct routes *out, struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_ROUTE_BRIEF, e, q->key, q->meeting_id)) ==
	    NULL)
		return -1;
	out->n = rows_len(r);
	out->v = arena_zalloc(a, out->n, sizeof(*out->v));
	if (out->n == 1)
		brief_row(r, q, a, &out->v[0]);
	rows_free(r);
	return 0;
}

int
route_lookup(struct db *db, const struct route_query *q, struct arena *a,
    struct routes *out, struct err *e)
{
	struct rows	*r;
	enum stmt	 s;
	size_t		 i;
	int		 rc = -1;

	memset(out, 0, sizeof(*out));
	if (q->key == NULL)
		s = STMT_ROUTE_BY_HOST;
	else if (q->meeting_id != NULL && looks_internal(q->meeting_id))
		s = STMT_ROUTE_BY_KEY_INTERNAL;
	else if (q->brief)
		return brief_lookup(db, q, a, out, e);
	else
		s = STMT_ROUTE_BY_KEY;
	if ((r = db_run(db, s, e, q->key != NULL ? q->key : q->host,
	    q->meeting_id, q->placing ? "t" : "f")) == NULL)
		return -1;
	out->v = arena_zalloc(a, rows_len(r), sizeof(*out->v));
	for (i = 0; i < rows_len(r); i++)
		if (route_row(r, i, a, &out->v[i], e) == -1)
			goto out;
	out->n = rows_len(r);
	if (out->n > 0)
		out->backends_version = rows_int(r, 0, COL_CLUSTER);
	rc = 0;
out:
	rows_free(r);
	return rc;
}
