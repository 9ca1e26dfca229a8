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
