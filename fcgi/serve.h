/*
 * One request, from its parameters to its log line.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_SERVE_H
#define FCGI_SERVE_H

#include <stdint.h>

#include "core/worker.h"
#include "fcgi/io.h"

struct server {
	struct worker	*w;
	struct io	 io;
	uint32_t	 id;		/* of the request in hand */
	unsigned long	 served;
};

void	serve_open(struct server *s, struct worker *w);
void	serve_close(struct server *s);
/* Answers and logs the request that io_accept has read. */
void	serve(struct server *s);

#endif
