/*
 * One connection of a client: a request goes out, its answer comes in.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_CONN_H
#define BENCH_CONN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "target.h"

struct conn {
	const struct target	*target;	/* in work; NULL: idle */
	size_t			 number;	/* of the request */
	int64_t			 due_us;	/* when it had to go out */
	struct buf		 in;		/* the answer so far */
	/* The rest is the connection's own. */
	const struct sockaddr_in *to;
	int			 epoll_fd;
	int			 fd;		/* -1: closed */
	struct buf		 out;
	size_t			 sent;
};

enum conn_state {
	CONN_BUSY,	/* more is to come */
	CONN_DONE,	/* the answer is whole */
	CONN_BROKEN	/* there will be none */
};

void	conn_init(struct conn *c, int epoll_fd, const struct sockaddr_in *to);
/* Connects, so that the first request need not; what fails shows then. */
void	conn_open(struct conn *c);
/* The connection must be idle. */
enum conn_state conn_fire(struct conn *c, const struct target *target);
/* Its descriptor has something to read or can be written. */
enum conn_state conn_ready(struct conn *c);
/* After CONN_DONE or CONN_BROKEN, or to give up: idle again. */
void	conn_end(struct conn *c, bool keep);
void	conn_close(struct conn *c);

#endif
