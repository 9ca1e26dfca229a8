/*
 * Statements sent without blocking, each with its deadline, prepared by name
 * at their first use on a connection.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/conn.h"
#include "store/rows.h"
#include "store/schema.h"

#define PARAMS_MAX	24
/* A request waits this long for a database that was there a moment ago, */
#define LOST_WAIT_MS	1000
/* and this long while nobody answers: enough to shake hands. */
#define AWAY_WAIT_MS	50

struct db {
	struct conn	*conn;
	int		 statement_ms;
	unsigned long	 statements;
	unsigned	 checked;	/* generation whose schema is known */
	unsigned	 prepared_on;	/* generation of the next two */
	unsigned	 renewed;	/* names in use carry this number */
	bool		 prepared[STMT__MAX];
};

/* How one try of a statement ended. */
enum try {
	TRY_OK,
	TRY_FAILED,		/* e says why */
	TRY_STALE,		/* prepare it again, nothing was done */
	TRY_LOST		/* the connection is gone */
};

struct db *
db_new(const struct db_opts *opts, struct err *e)
{
	const struct conn_opts	 o = { opts->conninfo, opts->name,
	    opts->connect_ms, opts->statement_ms };
	struct conn		*conn;
	struct db		*db;

	if ((conn = conn_new(&o, e)) == NULL)
		return NULL;
	db = xcalloc(1, sizeof(*db));
	db->conn = conn;
	db->statement_ms = opts->statement_ms;
	return db;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	conn_free(db->conn);
	free(db);
}

bool
db_up(const struct db *db)
{
	return conn_pg(db->conn) != NULL;
}

unsigned
db_generation(const struct db *db)
{
	return conn_generation(db->conn);
}

unsigned long
db_statements(const struct db *db)
{
	return db->statements;
}

void
db_tick(struct db *db, int budget_ms, int fd)
{
	conn_wait(db->conn, clock_mono_ms() + budget_ms, fd, CONN_INTERRUPT);
}

static int
away(struct db *db, struct err *e)
{
	const char	*why = conn_error(db->conn);

	return err_set(e, ERR_STORE, "the database is away%s%s",
	    *why == '\0' ? "" : ": ", why);
}

/* A new connection's schema is looked at once, before anything else. */
static int
check_schema(struct db *db, struct err *e)
{
	if (db->checked == conn_generation(db->conn))
		return 0;
	db->checked = conn_generation(db->conn);
	if (schema_check(db, e) == 0)
		return 0;
	db->checked = 0;
	return -1;
}

int
db_open(struct db *db, int wait_ms, struct err *e)
{
	if (!conn_wait(db->conn, clock_mono_ms() + wait_ms, -1, 0))
		return away(db, e);
	return check_schema(db, e);
}

/*
 * Notices a connection that has died while idle, so that what is sent next is
 * not lost with it.
 */
static void
look_alive(struct db *db)
{
	PGconn		*pg;
	struct pollfd	 pfd;

	while ((pg = conn_pg(db->conn)) != NULL) {
		pfd.fd = PQsocket(pg);
		pfd.events = POLLIN;
		if (poll(&pfd, 1, 0) != 1)
			return;
		if (PQconsumeInput(pg) == 0 || PQstatus(pg) != CONNECTION_OK)
			conn_lost(db->conn, PQerrorMessage(pg));
	}
}

/* any: a statement that may run whatever the schema. */
static int
ready(struct db *db, bool any, struct err *e)
{
	bool	hopeless = conn_hopeless(db->conn);
	int	wait_ms = hopeless ? AWAY_WAIT_MS : db->statement_ms;

	look_alive(db);
	if (!conn_wait(db->conn, clock_mono_ms() + wait_ms, -1,
	    hopeless ? 0 : CONN_ONE_ROUND))
		return away(db, e);
	return any ? 0 : check_schema(db, e);
}

/* SQLSTATEs, or their classes, that mean something to callers. */
static const struct {
	const char	*prefix;
	enum err_code	 code;
} sqlstates[] = {
	{ "08",	   ERR_STORE },		/* connection */
	{ "25006", ERR_STORE },		/* read only: no primary any more */
	{ "57P01", ERR_STORE }, { "57P02", ERR_STORE }, { "57P03", ERR_STORE },
	{ "57014", ERR_STORE },		/* cancelled: took too long */
	{ "53",	   ERR_STORE },		/* out of memory, disk, connections */
	{ "40",	   ERR_STORE },		/* deadlock, serialization */
	{ "55P03", ERR_STORE },		/* lock not available */
	{ "23505", ERR_CONFLICT },	/* unique */
	{ "23503", ERR_MISSING },	/* foreign key */
	{ "23514", ERR_INPUT },		/* CHECK, and refusals of triggers */
	{ "22",	   ERR_INPUT },		/* no uuid, number, time; too large */
	{ "42P01", ERR_SCHEMA }, { "42703", ERR_SCHEMA },
	{ "42883", ERR_SCHEMA },	/* no such table, column, function */
};

