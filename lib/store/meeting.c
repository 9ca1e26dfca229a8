/*
 * Rows of meetings: their routes, and what becomes of them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/meeting.h"

#include <limits.h>
#include <stdio.h>

#include "store/db.h"

/* The columns MEETING_COLS of stmt.c. */
enum { COL_ID, COL_FRONTEND, COL_MEETING, COL_BACKEND, COL_BACKEND_MEETING,
    COL_INTERNAL, COL_STATE, COL_RUNNING, COL_ATTEMPT, COL_ATTENDEE_PW,
    COL_MODERATOR_PW, COL_VOICE_BRIDGE, COL_VERSION };

/* The words "placed", "living" and "ended" differ in their first letter. */
static enum meeting_state
state_read(const char *word)
{
	return word[0] == 'p' ? MEETING_PLACED :
	    word[0] == 'l' ? MEETING_LIVING : MEETING_ENDED;
}

void
meeting_row(const struct rows *r, size_t row, int col, struct arena *a,
    struct meeting *m)
{
	m->row = rows_int(r, row, col + COL_ID);
	m->frontend_id = rows_dup(r, row, col + COL_FRONTEND, a);
	m->meeting_id = rows_dup(r, row, col + COL_MEETING, a);
	m->backend_id = rows_dup(r, row, col + COL_BACKEND, a);
	m->backend_meeting_id = rows_dup(r, row, col + COL_BACKEND_MEETING,
	    a);
	m->internal_id = rows_dup(r, row, col + COL_INTERNAL, a);
	m->state = state_read(rows_str(r, row, col + COL_STATE));
	m->running = rows_bool(r, row, col + COL_RUNNING);
	m->attempt = (int)rows_int(r, row, col + COL_ATTEMPT);
	m->attendee_pw = rows_dup(r, row, col + COL_ATTENDEE_PW, a);
	m->moderator_pw = rows_dup(r, row, col + COL_MODERATOR_PW, a);
	m->voice_bridge = rows_dup(r, row, col + COL_VOICE_BRIDGE, a);
	m->version = rows_int(r, row, col + COL_VERSION);
}

#define NUMBER_LEN 24		/* any long long in decimal */

static const char *
number(char buf[NUMBER_LEN], long long n)
{
	snprintf(buf, NUMBER_LEN, "%lld", n);
	return buf;
}

/* The one boolean that a statement gave: 1, 0, or -1 if it failed. */
static int
answer(struct rows *r)
{
	int	rc;

	if (r == NULL)
		return -1;
	rc = rows_bool(r, 0, 0);
	rows_free(r);
	return rc;
}

/*
 * All of it is compared and set by attempt in sql/: whoever moved the row
 * meanwhile has raised that.
 */
int
meeting_confirm(struct db *db, const struct meeting_created *c,
    struct err *e)
{
	char	row[NUMBER_LEN], attempt[NUMBER_LEN], created[NUMBER_LEN];
	char	duration[NUMBER_LEN];
	/* Its column has 32 bits; less than no limit is none. */
	long long minutes = c->duration < 0 ? 0 :
	    c->duration > INT_MAX ? INT_MAX : c->duration;
	struct rows *r;
	int	rc;

	r = db_run(db, STMT_MEETING_CONFIRM, e,
	    number(row, c->row), number(attempt, c->attempt), c->internal_id,
	    number(created, c->create_time), c->create_date, c->attendee_pw,
	    c->moderator_pw, c->voice_bridge, c->dial_number,
	    number(duration, minutes), c->revive ? "t" : "f");
	if (r == NULL)
		return -1;
	rc = rows_int(r, 0, 0);
	rows_free(r);
	return rc;
}

int
meeting_unplace(struct db *db, long long row, int attempt, struct err *e)
{
	char	id[NUMBER_LEN], n[NUMBER_LEN];

	return answer(db_run(db, STMT_MEETING_UNPLACE, e, number(id, row),
	    number(n, attempt)));
}

int
meeting_announce(struct db *db, long long row, struct err *e)
{
	char	id[NUMBER_LEN];

	return answer(db_run(db, STMT_MEETING_ANNOUNCE, e,
	    number(id, row)));
}

int
meeting_end(struct db *db, long long row, const char *internal_id,
    struct err *e)
{
	char	id[NUMBER_LEN];

	return answer(db_run(db, STMT_MEETING_END, e, number(id, row),
	    internal_id));
}

struct routes_each {
	int		(*fn)(const struct meeting *, void *);
	void		 *ctx;
	struct arena	 *arena;
};

/* One row's memory at a time: ten thousand meetings are loaded. */
static int
each_route(const struct rows *r, void *ctx)
{
	struct routes_each	*each = ctx;
	struct meeting		 m;
	int			 rc;

	meeting_row(r, 0, 0, each->arena, &m);
	rc = each->fn(&m, each->ctx);
	arena_reset(each->arena);
	return rc;
}

int
meeting_routes(struct db *db, int (*fn)(const struct meeting *m, void *ctx),
    void *ctx, struct err *e)
{
	struct routes_each	each = { fn, ctx, arena_new() };
	int			rc;

	rc = db_each(db, STMT_MEETING_ROUTES, NULL, each_route, &each, e);
	arena_free(each.arena);
	return rc;
}
