/*
 * How the cluster stands: which jobs went well when, and what is wrong now.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/standing.h"

#include "store/db.h"

/* As STMT_STANDING of stmt.c selects them. */
enum { COL_IS_JOB, COL_NAME, COL_AT, COL_N };

int
standing_read(struct db *db, struct arena *a, struct standing *s,
    struct err *e)
{
	struct standing_fact	*f;
	struct rows		*r;
	size_t			 i;

	if ((r = db_run(db, STMT_STANDING, e)) == NULL)
		return err_note(e, "standing of the cluster");
	s->jobs = arena_zalloc(a, rows_len(r), sizeof(*s->jobs));
	s->alarms = arena_zalloc(a, rows_len(r), sizeof(*s->alarms));
	s->njobs = s->nalarms = 0;
	for (i = 0; i < rows_len(r); i++) {
		f = rows_bool(r, i, COL_IS_JOB) ? &s->jobs[s->njobs++] :
		    &s->alarms[s->nalarms++];
		f->name = rows_dup(r, i, COL_NAME, a);
		f->at_us = rows_int(r, i, COL_AT);
		f->n = rows_int(r, i, COL_N);
	}
	rows_free(r);
	return 0;
}