static enum err_code
sqlstate_code(const char *state)
{
	size_t	i;

	for (i = 0; i < sizeof(sqlstates) / sizeof(sqlstates[0]); i++)
		if (strncmp(state, sqlstates[i].prefix,
		    strlen(sqlstates[i].prefix)) == 0)
			return sqlstates[i].code;
	return ERR_INTERNAL;
}

/* After these a connection is of no more use. */
static bool
ends_connection(const char *state)
{
	return strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0 ||
	    (strncmp(state, "57P0", 4) == 0 && state[4] <= '3');
}

/*
 * Sets the error of a failed result.  Only the primary message: the detail
 * quotes values, and they may be secret.
 */
static enum try
failed(struct db *db, const struct stmt_def *def, const PGresult *res,
    struct err *e)
{
	const char	*state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char	*text = PQresultErrorField(res,
			    PG_DIAG_MESSAGE_PRIMARY);
	enum err_code	 code;

	if (state == NULL || PQstatus(conn_pg(db->conn)) != CONNECTION_OK ||
	    ends_connection(state)) {
		conn_lost(db->conn, text != NULL ? text :
		    PQresultErrorMessage(res));
		away(db, e);
		return TRY_LOST;
	}
	if (strcmp(state, "26000") == 0 || strcmp(state, "0A000") == 0)
		return TRY_STALE;
	code = sqlstate_code(state);
	if (code == ERR_SCHEMA)
		err_set(e, code, "%s: %s; the database's schema does not fit:"
		    " run b3scale-schema apply", def->name, text);
	else
		err_set(e, code, "%s: %s", def->name, text);
	return TRY_FAILED;
}

/* Until the socket has what libpq waits for: 0; -1: deadline, or error. */
static int
await(struct db *db, int64_t deadline, struct err *e)
{
	PGconn		*pg = conn_pg(db->conn);
	struct pollfd	 pfd = { .fd = PQsocket(pg) };
	int		 unsent, n;

	for (;;) {
		if ((unsent = PQflush(pg)) == -1)
			break;
		if (!PQisBusy(pg))
			return 0;
		pfd.events = unsent ? POLLIN | POLLOUT : POLLIN;
		n = poll(&pfd, 1, clock_left_ms(deadline));
		if (n == 0) {
			conn_lost(db->conn, "no answer in time");
			return away(db, e);
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 || PQconsumeInput(pg) == 0)
			break;
	}
	conn_lost(db->conn, PQerrorMessage(pg));
	return away(db, e);
}

/*
 * The last result of what was sent (the only one, but for protocol errors).
 * NULL: lost.
 */
static PGresult *
collect(struct db *db, int64_t deadline, enum try *t, struct err *e)
{
	PGresult	*res = NULL, *next;

	for (;;) {
		if (await(db, deadline, e) == -1) {
			PQclear(res);
			/* A statement out of time is not tried again. */
			*t = clock_left_ms(deadline) == 0 ? TRY_FAILED :
			    TRY_LOST;
			return NULL;
		}
		if ((next = PQgetResult(conn_pg(db->conn))) == NULL)
			return res;
		PQclear(res);
		res = next;
	}
}

/* A statement's name changes when all have to be prepared again. */
static void
stmt_name(const struct db *db, enum stmt s, char *name, size_t size)
{
	snprintf(name, size, "%s.%u", stmt_def(s)->name, db->renewed);
}

static void
forget_prepared(struct db *db)
{
	memset(db->prepared, 0, sizeof(db->prepared));
	db->renewed++;
}

static enum try
lost_sending(struct db *db, struct err *e)
{
	conn_lost(db->conn, PQerrorMessage(conn_pg(db->conn)));
	away(db, e);
	return TRY_LOST;
}

static enum try
prepare(struct db *db, enum stmt s, int64_t deadline, struct err *e)
{
	const struct stmt_def	*def = stmt_def(s);
	PGresult		*res;
	enum try		 t = TRY_OK;
	char			 name[64];

	if (db->prepared_on != conn_generation(db->conn)) {
		memset(db->prepared, 0, sizeof(db->prepared));
		db->prepared_on = conn_generation(db->conn);
	}
	if (db->prepared[s])
		return TRY_OK;
	stmt_name(db, s, name, sizeof(name));
	if (PQsendPrepare(conn_pg(db->conn), name, def->sql, def->nparams,
	    NULL) == 0)
		return lost_sending(db, e);
	if ((res = collect(db, deadline, &t, e)) == NULL)
		return t;
	if (PQresultStatus(res) == PGRES_COMMAND_OK)
		db->prepared[s] = true;
	else
		t = failed(db, def, res, e);
	PQclear(res);
	return t;
}

