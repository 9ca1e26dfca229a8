/*
 * One FastCGI connection as an HTTP request and its reply.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_IO_H
#define FCGI_IO_H

#include <fcgiapp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "core/config.h"
#include "proto/http.h"

/* Used again for each request of a worker; open for reading. */
struct io {
	FCGX_Request		 fcgi;
	const struct config	*conf;
	struct arena		*arena;	/* of the request in hand */
	struct http_req		 req;
	struct http_reply	 reply;
	struct spool		*body;	/* NULL until it was asked for */
	struct buf		 head;
	bool			 head_sent;	/* of a streamed reply */
};

/* conf is borrowed. */
void	io_open(struct io *io, const struct config *conf);
void	io_close(struct io *io);

/*
 * Takes over an accepted connection and reads the parameters of its request,
 * or those of the next one on a connection that the web server keeps (fd
 * -1).  -1: it broke off, or spoke no FastCGI; it is closed.
 */
int	io_accept(struct io *io, int fd);
/* The connection that the web server keeps open, or -1. */
int	io_kept(const struct io *io);
/* Closes it as it is, without the end that makes a reply a whole one. */
void	io_abort(struct io *io);

/*
 * Fills io->req and an empty io->reply from the parameters.  0, or the HTTP
 * status that the request deserves, with e saying why.
 */
int	io_request(struct io *io, struct err *e);
/*
 * Sends io->reply (what is left of it, when it was streamed) and ends the
 * request: from here on the client has its answer.  A streamed reply that is
 * broken is cut off.  waited: the worker had to wait for somebody to make the
 * answer, so it need not wait for the web server to close the connection.
 */
void	io_finish(struct io *io, bool waited);
/* Gives back what the request took; its strings are gone then. */
void	io_reset(struct io *io);

#endif
