/*
 * Answers one request and tells of it in one line.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/serve.h"

#include <sys/random.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "fcgi/route.h"
#include "proto/client.h"
#include "store/db.h"

/* Odd, so that a walk with this step meets each number once. */
#define ID_STEP		0x9e3779b1U

/* At random, so that the ids of a pool's workers do not run in step. */
void
serve_open(struct server *s, struct worker *w)
{
	memset(s, 0, sizeof(*s));
	s->w = w;
	if (getrandom(&s->id, sizeof(s->id), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(s->id))
		s->id = (uint32_t)getpid() * ID_STEP;
	io_open(&s->io, w->conf);
}

void
serve_close(struct server *s)
{
	io_close(&s->io);
}

/* What a request took besides its time. */
struct cost {
	unsigned long	sql;		/* statements */
	int64_t		bbb_us;		/* calls to BBB servers */
};

static struct cost
cost_now(const struct worker *w)
{
	return (struct cost){ db_statements(w->db),
	    client_spent_us(w->client) };
}

static long long
ms(int64_t us)
{
	return (us + 500) / 1000;
}

static void
log_request(const struct exchange *x, const char *id, int64_t us,
    const struct cost *c)
{
	const struct gateway_log	*l = &x->log;
	const struct log_field		 fields[] = {
		{ "req",	id,		 0,			false },
		{ "fe",		l->frontend,	 0,			false },
		{ "call",	l->call,	 0,			false },
		{ "meeting",	l->meeting,	 0,			false },
		{ "backend",	l->backend,	 0,			false },
		{ "result",	l->result,	 0,			false },
		{ "status",	NULL,		 x->reply->status,	true },
		{ "ms",		NULL,		 ms(us),		true },
		{ "sql",	NULL,		 (long long)c->sql,	true },
		{ "addr",	x->req->remote_addr, 0,			false },
		{ "sub",	l->subject,	 0,			false },
		{ "reason",	l->reason,	 0,			false },
		{ "bbb_ms",	NULL,		 ms(c->bbb_us),	true },
	};
	size_t				 n = sizeof(fields) / sizeof(fields[0]);

	/* Most requests ask no BBB server: theirs have no last one. */
	log_fields(x->level, x->kind, fields, c->bbb_us > 0 ? n : n - 1);
}

/*
 * The client has its answer before anything is done that can wait: telling
 * the other workers, and the log.
 */
void
serve(struct server *s)
{
	struct io	*io = &s->io;
	struct exchange	 x = {
		.w = s->w, .req = &io->req, .reply = &io->reply,
	};
	struct err	 e = ERR_INIT;
	struct cost	 before = cost_now(s->w), cost;
	int64_t		 begin = clock_mono_us(), us;
	char		 ident[sizeof("req=12345678")];
	int		 status;

	s->served++;
	s->id += ID_STEP;
	snprintf(ident, sizeof(ident), "req=%08x", s->id);
	log_ident(ident);
	if ((status = io_request(io, &e)) == 0)
		route_answer(&x);
	else
		route_refuse(&x, status, e.text);
	cost = cost_now(s->w);
	cost.sql -= before.sql;
	cost.bbb_us -= before.bbb_us;
	io_finish(io, cost.sql > 0 || cost.bbb_us > 0);
	us = clock_mono_us() - begin;
	if (x.call != NULL)
		gateway_after(x.call);
	log_ident(NULL);
	log_request(&x, strchr(ident, '=') + 1, us, &cost);
	io_reset(io);
}
