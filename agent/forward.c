/*
 * One batch in the air at a time, so order needs no further care.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "forward.h"

#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "pen.h"
#include "rpc.h"

#define NEVER		INT64_MAX
#define RPC_MAX		10000
/* A snapshot that could not be sent for so long is taken anew. */
#define SNAPSHOT_MS	5000
/* The first one waits so long for the subscription, to be the only one. */
#define FIRST_MS	1000

enum forward_mode {
	FORWARD_ASKING,		/* no batch was answered yet */
	FORWARD_BATCHES,
	FORWARD_RPC		/* the server is the Go one */
};

/*
 * epoch and seq number the batches, so that the balancer can tell the next one
 * from a repeat and from a gap.  An epoch is a time: a new agent's is higher.
 */
struct forward {
	struct forward_opts	 opts;
	enum forward_mode	 mode;
	struct pen		 pen;
	struct rpc		*rpc;
	long long		 epoch;
	long long		 seq;		/* of the last batch made */
	struct buf		 body;		/* until it is answered */
	int64_t			 body_asked_ms;	/* of its snapshot; 0: none */
	bool			 calling;
	bool			 failing;	/* the balancer */
	int64_t			 due_ms;	/* of the next batch */
	struct backoff		 backoff;
	/* the snapshot */
	bool			 gap;		/* one is wanted */
	bool			 asking;	/* and asked for */
	struct buf		 xml;		/* to go into the next batch */
	int64_t			 asked_ms;
	int64_t			 ask_due_ms;
	struct backoff		 ask_backoff;
};

struct forward *
forward_new(const struct forward_opts *o)
{
	struct forward	*f = xcalloc(1, sizeof(*f));

	f->opts = *o;
	f->gap = true;
	f->epoch = clock_wall_ms();
	f->ask_due_ms = clock_mono_ms() + FIRST_MS;
	pen_init(&f->pen, o->queue_max);
	return f;
}

void
forward_free(struct forward *f)
{
	if (f == NULL)
		return;
	pen_free(&f->pen);
	rpc_free(f->rpc);
	buf_free(&f->body);
	buf_free(&f->xml);
	free(f);
}

/* At once, unless the local server has just failed to answer. */
void
forward_gap(struct forward *f)
{
	f->gap = true;
	if (f->ask_backoff.failures == 0)
		f->ask_due_ms = 0;
}

void
forward_hurry(struct forward *f)
{
	if (f->failing)
		f->due_ms = 0;
}

/*
 * When there is no room for more, all goes: a snapshot says it in less, once
 * the balancer is back.
 */
void
forward_event(struct forward *f, const struct event *ev)
{
	if (f->mode == FORWARD_RPC) {
		rpc_event(f->rpc, ev);
		return;
	}
	if (f->gap && f->failing)
		return;
	if (pen_add(&f->pen, ev) == 0)
		return;
	log_warnx("%zu events wait for the balancer: they are dropped",
	    f->pen.n);
	pen_drop(&f->pen, f->pen.n);
	f->gap = true;
}

/* A failure leaves the gap open; it is asked again, later each time. */
static void
on_snapshot(void *ctx, struct view xml, const char *why)
{
	struct forward	*f = ctx;

	f->asking = false;
	if (xml.p != NULL) {
		buf_free(&f->xml);
		buf_add(&f->xml, xml.p, xml.len);
		if (f->ask_backoff.failures > 0)
			log_info("getMeetings of this server: answered"
			    " again");
		backoff_worked(&f->ask_backoff);
		return;
	}
	if (f->ask_backoff.failures == 0)
		log_warnx("getMeetings of this server: %s", why);
	f->gap = true;
	f->ask_due_ms = clock_mono_ms() + backoff_failed(&f->ask_backoff);
}

/*
 * The gap counts as closed from the question on: one that opens while the
 * answer is on its way needs a question of its own.
 */
static void
ask(struct forward *f, int64_t now)
{
	f->gap = false;
	f->asking = true;
	f->asked_ms = now;
	local_ask(f->opts.local, on_snapshot, f);
}

static void
body_drop(struct forward *f)
{
	buf_free(&f->body);
	f->body_asked_ms = 0;
}

/* The balancer's view and ours differ: begin again, above its epoch. */
static void
restart(struct forward *f, const struct calls_res *r)
{
	json_t		*v = json_loadb(buf_str(&r->body), r->body.len, 0,
			    NULL);
	long long	 theirs = json_integer_value(json_object_get(v,
			    "epoch"));
	long long	 now = clock_wall_ms();

	json_decref(v);
	if (theirs < f->epoch)
		theirs = f->epoch;
	f->epoch = now > theirs ? now : theirs + 1;
	f->seq = 0;
	f->gap = true;
	body_drop(f);
}

