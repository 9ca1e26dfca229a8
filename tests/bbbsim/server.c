/*
 * One simulated BigBlueButton server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callback.h"
#include "feed.h"
#include "http.h"
#include "mem.h"
#include "server.h"

static void
set_urls(struct server *s, const char *address)
{
	struct buf	b = { 0 };
	bool		v6 = strchr(address, ':') != NULL;

	buf_format(&b, v6 ? "http://[%s]:%u" : "http://%s:%u", address,
	    s->port.number);
	s->origin = buf_take(&b);
	buf_format(&b, "%s/bigbluebutton/api/", s->origin);
	s->url = buf_take(&b);
}

static void
set_redis(struct server *s, const struct server_spec *spec)
{
	struct feed_settings	st = *feed_settings(s->meetings->feed);

	(void)snprintf(st.redis_host, sizeof st.redis_host, "%s",
	    spec->redis_host);
	st.redis_port = spec->redis_port;
	feed_set(s->meetings->feed, &st);
}

struct server *
server_new(struct loop *loop, struct digests *digests,
    const struct server_spec *spec)
{
	struct server	*s = mem_alloc(sizeof *s);

	s->index = spec->index;
	s->loop = loop;
	s->digests = digests;
	s->port.loop = loop;
	s->port.calls = http_calls();
	s->port.cls = s;
	port_bind(&s->port, spec->address, spec->port);
	set_urls(s, spec->address);
	s->secret = mem_dup(spec->secret);
	s->settings = s->settings_at_start = *spec->settings;
	s->meetings = meetings_new(loop, digests, &s->settings);
	callbacks_secret(s->meetings->callbacks, s->secret);
	if (*spec->redis_host != '\0')
		set_redis(s, spec);
	s->feed_at_start = *feed_settings(s->meetings->feed);
	s->seen = seen_new();
	TAILQ_INIT(&s->faults);
	TAILQ_INIT(&s->held);
	return s;
}

/* Ends every wait; the requests go on in the port's next round. */
static void
resume_all(struct server *s)
{
	struct request	*r;

	while ((r = TAILQ_FIRST(&s->held)) != NULL) {
		server_let_go(r);
		MHD_resume_connection(r->conn);
	}
	port_poke(&s->port);
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	resume_all(s);
	port_close(&s->port);
	meetings_free(s->meetings);
	faults_clear(&s->faults);
	seen_free(s->seen);
	free(s->origin);
	free(s->url);
	free(s->secret);
	free(s);
}

void
server_fault_take(struct server *s, struct fault *f)
{
	if (f->kind != FAULT_REFUSE) {
		faults_take(&s->faults, f);
		return;
	}
	fault_free(f);
	resume_all(s);
	port_refuse(&s->port);
}

void
server_mend(struct server *s)
{
	faults_clear(&s->faults);
	resume_all(s);
	port_serve(&s->port);
}

void
server_restart(struct server *s)
{
	meetings_clear(s->meetings);
	callbacks_give_up(s->meetings->callbacks);
}

void
server_reset(struct server *s)
{
	server_restart(s);
	server_mend(s);
	seen_clear(s->seen);
	s->stats = (struct server_stats){ .bad_checksums = 0 };
	s->settings = s->settings_at_start;
	callbacks_clear(s->meetings->callbacks);
	feed_reset(s->meetings->feed, &s->feed_at_start);
}

static void
resume_one(void *arg)
{
	struct request	*r = arg;

	server_let_go(r);
	MHD_resume_connection(r->conn);
	port_poke(&r->server->port);
}

void
server_hold(struct request *r, unsigned ms)
{
	MHD_suspend_connection(r->conn);
	r->held = true;
	TAILQ_INSERT_TAIL(&r->server->held, r, link);
	r->timer.fn = resume_one;
	r->timer.arg = r;
	if (ms > 0)
		loop_timer(r->server->loop, &r->timer, ms);
}

void
server_let_go(struct request *r)
{
	if (!r->held)
		return;
	r->held = false;
	TAILQ_REMOVE(&r->server->held, r, link);
	loop_timer_stop(r->server->loop, &r->timer);
}
