/*
 * Alive and ready: two questions of load balancers and monitors.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/probe.h"

#include "core/replica.h"
#include "store/db.h"

static void
text_reply(struct http_reply *r, int status, const char *text)
{
	r->status = status;
	http_header_set(r, "Content-Type", "text/plain; charset=utf-8");
	http_header_set(r, "Cache-Control", "no-store");
	buf_adds(&r->body, text);
	buf_addc(&r->body, '\n');
}

void
probe_alive(struct exchange *x)
{
	text_reply(x->reply, 200, "alive");
}

/* A connection that idled may be dead by now: ticking finds out. */
static bool
database_up(struct worker *w, struct err *e)
{
	db_tick(w->db, 0, -1);
	return db_open(w->db, w->conf->db_connect_timeout, e) == 0;
}

/*
 * A worker whose database is away still answers joins: whoever takes it out of
 * service would turn a small outage into a whole one.
 */
void
probe_ready(struct exchange *x)
{
	struct worker	*w = x->w;
	struct err	 e = ERR_INIT;

	if (database_up(w, &e)) {
		text_reply(x->reply, 200, "ready");
		return;
	}
	x->log.reason = arena_strdup(x->req->arena, e.text);
	if (w->replica != NULL && replica_usable(w->replica)) {
		text_reply(x->reply, 200, "ready for known meetings only");
		return;
	}
	text_reply(x->reply, 503, "not ready: the database is away");
	http_header_set(x->reply, "Retry-After", "5");
}