/* Each failure is told once, not at each try. */
static void
retry_later(struct forward *f, const struct calls_res *r)
{
	char	text[128];

	if (!f->failing)
		log_warnx("agent/events: %s", api_failure(r, text,
		    sizeof(text)));
	f->failing = true;
	f->due_ms = clock_mono_ms() + backoff_failed(&f->backoff);
}

/* What has waited so far goes that way, too. */
static void
use_rpc(struct forward *f)
{
	size_t	i;

	log_info("the balancer has no agent/events: using agent/rpc");
	f->mode = FORWARD_RPC;
	f->rpc = rpc_new(f->opts.api, RPC_MAX);
	for (i = 0; i < f->pen.n; i++)
		rpc_event(f->rpc, &f->pen.events[i]);
	pen_drop(&f->pen, f->pen.n);
	body_drop(f);
	buf_free(&f->xml);
}

static void
accepted(struct forward *f)
{
	f->mode = FORWARD_BATCHES;
	if (f->failing)
		log_info("agent/events: taken again");
	f->failing = false;
	backoff_worked(&f->backoff);
	body_drop(f);
}

/*
 * 404 and 405 before any batch was taken: a server that has no such call.
 * Later they are failures like others. 409 is a gap, 400 and 413 a batch that
 * would never be taken: all three need a new beginning.
 */
static void
answered(void *ctx, const struct calls_res *r)
{
	struct forward	*f = ctx;

	f->calling = false;
	if (r->status >= 200 && r->status <= 299)
		accepted(f);
	else if ((r->status == 404 || r->status == 405) &&
	    f->mode == FORWARD_ASKING)
		use_rpc(f);
	else {
		retry_later(f, r);
		if (r->status == 409 || r->status == 400 || r->status == 413)
			restart(f, r);
	}
}

/* What is known of each meeting may have changed much in the meantime. */
static bool
is_stale(const struct forward *f, int64_t now)
{
	return f->failing && f->body_asked_ms > 0 &&
	    now - f->body_asked_ms > SNAPSHOT_MS;
}

/* From here on these events are the body's: they leave the pen. */
static void
make_body(struct forward *f, int64_t now)
{
	struct event_batch	b = { .epoch = f->epoch, .seq = ++f->seq };

	b.events = f->pen.events;
	b.n = f->pen.n < EVENT_BATCH_MAX ? f->pen.n : EVENT_BATCH_MAX;
	if (f->xml.len > 0) {
		b.snapshot = (struct view){ f->xml.data, f->xml.len };
		b.snapshot_age_ms = now - f->asked_ms;
		f->body_asked_ms = f->asked_ms;
	}
	event_batch_write(&b, &f->body);
	buf_free(&f->xml);
	pen_drop(&f->pen, b.n);
}

static void
send_body(struct forward *f, int64_t now)
{
	struct buf	body = { NULL, 0, 0 };

	/* Kept, since it may have to be sent again. */
	buf_add(&body, f->body.data, f->body.len);
	f->calling = true;
	f->due_ms = now + f->opts.batch_ms;
	api_begin(f->opts.api, "POST", "agent/events", &body, answered, f);
}

/*
 * A snapshot that is wanted goes first; while the local server gives none,
 * what happens is still worth telling to a balancer that has had one.
 */
static bool
may_make(const struct forward *f)
{
	if (f->xml.len > 0)
		return true;
	if (f->asking || f->pen.n == 0)
		return false;
	return !f->gap || (f->seq > 0 && f->ask_backoff.failures > 0);
}

/*
 * A body that was not taken is sent again as it is, with its number; the
 * balancer drops what it has had.
 */
void
forward_run(struct forward *f, int64_t now)
{
	if (f->mode == FORWARD_RPC) {
		rpc_run(f->rpc, now);
		return;
	}
	if (f->calling || now < f->due_ms)
		return;
	if (is_stale(f, now)) {
		body_drop(f);
		f->gap = true;
	}
	if (f->body.len == 0) {
		if (f->gap && !f->asking && now >= f->ask_due_ms)
			ask(f, now);
		if (!may_make(f))
			return;
		make_body(f, now);
	}
	send_body(f, now);
}

/*
 * In the order in which forward_run() looks, so that no wait ends for nothing.
 */
int64_t
forward_due_ms(const struct forward *f)
{
	if (f->mode == FORWARD_RPC)
		return rpc_due_ms(f->rpc);
	if (f->calling)
		return NEVER;
	if (f->body.len > 0 || may_make(f))
		return f->due_ms;
	if (f->gap && !f->asking)
		return f->ask_due_ms > f->due_ms ? f->ask_due_ms : f->due_ms;
	return NEVER;
}
