/*
 * One heartbeat in the air at a time.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "beat.h"

#include <config.h>

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "load.h"

#define TOTAL_MS	5000
#define NEVER		INT64_MAX

struct beat {
	struct beat_opts	 opts;
	struct api		 api;		/* with a deadline of its own */
	struct load_ticks	 ticks;
	int64_t			 due_ms;
	bool			 calling;
	bool			 failing;	/* and said so */
};

struct beat *
beat_new(const struct beat_opts *o)
{
	struct beat	*b = xcalloc(1, sizeof(*b));

	b->opts = *o;
	b->api = *o->api;
	if (b->api.total_ms > TOTAL_MS)
		b->api.total_ms = TOTAL_MS;
	return b;
}

void
beat_free(struct beat *b)
{
	free(b);
}

int64_t
beat_due_ms(const struct beat *b)
{
	return b->calling ? NEVER : b->due_ms;
}

/* A failure is told once; the caller hears of each answer. */
static void
answered(void *ctx, const struct calls_res *r)
{
	struct beat	*b = ctx;
	bool		 bad = r->status < 200 || r->status > 299;
	char		 text[128];

	b->calling = false;
	if (bad && !b->failing)
		log_warnx("heartbeat: %s", api_failure(r, text, sizeof(text)));
	else if (!bad && b->failing)
		log_info("heartbeat: answered again");
	b->failing = bad;
	b->opts.answer(b->opts.ctx, r->status);
}

static void
add_version(const struct beat *b, json_t *o, int64_t now)
{
	const char	*version = version_now(b->opts.version, now);

	if (version[0] != '\0')
		json_object_set_new(o, "bbb_version", json_string(version));
}

static void
add_load(struct beat *b, json_t *o)
{
	struct load	l;

	load_sample(&b->ticks, &l);
	if (l.cpu >= 0)
		json_object_set_new(o, "cpu", json_real(l.cpu));
	if (l.load1 >= 0)
		json_object_set_new(o, "load1", json_real(l.load1));
	json_object_set_new(o, "cpus", json_integer(l.cpus));
	if (l.mem_total > 0) {
		json_object_set_new(o, "mem_total",
		    json_integer(l.mem_total));
		json_object_set_new(o, "mem_available",
		    json_integer(l.mem_available));
	}
}

/* The clock of this host is of no use to another: ages, no times. */
static json_t *
report(struct beat *b, int64_t now)
{
	const struct feed_stats	*s = feed_stats(b->opts.feed);
	json_t			*o = json_object();

	add_load(b, o);
	add_version(b, o, now);
	json_object_set_new(o, "agent_version", json_string(PACKAGE_VERSION));
	json_object_set_new(o, "redis",
	    json_boolean(feed_is_live(b->opts.feed)));
	if (s->pong_ms > 0)
		json_object_set_new(o, "pong_age_ms",
		    json_integer(now - s->pong_ms));
	return o;
}

/*
 * The next is due an interval after this one began, but never before its
 * answer: one that hangs has a shorter deadline than other calls.
 */
void
beat_run(struct beat *b, int64_t now)
{
	struct buf	body = { NULL, 0, 0 };

	if (b->calling || now < b->due_ms)
		return;
	b->due_ms = now + b->opts.interval_ms;
	b->calling = true;
	api_body(&body, report(b, now));
	api_begin(&b->api, "POST", "agent/heartbeat", &body, answered, b);
}
