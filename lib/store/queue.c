/*
 * Commands that are to be done by a job, each by one of many at a time.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/queue.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"
#include "store/rows.h"

/* The columns COMMAND_COLS of stmt.c. */
enum { COL_ID, COL_SEQ, COL_STATE, COL_ACTION, COL_PARAMS, COL_RESULT,
    COL_DEADLINE, COL_CREATED, COL_STARTED, COL_STOPPED, COL_BACKEND,
    COL_LEASE, COL_ATTEMPTS };

static void
command_row(const struct rows *r, size_t row, struct arena *a,
    struct command *c)
{
	c->id = rows_dup(r, row, COL_ID, a);
	c->seq = rows_int(r, row, COL_SEQ);
	c->state = rows_dup(r, row, COL_STATE, a);
	c->action = rows_dup(r, row, COL_ACTION, a);
	c->params = rows_dup(r, row, COL_PARAMS, a);
	c->result = rows_dup(r, row, COL_RESULT, a);
	c->deadline = rows_dup(r, row, COL_DEADLINE, a);
	c->created_at = rows_dup(r, row, COL_CREATED, a);
	c->started_at = rows_dup(r, row, COL_STARTED, a);
	c->stopped_at = rows_dup(r, row, COL_STOPPED, a);
	c->backend_id = rows_dup(r, row, COL_BACKEND, a);
	c->lease = rows_dup(r, row, COL_LEASE, a);
	c->attempts = (int)rows_int(r, row, COL_ATTEMPTS);
}

/* Frees the rows. */
static void
command_rows(struct rows *r, struct arena *a, struct commands *c)
{
	size_t	i;

	c->n = rows_len(r);
	c->v = arena_zalloc(a, c->n, sizeof(*c->v));
	for (i = 0; i < c->n; i++)
		command_row(r, i, a, &c->v[i]);
	rows_free(r);
}

int
queue_enqueue(struct db *db, const char *action, const char *params,
    int deadline_s, struct arena *a, char **id, struct err *e)
{
	struct rows	*r;
	int		 fresh;

	r = db_run(db, STMT_QUEUE_ENQUEUE, e, action, params,
	    param_int(a, deadline_s));
	if (r == NULL)
		return -1;
	*id = rows_dup(r, 0, 0, a);
	fresh = rows_bool(r, 0, 1);
	rows_free(r);
	return fresh;
}

int
queue_get(struct db *db, const char *id, struct arena *a, struct command *c,
    struct err *e)
{
	struct rows	*r;
	int		 found;

	if ((r = db_run(db, STMT_QUEUE_GET, e, id)) == NULL)
		return err_note(e, "command %s", id);
	if ((found = rows_len(r) > 0))
		command_row(r, 0, a, c);
	rows_free(r);
	return found;
}

int
queue_list(struct db *db, struct arena *a, struct commands *c, struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_QUEUE_LIST, e)) == NULL)
		return err_note(e, "list commands");
	command_rows(r, a, c);
	return 0;
}

/*
 * Stray jobs and other nodes ask the same: SKIP LOCKED in sql/ gives each
 * command to one of them, for as long as its lease.
 */
int
queue_claim(struct db *db, int max, int lease_ms, struct arena *a,
    struct commands *c, struct err *e)
{
	struct rows	*r;

	r = db_run(db, STMT_QUEUE_CLAIM, e, param_int(a, max),
	    param_int(a, lease_ms));
	if (r == NULL)
		return err_note(e, "claim commands");
	command_rows(r, a, c);
	return 0;
}

int
queue_next(struct db *db, int max_ms, struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_QUEUE_NEXT, e)) == NULL)
		return err_note(e, "next command");
	return rows_due_ms(r, max_ms);
}

/* 1 or 0, as the statement says, for a claimed command. */
static int
verdict(struct rows *r, const struct command *c, struct err *e)
{
	int	mine;

	if (r == NULL)
		return err_note(e, "command %lld (%s)", c->seq, c->action);
	mine = rows_bool(r, 0, 0);
	rows_free(r);
	return mine;
}

int
queue_extend(struct db *db, const struct command *c, int lease_ms,
    struct err *e)
{
	char	ms[16];

	snprintf(ms, sizeof(ms), "%d", lease_ms);
	return verdict(db_run(db, STMT_QUEUE_EXTEND, e, c->id, c->lease, ms),
	    c, e);
}

int
queue_finish(struct db *db, const struct command *c, bool ok,
    const char *result, struct err *e)
{
	return verdict(db_run(db, STMT_QUEUE_FINISH, e, c->id, c->lease,
	    ok ? "t" : "f", result), c, e);
}

