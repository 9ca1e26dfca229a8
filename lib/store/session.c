/*
 * Statements sent without blocking, each with its deadline, prepared by name
 * at their first use on a connection.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/conn.h"
#include "store/rows.h"
#include "store/sqlstate.h"

int
session_away(const struct session *s, struct err *e)
{
	const char	*why = conn_error(s->conn);

	return err_set(e, ERR_STORE, "the database is away%s%s",
	    *why == '\0' ? "" : ": ", why);
}

void
session_forget(struct session *s)
{
	memset(s->prepared, 0, sizeof(s->prepared));
	s->renewed++;
}

/*
 * Sets the error of a failed result.  Only the primary message: the detail
 * quotes values, and they may be secret.
 */
static enum try
failed(struct session *s, const struct stmt_def *def, const PGresult *res,
    struct err *e)
{
	const char	*state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char	*text = PQresultErrorField(res,
			    PG_DIAG_MESSAGE_PRIMARY);
	enum err_code	 code;

	/* An error of libpq's own has no state: the connection broke. */
	if (state == NULL || PQstatus(conn_pg(s->conn)) != CONNECTION_OK ||
	    sqlstate_ends_connection(state)) {
		conn_lost(s->conn, text != NULL ? text :
		    PQresultErrorMessage(res));
		session_away(s, e);
		return TRY_LOST;
	}
	if (sqlstate_is_stale(state))
		return TRY_STALE;
	code = sqlstate_code(state);
	if (code == ERR_SCHEMA)
		err_set(e, code, "%s: %s; the database's schema does not fit:"
		    " run b3scale-schema apply", def->name, text);
	else
		err_set(e, code, "%s: %s", def->name, text);
	return TRY_FAILED;
}

/*
 * Until libpq can hand out a result: 0; -1: deadline, or error.  Signals do
 * not end it: half an answer is of no use to a worker that is to finish its
 * request.
 */
static int
await(struct session *s, int64_t deadline, struct err *e)
{
	PGconn		*pg = conn_pg(s->conn);
	struct pollfd	 pfd = { .fd = PQsocket(pg) };
	int		 unsent, n;

	for (;;) {
		if ((unsent = PQflush(pg)) == -1)
			break;
		if (!PQisBusy(pg))
			return 0;
		/* Reads too while it sends, or both ends might wait. */
		pfd.events = unsent ? POLLIN | POLLOUT : POLLIN;
		n = poll(&pfd, 1, clock_left_ms(deadline));
		if (n == 0) {
			conn_lost(s->conn, "no answer in time");
			return session_away(s, e);
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || PQconsumeInput(pg) == 0)
			break;
	}
	conn_lost(s->conn, PQerrorMessage(pg));
	return session_away(s, e);
}

/* A statement out of time is not tried again: it would take twice as long. */
static enum try
lost_waiting(int64_t deadline)
{
	return clock_left_ms(deadline) == 0 ? TRY_FAILED : TRY_LOST;
}

static enum try
lost_sending(struct session *s, struct err *e)
{
	conn_lost(s->conn, PQerrorMessage(conn_pg(s->conn)));
	session_away(s, e);
	return TRY_LOST;
}

/*
 * The last result of what was sent (the only one, but for protocol errors).
 * NULL: lost.
 */
static PGresult *
collect(struct session *s, int64_t deadline, enum try *t, struct err *e)
{
	PGresult	*res = NULL, *next;

	for (;;) {
		if (await(s, deadline, e) == -1) {
			PQclear(res);
			*t = lost_waiting(deadline);
			return NULL;
		}
		if ((next = PQgetResult(conn_pg(s->conn))) == NULL)
			return res;
		PQclear(res);
		res = next;
	}
}

/* A statement's name changes when all have to be prepared again. */
static void
stmt_name(const struct session *s, enum stmt st, char *name, size_t size)
{
	snprintf(name, size, "%s.%u", stmt_def(st)->name, s->renewed);
}

