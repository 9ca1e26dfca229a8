/*
 * hiredis without blocking, and without a copy of what is noise.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "feed.h"

#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include <hiredis.h>

#include "backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/*
 * All that the agent wants to know comes over this one, and in order.  A
 * pattern would match the requests, too, and those hold passwords.
 */
#define CHANNEL		"from-akka-apps-redis-channel"
#define CLIENT_NAME	"b3scaleagent"
#define CONNECT_MS	5000
/* Reads of 16 KiB before others get their turn. */
#define READS		64
/* Messages that begin oddly and are parsed all the same, a second. */
#define ODD_MAX		100
#define PAYLOAD		2	/* "message", channel, payload */

enum feed_state {
	FEED_CLOSED,		/* until due_ms */
	FEED_CONNECTING,	/* until the socket may be written */
	FEED_SUBSCRIBING,	/* until it is confirmed */
	FEED_LIVE
};

struct feed {
	struct feed_opts		 opts;
	struct feed_hooks		 hooks;
	enum feed_state			 state;
	redisContext			*redis;
	redisReplyObjectFunctions	 make;	/* its own, but for strings */
	void				*(*make_string)(const redisReadTask *,
					    char *, size_t);
	bool				 unsent;
	bool				 heard;	/* a message since it lives */
	int64_t				 due_ms;   /* of the state */
	int64_t				 ping_ms;  /* the next one */
	int64_t				 heard_ms; /* the last byte */
	int64_t				 odd_ms;   /* begin of a second */
	int				 odd;	   /* in that second */
	struct backoff			 backoff;
	struct feed_stats		 stats;
	struct arena			*arena;	   /* of one event */
};

struct feed *
feed_new(const struct feed_opts *o, const struct feed_hooks *h)
{
	struct feed	*f = xcalloc(1, sizeof(*f));

	f->opts = *o;
	f->hooks = *h;
	f->arena = arena_new();
	return f;
}

static void
disconnect(struct feed *f)
{
	if (f->redis != NULL)
		redisFree(f->redis);
	f->redis = NULL;
	f->unsent = false;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	disconnect(f);
	arena_free(f->arena);
	free(f);
}

int
feed_fd(const struct feed *f, bool *want_write)
{
	*want_write = f->state == FEED_CONNECTING || f->unsent;
	return f->redis != NULL ? f->redis->fd : -1;
}

bool
feed_is_live(const struct feed *f)
{
	return f->state == FEED_LIVE;
}

const struct feed_stats *
feed_stats(const struct feed *f)
{
	return &f->stats;
}

/* Each failure is told once, not at each try. */
static void
lost(struct feed *f, int64_t now, const char *why)
{
	if (f->backoff.failures == 0)
		log_warnx("redis %s:%d: %s", f->opts.host, f->opts.port, why);
	disconnect(f);
	f->state = FEED_CLOSED;
	f->due_ms = now + backoff_failed(&f->backoff);
}

/*
 * Who publishes may have found its way back to Redis later than we did, and
 * what it said until then is lost.  Now it is there.
 */
static void
first_message(struct feed *f)
{
	f->heard = true;
	f->hooks.gap(f->hooks.ctx);
}

/*
 * Parsing is the costly part, and what begins oddly may be anything: whoever
 * can publish must not be able to keep the agent busy.
 */
static bool
may_parse_odd(struct feed *f)
{
	int64_t	now = clock_mono_ms();

	if (now - f->odd_ms >= 1000) {
		f->odd_ms = now;
		f->odd = 0;
	}
	return f->odd++ < ODD_MAX;
}

static void
take_message(struct feed *f, struct view m)
{
	struct event	ev;
	struct err	e = ERR_INIT;

	switch (event_read(f->arena, m, &ev, &e)) {
	case 1:
		f->stats.events++;
		f->hooks.event(f->hooks.ctx, &ev);
		break;
	case 0:
		f->stats.noise++;
		break;
	default:
		/* What it would have told is now missed. */
		f->stats.unreadable++;
		log_warnx("redis: a message was skipped: %s", e.text);
		f->hooks.gap(f->hooks.ctx);
	}
	arena_reset(f->arena);
}

/*
 * hiredis calls it for each string of a reply, with the bytes still in its
 * buffer: a payload never becomes an object.  Only arrays and errors do.
 */
static void *
on_string(const redisReadTask *task, char *p, size_t len)
{
	struct feed	*f = task->privdata;
	struct view	 m = { p, len };

	if (task->parent == NULL)
		return f->make_string(task, p, len);
	if (task->idx == PAYLOAD && task->parent->elements == 3) {
		if (!f->heard)
			first_message(f);
		switch (event_peek(m)) {
		case EVENT_NONE:
			f->stats.noise++;
			break;
		case EVENT_ALIVE:
			f->stats.pong_ms = clock_mono_ms();
			break;
		case EVENT_ODD:
			if (may_parse_odd(f))
				take_message(f, m);
			break;
		default:
			take_message(f, m);
		}
	}
	return task->parent->obj;
}

/* The confirmation ends in a number, which no message does. */
static void
take_reply(struct feed *f, int64_t now, const redisReply *r)
{
	const redisReply	*last;

	if (r->type == REDIS_REPLY_ERROR) {
		lost(f, now, r->str);
		return;
	}
	if (f->state != FEED_SUBSCRIBING || r->type != REDIS_REPLY_ARRAY ||
	    r->elements != 3 || (last = r->element[2]) == NULL ||
	    last->type != REDIS_REPLY_INTEGER)
		return;
	f->state = FEED_LIVE;
	f->heard = false;
	if (f->backoff.failures > 0)
		log_info("redis %s:%d: back", f->opts.host, f->opts.port);
	backoff_worked(&f->backoff);
	f->hooks.gap(f->hooks.ctx);
}

