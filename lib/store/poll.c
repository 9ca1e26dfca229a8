/*
 * A server's answer on its way into the database: the rules are in sql/.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/poll.h"

#include "store/db.h"
#include "store/listed.h"
#include "store/rows.h"

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
	if ((r = db_run(db, STMT_POLL_CLAIM, e, param_int(a, o->interval_ms),
	    param_int(a, o->lease_ms))) == NULL)
		return -1;
	/* A row without a backend tells how long there is nothing to do. */
	if (rows_len(r) == 1 && rows_null(r, 0, COL_BACKEND))
		*next_ms = (int)rows_int(r, 0, COL_NEXT);
	else {
		*n = rows_len(r);
		*next_ms = 0;
	}
	/*
	 * What the database gave as asked_at and lease goes back as it is: its
	 * clock decides, not ours, and a lease that another job has taken over
	 * since makes the write a no-op.
	 */
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
	    c->asked_at, param_int(a, o->interval_ms),
	    param_int(a, o->grace_ms), param_int(a, o->fade_s),
	    param_int(a, latency_ms),
	    listed_json(a, o, m, n))) == NULL)
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
	    c->asked_at, param_int(a, o->interval_ms), param_int(a, latency_ms),
	    error);
	rc = r == NULL ? -1 : 0;
	arena_free(a);
	rows_free(r);
	return rc;
}

/*
 * Arrays side by side rather than a statement for each: whether more than half
 * fail at once can be told only of all together.
 */
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
	    param_int(a, o->interval_ms), param_int(a, o->retry_ms));
	if (r != NULL)
		*alarm = rows_bool(r, 0, 0);
	rc = r == NULL ? -1 : 0;
	arena_free(a);
	rows_free(r);
	return rc;
}