static enum try
send_stmt(struct db *db, enum stmt s, const char *const *values,
    int64_t deadline, struct err *e)
{
	char		name[64];
	enum try	t;

	if ((t = prepare(db, s, deadline, e)) != TRY_OK)
		return t;
	stmt_name(db, s, name, sizeof(name));
	if (PQsendQueryPrepared(conn_pg(db->conn), name,
	    stmt_def(s)->nparams, values, NULL, NULL, 0) == 0)
		return lost_sending(db, e);
	db->statements++;
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
try_run(struct db *db, enum stmt s, const char *const *values,
    struct rows **rows, struct err *e)
{
	int64_t			 deadline = clock_mono_ms() +
				    db->statement_ms;
	const struct stmt_def	*def = stmt_def(s);
	PGresult		*res;
	enum try		 t;

	if ((t = send_stmt(db, s, values, deadline, e)) != TRY_OK)
		return t;
	if ((res = collect(db, deadline, &t, e)) == NULL)
		return t;
	if (PQresultStatus(res) != PGRES_TUPLES_OK &&
	    PQresultStatus(res) != PGRES_COMMAND_OK)
		t = failed(db, def, res, e);
	else if (shape_check(def, res, e) == -1)
		t = TRY_FAILED;
	if (t == TRY_OK)
		*rows = rows_take(res);
	else
		PQclear(res);
	return t;
}

/* What one try has to do, so that both kinds share the rules of trying again. */
struct job {
	enum stmt		  s;
	const char *const	 *values;
	struct rows		**rows;
	int			(*fn)(const struct rows *, void *);
	void			 *ctx;
	bool			  seen;		/* a row was handed out */
	bool			  stopped;	/* fn wants no more */
};

static enum try try_each(struct db *, struct job *, struct err *);

static enum try
try_job(struct db *db, struct job *j, struct err *e)
{
	if (j->fn != NULL)
		return try_each(db, j, e);
	return try_run(db, j->s, j->values, j->rows, e);
}

/*
 * A lost connection: a read is tried once more on another.  A plan or a name
 * that the server does not know any more: once more, whatever it is, for
 * nothing has been done.
 */
static int
run_job(struct db *db, struct job *j, struct err *e)
{
	bool		again = !stmt_def(j->s)->write, renew = true;
	enum try	t;

	if (ready(db, j->s == STMT_SCHEMA_STATUS ||
	    j->s == STMT_SCHEMA_VERSION, e) == -1)
		return -1;
	for (;;) {
		t = try_job(db, j, e);
		if (t == TRY_OK)
			return j->stopped ? -1 : 0;
		if (t == TRY_STALE && renew && !j->seen) {
			renew = false;
			forget_prepared(db);
		} else if (t == TRY_LOST && again && !j->seen) {
			again = false;
			if (db_open(db, LOST_WAIT_MS, e) == -1)
				return -1;
		} else
			break;
	}
	if (t == TRY_STALE)
		err_set(e, ERR_INTERNAL, "%s: cannot be prepared anew",
		    stmt_def(j->s)->name);
	return -1;
}

struct rows *
db_runv(struct db *db, enum stmt s, const char *const *values, struct err *e)
{
	struct rows	*rows = NULL;
	struct job	 j = { .s = s, .values = values, .rows = &rows };

	return run_job(db, &j, e) == -1 ? NULL : rows;
}

struct rows *
db_run(struct db *db, enum stmt s, struct err *e, ...)
{
	const char	*values[PARAMS_MAX];
	va_list		 ap;
	int		 i, n = stmt_def(s)->nparams;

	assert(n <= PARAMS_MAX);
	va_start(ap, e);
	for (i = 0; i < n; i++)
		values[i] = va_arg(ap, const char *);
	va_end(ap);
	return db_runv(db, s, values, e);
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
try_each(struct db *db, struct job *j, struct err *e)
{
	PGresult	*res;
	enum try	 t;
	int64_t		 deadline = clock_mono_ms() + db->statement_ms;

	if ((t = send_stmt(db, j->s, j->values, deadline, e)) != TRY_OK)
		return t;
	if (PQsetSingleRowMode(conn_pg(db->conn)) == 0)
		return lost_sending(db, e);
	for (;;) {
		if (await(db, deadline, e) == -1)
			return clock_left_ms(deadline) == 0 ? TRY_FAILED :
			    TRY_LOST;
		if ((res = PQgetResult(conn_pg(db->conn))) == NULL)
			return t;
		if (PQresultStatus(res) == PGRES_SINGLE_TUPLE)
			each_row(j, res);
		else if (PQresultStatus(res) != PGRES_TUPLES_OK)
			t = failed(db, stmt_def(j->s), res, e);
		PQclear(res);
		if (t == TRY_LOST)
			return t;
		/* The time that fn took is not the database's. */
		deadline = clock_mono_ms() + db->statement_ms;
	}
}

int
db_each(struct db *db, enum stmt s, const char *const *values,
    int (*fn)(const struct rows *, void *), void *ctx, struct err *e)
{
	struct job	j = { .s = s, .values = values, .fn = fn,
	    .ctx = ctx };

	assert(!stmt_def(s)->write);
	return run_job(db, &j, e);
}

int
db_fd(const struct db *db)
{
	PGconn	*pg = conn_pg(db->conn);

	return pg == NULL ? -1 : PQsocket(pg);
}

int
db_notice(struct db *db, struct arena *a, char **payload)
{
	PGnotify	*n;
	PGconn		*pg;

	look_alive(db);
	if ((pg = conn_pg(db->conn)) == NULL)
		return -1;
	if ((n = PQnotifies(pg)) == NULL)
		return 0;
	*payload = arena_strdup(a, n->extra);
	PQfreemem(n);
	return 1;
}