/*
 * The loop's condition matters: a reply may end the connection, and the reader
 * with it.
 */
static void
take_replies(struct feed *f, int64_t now)
{
	void	*r;

	while (f->redis != NULL) {
		if (redisReaderGetReply(f->redis->reader, &r) != REDIS_OK) {
			lost(f, now, f->redis->reader->errstr);
			return;
		}
		if (r == NULL)
			return;
		take_reply(f, now, r);
		freeReplyObject(r);
	}
}

/*
 * So many reads and no more: a flood of noise must not keep the heartbeat
 * waiting.
 */
static void
read_some(struct feed *f, int64_t now)
{
	int	 i;
	size_t	 before;

	for (i = 0; i < READS && f->redis != NULL; i++) {
		before = f->redis->reader->len;
		if (redisBufferRead(f->redis) != REDIS_OK) {
			lost(f, now, f->redis->errstr);
			return;
		}
		/*
		 * Nothing was there to read: hiredis calls that success, too.
		 */
		if (f->redis->reader->len == before)
			return;
		f->heard_ms = now;
		take_replies(f, now);
		/* hiredis would wait for half a gigabyte. */
		if (f->redis != NULL &&
		    f->redis->reader->len > 2 * EVENT_MESSAGE_MAX) {
			lost(f, now, "a message is too long");
			return;
		}
	}
}

static void
write_some(struct feed *f, int64_t now)
{
	int	done = 0;

	if (redisBufferWrite(f->redis, &done) != REDIS_OK) {
		lost(f, now, f->redis->errstr);
		return;
	}
	f->unsent = !done;
}

/*
 * The reader's functions are a table of hiredis' own, so ours is a copy of it
 * with one row changed.
 */
static void
begin(struct feed *f, int64_t now)
{
	f->redis = redisConnectNonBlock(f->opts.host, f->opts.port);
	if (f->redis == NULL)
		log_fatal(EX_OSERR, "out of memory");
	if (f->redis->err != 0) {
		lost(f, now, f->redis->errstr);
		return;
	}
	f->make = *f->redis->reader->fn;
	f->make_string = f->make.createString;
	f->make.createString = on_string;
	f->redis->reader->fn = &f->make;
	f->redis->reader->privdata = f;
	f->state = FEED_CONNECTING;
	f->due_ms = now + CONNECT_MS;
}

/* Two answers may be missed before the silence is one. */
static int
ping_interval(const struct feed *f)
{
	return f->opts.silence_ms * 2 / 5;
}

/*
 * All in one go: Redis answers in order, and an error to any of them ends it.
 * CLIENT SETNAME is for whoever looks at CLIENT LIST.
 */
static void
greet(struct feed *f, int64_t now)
{
	if (f->opts.password[0] != '\0')
		redisAppendCommand(f->redis, "AUTH %s", f->opts.password);
	redisAppendCommand(f->redis, "CLIENT SETNAME " CLIENT_NAME);
	redisAppendCommand(f->redis, "SUBSCRIBE " CHANNEL);
	f->state = FEED_SUBSCRIBING;
	f->heard_ms = now;
	f->ping_ms = now + ping_interval(f);
	write_some(f, now);
}

/*
 * A peer's name is what tells a connection from an attempt; why one failed is
 * the socket's to say, once.
 */
static void
await_connection(struct feed *f, int64_t now)
{
	struct sockaddr_storage	 sa;
	socklen_t		 len = sizeof(sa), size;
	int			 failed = 0;

	if (getpeername(f->redis->fd, (struct sockaddr *)&sa, &len) == 0) {
		greet(f, now);
		return;
	}
	size = sizeof(failed);
	getsockopt(f->redis->fd, SOL_SOCKET, SO_ERROR, &failed, &size);
	if (failed != 0)
		lost(f, now, strerror(failed));
	else if (now >= f->due_ms)
		lost(f, now, "no connection in time");
}

/*
 * PING keeps a connection alive that carries nothing, as at night: a peer that
 * is gone is noticed by its silence only.
 */
void
feed_run(struct feed *f, int64_t now)
{
	if (f->state == FEED_CLOSED && now >= f->due_ms)
		begin(f, now);
	if (f->state == FEED_CONNECTING)
		await_connection(f, now);
	if (f->state != FEED_SUBSCRIBING && f->state != FEED_LIVE)
		return;
	if (f->unsent)
		write_some(f, now);
	if (f->redis != NULL)
		read_some(f, now);
	if (f->redis != NULL && now - f->heard_ms >= f->opts.silence_ms)
		lost(f, now, "silent");
	if (f->redis != NULL && now >= f->ping_ms) {
		redisAppendCommand(f->redis, "PING");
		f->ping_ms = now + ping_interval(f);
		write_some(f, now);
	}
}

int64_t
feed_due_ms(const struct feed *f)
{
	int64_t	silent = f->heard_ms + f->opts.silence_ms;

	if (f->state == FEED_CLOSED || f->state == FEED_CONNECTING)
		return f->due_ms;
	return silent < f->ping_ms ? silent : f->ping_ms;
}
