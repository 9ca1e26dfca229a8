/*
 * A small HTTP server for the tests of proto/client, in a process of its own.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef SERVER_H
#define SERVER_H

#include <sys/types.h>

struct server {
	pid_t	pid;
	int	port;
};

/*
 * Listens on a free port of 127.0.0.1.  The path says what it does:
 *   /ok        200 with `<response/>`, text/xml
 *   /echo      200 with the head of the request, then "body N SUM"
 *   /count     200 with how many requests this connection has seen
 *   /once      as /count, but the connection answers nothing after it
 *   /status    503 with a body
 *   /redirect  302 to /ok
 *   /hang      reads the request and says nothing
 *   /slow      the head and half of the body, then nothing
 *   /cut       the head and half of the body, then the end
 *   /empty     the end, without a reply
 *   /garbage   no HTTP
 *   /endless   a body without length that does not end
 *   /early     413 before the body was read
 * TLS gets the end of the connection.
 */
struct server	server_start(void);
void		server_stop(struct server s);
/* A port where nobody listens. */
int		server_no_port(void);
/* A port where connecting does not come to an end. */
int		server_full_port(void);

#endif