int
queue_fail(struct db *db, const struct command *c, const char *text,
    struct err *e)
{
	return verdict(db_run(db, STMT_QUEUE_FAIL, e, c->id, c->lease, text),
	    c, e);
}

int
queue_again(struct db *db, const struct command *c, int delay_ms,
    struct err *e)
{
	char	ms[16];

	snprintf(ms, sizeof(ms), "%d", delay_ms);
	return verdict(db_run(db, STMT_QUEUE_AGAIN, e, c->id, c->lease, ms),
	    c, e);
}

/* In the words of sql/. */
static const char *const steps[] = {
	[QUEUE_LOST] = "lost", [QUEUE_DONE] = "done", [QUEUE_WAITS] = "waits",
	[QUEUE_END] = "end"
};

/*
 * NULL and unknown words read as QUEUE_LOST: then the command is left alone.
 * Frees the rows.
 */
static int
step_read(struct rows *r, const struct command *c, enum queue_step *step,
    struct err *e)
{
	if (r == NULL)
		return err_note(e, "command %lld (%s)", c->seq, c->action);
	*step = QUEUE_END;
	while (*step > QUEUE_LOST &&
	    strcmp(rows_str(r, 0, 0), steps[*step]) != 0)
		--*step;
	rows_free(r);
	return 0;
}

int
queue_drain(struct db *db, const struct command *c, enum queue_step *step,
    struct err *e)
{
	return step_read(db_run(db, STMT_QUEUE_DRAIN, e, c->id, c->lease), c,
	    step, e);
}

int
queue_decommission(struct db *db, const struct command *c,
    enum queue_step *step, struct err *e)
{
	return step_read(db_run(db, STMT_QUEUE_DECOMMISSION, e, c->id,
	    c->lease), c, step, e);
}

int
queue_meetings(struct db *db, const char *const *backends, size_t n,
    struct arena *a, struct queue_meeting **v, size_t *nv, struct err *e)
{
	struct rows		*r;
	struct queue_meeting	*m;
	size_t			 i;

	r = db_run(db, STMT_QUEUE_MEETINGS, e, rows_array(a, backends, n));
	if (r == NULL)
		return err_note(e, "meetings to end");
	*nv = rows_len(r);
	*v = arena_zalloc(a, *nv, sizeof(**v));
	for (i = 0; i < *nv; i++) {
		m = &(*v)[i];
		m->row = rows_int(r, i, 0);
		m->internal_id = rows_dup(r, i, 1, a);
		m->backend_meeting_id = rows_dup(r, i, 2, a);
		m->moderator_pw = rows_dup(r, i, 3, a);
		m->backend_id = rows_dup(r, i, 4, a);
		m->host = rows_dup(r, i, 5, a);
		m->secret = rows_dup(r, i, 6, a);
	}
	rows_free(r);
	return 0;
}

int
queue_has_backend(struct db *db, const struct command *c, struct err *e)
{
	return verdict(db_run(db, STMT_QUEUE_HAS_BACKEND, e, c->backend_id),
	    c, e);
}

/* since is the database's time, so that clocks of nodes need not agree. */
int
queue_poll_now(struct db *db, const char *const *backends, size_t n,
    struct arena *a, char **since, struct err *e)
{
	struct rows	*r;

	r = db_run(db, STMT_QUEUE_POLL_NOW, e, rows_array(a, backends, n));
	if (r == NULL)
		return err_note(e, "servers to poll");
	*since = rows_dup(r, 0, 0, a);
	rows_free(r);
	return 0;
}

/* NULL: no poll has ended since; then nothing can be said yet. */
int
queue_polled(struct db *db, const struct command *c, const char *since,
    struct arena *a, enum queue_polled *how, char **reason, struct err *e)
{
	struct rows	*r;

	r = db_run(db, STMT_QUEUE_POLLED, e, c->backend_id, since);
	if (r == NULL)
		return err_note(e, "command %lld (%s)", c->seq, c->action);
	*how = rows_null(r, 0, 0) ? QUEUE_POLL_AWAITED :
	    rows_bool(r, 0, 0) ? QUEUE_POLL_OK : QUEUE_POLL_FAILED;
	*reason = arena_strdup(a, rows_str(r, 0, 1));
	rows_free(r);
	return 0;
}

int
queue_listen(struct db *db, struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_QUEUE_LISTEN, e)) == NULL)
		return -1;
	rows_free(r);
	return 0;
}
