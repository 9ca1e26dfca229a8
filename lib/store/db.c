/*
 * When a statement waits for the database, and when it is tried again.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/db.h"

#include <assert.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/conn.h"
#include "store/rows.h"
#include "store/schema.h"
#include "store/session.h"

#define PARAMS_MAX	24
/* A request waits this long for a database that was there a moment ago, */
#define LOST_WAIT_MS	1000
/* and this long while nobody answers: enough to shake hands. */
#define AWAY_WAIT_MS	50

struct db {
	struct session	 session;
	unsigned	 checked;	/* generation whose schema is known */
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
	db->session.conn = conn;
	db->session.statement_ms = opts->statement_ms;
	return db;
}

void
db_free(struct db *db)
{
	if (db == NULL)
		return;
	conn_free(db->session.conn);
	free(db);
}

bool
db_up(const struct db *db)
{
	return conn_pg(db->session.conn) != NULL;
}

unsigned
db_generation(const struct db *db)
{
	return conn_generation(db->session.conn);
}

unsigned long
db_statements(const struct db *db)
{
	return db->session.statements;
}

void
db_tick(struct db *db, int budget_ms, int fd)
{
	conn_wait(db->session.conn, clock_mono_ms() + budget_ms, fd,
	    CONN_INTERRUPT);
}

/*
 * A new connection's schema is looked at once, before anything else.  One
 * that does not fit is looked at again by the next statement, so that an
 * upgrade of the database is noticed without a reload.
 */
static int
check_schema(struct db *db, struct err *e)
{
	if (db->checked == db_generation(db))
		return 0;
	/* Set first: the look is a statement itself. */
	db->checked = db_generation(db);
	if (schema_check(db, e) == 0)
		return 0;
	db->checked = 0;
	return -1;
}

int
db_open(struct db *db, int wait_ms, struct err *e)
{
	if (!conn_wait(db->session.conn, clock_mono_ms() + wait_ms, -1, 0))
		return session_away(&db->session, e);
	return check_schema(db, e);
}

/*
 * Notices a connection that has died while idle, so that what is sent next is
 * not lost with it: a write would not be tried again.
 */
static void
look_alive(struct db *db)
{
	PGconn		*pg;
	struct pollfd	 pfd;

	while ((pg = conn_pg(db->session.conn)) != NULL) {
		pfd.fd = PQsocket(pg);
		pfd.events = POLLIN;
		if (poll(&pfd, 1, 0) != 1)
			return;
		if (PQconsumeInput(pg) == 0 || PQstatus(pg) != CONNECTION_OK)
			conn_lost(db->session.conn, PQerrorMessage(pg));
	}
}

/*
 * While every host has been tried in vain a request hardly waits, or all
 * workers would hang until the database is back; otherwise one round over the
 * hosts may still find the new primary.
 * any: a statement that may run whatever the schema.
 */
static int
ready(struct db *db, bool any, struct err *e)
{
	struct conn	*conn = db->session.conn;
	bool		 hopeless = conn_hopeless(conn);
	int		 wait_ms = hopeless ? AWAY_WAIT_MS :
			    db->session.statement_ms;

	look_alive(db);
	if (!conn_wait(conn, clock_mono_ms() + wait_ms, -1,
	    hopeless ? 0 : CONN_ONE_ROUND))
		return session_away(&db->session, e);
	return any ? 0 : check_schema(db, e);
}

/*
 * A lost connection: a read is tried once more on another.  A write is not:
 * it may have been done, and the answer lost.  A plan or a name that the
 * server does not know any more: once more, whatever it is, for nothing has
 * been done.  Rows that were handed out cannot be taken back, so neither
 * happens after the first.
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
		t = session_try(&db->session, j, e);
		if (t == TRY_OK)
			return j->stopped ? -1 : 0;
		if (t == TRY_STALE && renew && !j->seen) {
			renew = false;
			session_forget(&db->session);
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
	PGconn	*pg = conn_pg(db->session.conn);

	return pg == NULL ? -1 : PQsocket(pg);
}

int
db_notice(struct db *db, struct arena *a, char **payload)
{
	PGnotify	*n;
	PGconn		*pg;

	look_alive(db);
	if ((pg = conn_pg(db->session.conn)) == NULL)
		return -1;
	if ((n = PQnotifies(pg)) == NULL)
		return 0;
	*payload = arena_strdup(a, n->extra);
	PQfreemem(n);
	return 1;
}
