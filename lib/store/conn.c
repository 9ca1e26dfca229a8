/*
 * Connecting step by step: one host an attempt, which ends when the host stays
 * silent, the last good host first.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/hosts.h"

/* Between two rounds over all hosts. */
#define PAUSE_MS	250
/* A statement that nobody waits for any more ends on the server after this. */
#define RUNAWAY_MS	60000

enum conn_state {
	CONN_DOWN,		/* until next_at */
	CONN_CONNECTING,	/* libpq shakes hands, until next_at */
	CONN_SETUP,		/* our settings are on their way, likewise */
	CONN_UP
};

/*
 * DOWN -> CONNECTING -> SETUP -> UP; a failure of any goes to DOWN and on to
 * the next host, a loss of UP to DOWN with the same one.
 */
struct conn {
	struct hosts	 hosts;
	int		 connect_ms;
	int		 statement_ms;
	enum conn_state	 state;
	PGconn		*pg;
	short		 events;	/* what the handshake waits for */
	size_t		 host;		/* being tried, or good */
	size_t		 failed;	/* hosts in a row */
	bool		 hopeless;	/* see conn_hopeless() */
	int64_t		 next_at;	/* clock_mono_ms; see the states */
	unsigned	 generation;
	char		 error[256];
};

struct conn *
conn_new(const struct conn_opts *o, struct err *e)
{
	struct conn	*c = xcalloc(1, sizeof(*c));

	if (hosts_parse(o->conninfo, o->name, &c->hosts, e) == -1) {
		conn_free(c);
		return NULL;
	}
	c->connect_ms = o->connect_ms;
	c->statement_ms = o->statement_ms;
	return c;
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	PQfinish(c->pg);
	hosts_free(&c->hosts);
	free(c);
}

PGconn *
conn_pg(const struct conn *c)
{
	return c->state == CONN_UP ? c->pg : NULL;
}

unsigned
conn_generation(const struct conn *c)
{
	return c->generation;
}

bool
conn_hopeless(const struct conn *c)
{
	return c->hopeless;
}

const char *
conn_error(const struct conn *c)
{
	return c->error;
}

/* libpq's messages may have several lines; a log line has one. */
static void
error_keep(struct conn *c, const char *why)
{
	snprintf(c->error, sizeof(c->error), "%.*s",
	    (int)strcspn(why, "\n"), why);
}

/*
 * The next host at once; after a whole round in vain a pause, or an idle
 * worker would spin.
 */
static void
attempt_failed(struct conn *c, const char *why)
{
	error_keep(c, why);
	log_debug("database: %s", c->error);
	PQfinish(c->pg);
	c->pg = NULL;
	c->state = CONN_DOWN;
	c->host = (c->host + 1) % c->hosts.n;
	c->next_at = clock_mono_ms();
	if (++c->failed >= c->hosts.n) {
		c->failed = 0;
		c->hopeless = true;
		c->next_at += PAUSE_MS;
	}
}

/*
 * Begins with the same host: a restart of the server is commoner than its
 * end.  Only the first of many losses is told of, since state is DOWN then.
 */
void
conn_lost(struct conn *c, const char *why)
{
	if (c->state != CONN_UP)
		return;
	error_keep(c, why);
	log_warnx("database: connection lost: %s", c->error);
	PQfinish(c->pg);
	c->pg = NULL;
	c->state = CONN_DOWN;
	c->next_at = clock_mono_ms();
}

static void
notice_logged(void *ctx, const char *message)
{
	(void)ctx;
	log_debug("database: %.*s", (int)strcspn(message, "\n"), message);
}

/*
 * How long a host may stay silent.  With no other one to go to, to begin anew
 * gains nothing, and when many connect at once and all give up on a server
 * that is only slow, none ever gets through.
 */
static int
silence_ms(const struct conn *c)
{
	return c->hosts.n > 1 || c->connect_ms > c->statement_ms ?
	    c->connect_ms : c->statement_ms;
}

/* Name resolution is the one step of libpq that may block. */
static void
attempt_begin(struct conn *c)
{
	const struct host_params	*p = &c->hosts.v[c->host];

	c->pg = PQconnectStartParams(p->keywords, p->values, 0);
	if (c->pg == NULL || PQstatus(c->pg) == CONNECTION_BAD) {
		attempt_failed(c, c->pg == NULL ? "out of memory" :
		    PQerrorMessage(c->pg));
		return;
	}
	PQsetNoticeProcessor(c->pg, notice_logged, NULL);
	c->state = CONN_CONNECTING;
	c->events = POLLOUT;
	c->next_at = clock_mono_ms() + silence_ms(c);
}

