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

static void
log_request(const struct exchange *x, const char *id, int64_t us,
    unsigned long sql)
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
		{ "ms",		NULL,		 (us + 500) / 1000,	true },
		{ "sql",	NULL,		 (long long)sql,	true },
		{ "addr",	x->req->remote_addr, 0,			false },
		{ "sub",	l->subject,	 0,			false },
		{ "reason",	l->reason,	 0,			false },
	};

	log_fields(x->level, x->kind, fields,
	    sizeof(fields) / sizeof(fields[0]));
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
	unsigned long	 statements = db_statements(s->w->db);
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
	statements = db_statements(s->w->db) - statements;
	io_finish(io);
	us = clock_mono_us() - begin;
	if (x.call != NULL)
		gateway_after(x.call);
	log_ident(NULL);
	log_request(&x, strchr(ident, '=') + 1, us, statements);
	io_reset(io);
}