static enum try
prepare(struct session *s, enum stmt st, int64_t deadline, struct err *e)
{
	const struct stmt_def	*def = stmt_def(st);
	PGresult		*res;
	enum try		 t = TRY_OK;
	char			 name[64];

	if (s->prepared_on != conn_generation(s->conn)) {
		memset(s->prepared, 0, sizeof(s->prepared));
		s->prepared_on = conn_generation(s->conn);
	}
	if (s->prepared[st])
		return TRY_OK;
	stmt_name(s, st, name, sizeof(name));
	if (PQsendPrepare(conn_pg(s->conn), name, def->sql, def->nparams,
	    NULL) == 0)
		return lost_sending(s, e);
	if ((res = collect(s, deadline, &t, e)) == NULL)
		return t;
	if (PQresultStatus(res) == PGRES_COMMAND_OK)
		s->prepared[st] = true;
	else
		t = failed(s, def, res, e);
	PQclear(res);
	return t;
}

static enum try
send_stmt(struct session *s, const struct job *j, int64_t deadline,
    struct err *e)
{
	char		name[64];
	enum try	t;

	if ((t = prepare(s, j->s, deadline, e)) != TRY_OK)
		return t;
	stmt_name(s, j->s, name, sizeof(name));
	if (PQsendQueryPrepared(conn_pg(s->conn), name,
	    stmt_def(j->s)->nparams, j->values, NULL, NULL, 0) == 0)
		return lost_sending(s, e);
	s->statements++;
	return TRY_OK;
}

static int
shape_check(const struct stmt_def *def, const PGresult *res, struct err *e)
{
	int	n = PQntuples(res);

	if ((def->shape == ROWS_ONE && n != 1) ||
	    (def->shape == ROWS_MAYBE && n > 1))
		return err_set(e, ERR_INTERNAL, "%s: %d rows came back",
		    def->name, n);
	return 0;
}

static enum try
try_whole(struct session *s, struct job *j, struct err *e)
{
	int64_t			 deadline = clock_mono_ms() + s->statement_ms;
	const struct stmt_def	*def = stmt_def(j->s);
	PGresult		*res;
	enum try		 t;

	if ((t = send_stmt(s, j, deadline, e)) != TRY_OK)
		return t;
	if ((res = collect(s, deadline, &t, e)) == NULL)
		return t;
	if (PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_COMMAND_OK)
		t = failed(s, def, res, e);
	else if (shape_check(def, res, e) == -1)
		t = TRY_FAILED;
	if (t == TRY_OK)
		*j->rows = rows_take(res);
	else
		PQclear(res);
	return t;
}

/* Hands out the row of one result; what follows after a stop is dropped. */
static void
each_row(struct job *j, PGresult *res)
{
	const struct rows	r = { res };

	if (j->stopped || PQntuples(res) == 0)
		return;
	j->seen = true;
	j->stopped = j->fn(&r, j->ctx) == -1;
}

static enum try
try_each(struct session *s, struct job *j, struct err *e)
{
	PGresult	*res;
	enum try	 t;
	int64_t		 deadline = clock_mono_ms() + s->statement_ms;

	if ((t = send_stmt(s, j, deadline, e)) != TRY_OK)
		return t;
	/* Must follow the sending at once, before any result is fetched. */
	if (PQsetSingleRowMode(conn_pg(s->conn)) == 0)
		return lost_sending(s, e);
	for (;;) {
		if (await(s, deadline, e) == -1)
			return lost_waiting(deadline);
		/* To the end, whatever happened: the next one sends then. */
		if ((res = PQgetResult(conn_pg(s->conn))) == NULL)
			return t;
		if (PQresultStatus(res) == PGRES_SINGLE_TUPLE)
			each_row(j, res);
		else if (PQresultStatus(res) != PGRES_TUPLES_OK)
			t = failed(s, stmt_def(j->s), res, e);
		PQclear(res);
		if (t == TRY_LOST)
			return t;
		/* The time that fn took is not the database's. */
		deadline = clock_mono_ms() + s->statement_ms;
	}
}

enum try
session_try(struct session *s, struct job *j, struct err *e)
{
	return j->fn != NULL ? try_each(s, j, e) : try_whole(s, j, e);
}