/*
 * In one statement, since some may not be set at the start of a connection
 * that goes through a pooler.  Plans are made once and by index: right after
 * an upgrade or on an empty database the planner knows nothing of the size
 * that a table is about to have.
 */
static void
setup_send(struct conn *c)
{
	char	sql[768];

	snprintf(sql, sizeof(sql),
	    "SELECT set_config('search_path', 'public, pg_temp', false),"
	    " set_config('timezone', 'UTC', false),"
	    " set_config('datestyle', 'ISO', false),"
	    " set_config('statement_timeout', '%d', false),"
	    " set_config('jit', 'off', false),"
	    " set_config('enable_seqscan', 'off', false),"
	    " set_config('plan_cache_mode', 'force_generic_plan', false)%s",
	    c->statement_ms > RUNAWAY_MS ? c->statement_ms : RUNAWAY_MS,
	    PQserverVersion(c->pg) < 140000 ? "" :
	    ", set_config('client_connection_check_interval', '2s', false)");
	c->state = CONN_SETUP;
	c->events = POLLIN;
	/* Sends must not wait for the socket either. */
	if (PQsetnonblocking(c->pg, 1) == -1 || PQsendQuery(c->pg, sql) == 0 ||
	    PQflush(c->pg) == -1)
		attempt_failed(c, PQerrorMessage(c->pg));
}

static void
handshake_step(struct conn *c)
{
	/* No default: every value that PQconnectPoll gives is here. */
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		c->events = POLLIN;
		break;
	case PGRES_POLLING_WRITING:
	case PGRES_POLLING_ACTIVE:
		c->events = POLLOUT;
		break;
	case PGRES_POLLING_OK:
		setup_send(c);
		break;
	case PGRES_POLLING_FAILED:
		attempt_failed(c, PQerrorMessage(c->pg));
		break;
	}
}

/*
 * UP only when the answer is whole: what is sent then meets an idle
 * connection.
 */
static void
setup_step(struct conn *c)
{
	PGresult	*res;
	bool		 ok;

	if (PQflush(c->pg) == -1 || PQconsumeInput(c->pg) == 0) {
		attempt_failed(c, PQerrorMessage(c->pg));
		return;
	}
	while (!PQisBusy(c->pg)) {
		if ((res = PQgetResult(c->pg)) == NULL) {
			c->state = CONN_UP;
			c->generation++;
			c->failed = 0;
			c->hopeless = false;
			return;
		}
		ok = PQresultStatus(res) == PGRES_TUPLES_OK;
		PQclear(res);
		if (!ok) {
			attempt_failed(c, PQerrorMessage(c->pg));
			return;
		}
	}
}

/* Does what can be done now, until the next step must wait. */
static void
step(struct conn *c)
{
	struct pollfd	pfd;
	int64_t		now = clock_mono_ms();

	for (;;) {
		if (c->state == CONN_UP)
			return;
		if (c->state == CONN_DOWN) {
			if (now < c->next_at)
				return;
			attempt_begin(c);
			continue;
		}
		pfd.fd = PQsocket(c->pg);
		pfd.events = c->events;
		if (poll(&pfd, 1, 0) == 1) {
			if (pfd.revents & POLLIN)
				c->next_at = clock_mono_ms() + silence_ms(c);
			if (c->state == CONN_CONNECTING)
				handshake_step(c);
			else
				setup_step(c);
			continue;
		}
		if (clock_mono_ms() < c->next_at)
			return;
		attempt_failed(c, "no answer in time");
	}
}

/*
 * The socket is asked for anew in each turn: libpq opens another for each
 * address that a host's name has.
 */
bool
conn_wait(struct conn *c, int64_t deadline, int fd, int flags)
{
	struct pollfd	pfd[2];
	int64_t		until;
	int		n;

	if (c->state == CONN_UP)
		return true;
	for (;;) {
		step(c);
		if (c->state == CONN_UP)
			return true;
		if ((flags & CONN_ONE_ROUND) && c->hopeless &&
		    c->state == CONN_DOWN)
			return false;
		if (clock_left_ms(deadline) == 0)
			return false;
		/*
		 * Of a handshake next_at is its end, of DOWN the next attempt.
		 */
		until = c->next_at < deadline ? c->next_at : deadline;
		pfd[0].fd = c->state == CONN_DOWN ? -1 : PQsocket(c->pg);
		pfd[0].events = c->events;
		pfd[1].fd = fd;
		pfd[1].events = POLLIN;
		n = poll(pfd, 2, clock_left_ms(until));
		if (n == -1 && errno == EINTR && (flags & CONN_INTERRUPT))
			return false;
		if (n > 0 && pfd[1].revents != 0)
			return false;
	}
}
