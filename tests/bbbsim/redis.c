/*
 * A connection to Redis that publishes and comes back by itself.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "redis.h"

#define CONNECT_MS	200
#define RETRY_MS	500
/* What Redis does not take in time is lost, with the connection. */
#define BACKLOG_MAX	((size_t)64 * 1024 * 1024)
#define BUSY_MS		2

struct redis {
	struct loop	*loop;
	redisContext	*ctx;		/* NULL: not connected */
	char		*host;
	unsigned	 port;
	size_t		 backlog;	/* about what waits to be written */
	struct watch	 watch;
	struct timer	 flush;
	struct timer	 retry;
};

static void
drop(struct redis *r)
{
	if (r->ctx == NULL)
		return;
	loop_unwatch(r->loop, &r->watch);
	loop_timer_stop(r->loop, &r->flush);
	redisFree(r->ctx);
	r->ctx = NULL;
	r->backlog = 0;
	loop_timer(r->loop, &r->retry, RETRY_MS);
}

static void
flush(void *arg)
{
	struct redis	*r = arg;
	int		 done;

	if (redisBufferWrite(r->ctx, &done) != REDIS_OK)
		drop(r);
	else if (done)
		r->backlog = 0;
	else
		loop_timer(r->loop, &r->flush, BUSY_MS);
}

/* The answers only tell how many listened. */
static void
readable(void *arg)
{
	struct redis	*r = arg;
	void		*reply = NULL;

	if (redisBufferRead(r->ctx) != REDIS_OK) {
		drop(r);
		return;
	}
	while (redisReaderGetReply(r->ctx->reader, &reply) == REDIS_OK &&
	    reply != NULL) {
		freeReplyObject(reply);
		reply = NULL;
	}
}

static void
try_connect(void *arg)
{
	struct redis	*r = arg;
	struct timeval	 tv = { .tv_usec = CONNECT_MS * 1000 };
	int		 flags;

	r->ctx = redisConnectWithTimeout(r->host, (int)r->port, tv);
	if (r->ctx == NULL || r->ctx->err != 0) {
		redisFree(r->ctx);
		r->ctx = NULL;
		loop_timer(r->loop, &r->retry, RETRY_MS);
		return;
	}
	/* the wait was for the connection only: nothing else may block */
	flags = fcntl(r->ctx->fd, F_GETFL);
	(void)fcntl(r->ctx->fd, F_SETFL, flags | O_NONBLOCK);
	r->ctx->flags &= ~REDIS_BLOCK;
	r->watch.fd = r->ctx->fd;
	loop_watch(r->loop, &r->watch);
	(void)redisAppendCommand(r->ctx, "CLIENT SETNAME BbbAppsAkkaPub");
	loop_timer(r->loop, &r->flush, 0);
}

struct redis *
redis_new(struct loop *loop, const char *host, unsigned port)
{
	struct redis	*r = mem_alloc(sizeof *r);

	r->loop = loop;
	r->host = mem_dup(host);
	r->port = port;
	r->watch = (struct watch){ .fn = readable, .arg = r, .fd = -1 };
	r->flush = (struct timer){ .fn = flush, .arg = r };
	r->retry = (struct timer){ .fn = try_connect, .arg = r };
	try_connect(r);
	return r;
}

void
redis_free(struct redis *r)
{
	int	done;

	if (r == NULL)
		return;
	if (r->ctx != NULL && r->backlog > 0)
		(void)redisBufferWrite(r->ctx, &done);
	drop(r);
	loop_timer_stop(r->loop, &r->retry);
	free(r->host);
	free(r);
}

bool
redis_connected(const struct redis *r)
{
	return r != NULL && r->ctx != NULL;
}

bool
redis_publish(struct redis *r, const char *channel, const char *text,
    size_t len)
{
	const char	*argv[] = { "PUBLISH", channel, text };
	size_t		 lens[] = { 7, strlen(channel), len };

	if (!redis_connected(r))
		return false;
	if (r->backlog > BACKLOG_MAX) {
		drop(r);
		return false;
	}
	if (redisAppendCommandArgv(r->ctx, 3, argv, lens) != REDIS_OK)
		return false;
	r->backlog += len;
	if (r->flush.place == 0)
		loop_timer(r->loop, &r->flush, 0);
	return true;
}
