/*
 * Carries requests from libfcgi to the gateway, and replies back.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/io.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/env.h"
#include "proto/spool.h"

/* Larger buffers go back to the system after their request. */
#define KEEP_MAX	(64 * 1024)

/*
 * No listening socket for libfcgi: it would close connections whose first
 * bytes a signal interrupts, so loop.c accepts them, and after one that broke
 * off it must come back instead of waiting for the next.
 */
#define NO_SOCKET	(-1)

void
io_open(struct io *io, const struct config *conf)
{
	memset(io, 0, sizeof(*io));
	io->conf = conf;
	io->arena = arena_new();
	FCGX_Init();
	FCGX_InitRequest(&io->fcgi, NO_SOCKET, FCGI_FAIL_ACCEPT_ON_INTR);
}

void
io_close(struct io *io)
{
	io_abort(io);
	buf_free(&io->head);
	buf_free(&io->reply.body);
	arena_free(io->arena);
}

int
io_kept(const struct io *io)
{
	return io->fcgi.ipcFd;
}

void
io_abort(struct io *io)
{
	FCGX_Free(&io->fcgi, 1);
}

int
io_accept(struct io *io, int fd)
{
	if (fd >= 0) {
		/* An open connection that libfcgi must not finish first. */
		io->fcgi.ipcFd = fd;
		io->fcgi.keepConnection = 1;
	}
	return FCGX_Accept_r(&io->fcgi) == 0 ? 0 : -1;
}

static long long
body_max(const struct io *io)
{
	const char	*type = http_media_type(io->arena,
			    io->req.content_type);

	return strcmp(type, "application/x-www-form-urlencoded") == 0 ?
	    io->conf->max_form : io->conf->max_body;
}

static int
too_large(long long max, struct err *e)
{
	return err_set(e, ERR_TOOBIG, "the body is larger than %lld bytes",
	    max);
}

/*
 * Reads to the end of the body.  It may be shorter than it says (a client
 * that went away), and without a length its end is that of the stream.
 */
static int
body_fill(struct io *io, struct spool *s, long long max, struct err *e)
{
	long long	length = io->req.content_length;
	char		chunk[16 * 1024];
	size_t		want;
	int		n;

	do {
		want = sizeof(chunk);
		if (length >= 0 && length - spool_len(s) < (long long)want)
			want = (size_t)(length - spool_len(s));
		n = FCGX_GetStr(chunk, (int)want, io->fcgi.in);
		if (spool_len(s) + n > max)
			return too_large(max, e);
		if (n > 0 && spool_write(s, chunk, (size_t)n, e) < 0)
			return -1;
	} while (n > 0 && (size_t)n == want);
	if (length >= 0 && spool_len(s) < length)
		return err_set(e, ERR_INPUT,
		    "the body ended after %lld of %lld bytes", spool_len(s),
		    length);
	if (FCGX_GetError(io->fcgi.in) != 0)
		return err_set(e, ERR_INPUT,
		    "the body broke off after %lld bytes", spool_len(s));
	return 0;
}

static struct spool *
body_read(struct http_req *req, struct err *e)
{
	struct io	*io = req->io;
	long long	 max;
	struct spool	*s;

	if (io->body != NULL)
		return io->body;
	max = body_max(io);
	if (req->content_length > max) {
		too_large(max, e);
		return NULL;
	}
	s = spool_new(io->conf->spool_dir, (size_t)io->conf->spool_memory);
	if (body_fill(io, s, max, e) < 0) {
		spool_free(s);
		return NULL;
	}
	return io->body = s;
}

/* The first piece is the head, and all that an answer to HEAD has. */
static int
reply_write(void *ctx, const void *p, size_t len)
{
	struct io	*io = ctx;

	if (io->head_sent && io->req.method == HTTP_HEAD)
		return 0;
	io->head_sent = true;
	return FCGX_PutStr(p, (int)len, io->fcgi.out) < 0 ? -1 : 0;
}

int
io_request(struct io *io, struct err *e)
{
	struct buf	body = io->reply.body;

	memset(&io->reply, 0, sizeof(io->reply));
	io->reply.body = body;
	io->reply.status = 200;
	io->reply.write = reply_write;
	io->reply.io = io;
	memset(&io->req, 0, sizeof(io->req));
	io->req.arena = io->arena;
	io->req.body = body_read;
	io->req.io = io;
	return env_read(io->fcgi.envp, (size_t)io->conf->max_query, &io->req,
	    e);
}

/* Head and body meet in libfcgi's buffer: one write for most replies. */
static void
send_whole(struct io *io)
{
	struct http_reply	*r = &io->reply;

	if (r->status != 204)
		http_header_set(r, "Content-Length",
		    arena_printf(io->arena, "%zu", r->body.len));
	http_head_write(r, &io->head);
	FCGX_PutStr(io->head.data, (int)io->head.len, io->fcgi.out);
	if (io->req.method != HTTP_HEAD && r->body.len > 0)
		FCGX_PutStr(r->body.data, (int)r->body.len, io->fcgi.out);
}

/*
 * libfcgi closes a connection in three steps and waits for the web server in
 * between, lest what it still sends resets the connection under the reply.
 * Once its input is read to the end nothing more comes, so closing at once is
 * safe, and spares the request a wait.
 */
static void
close_at_once(struct io *io)
{
	bool	ours = io->fcgi.keepConnection == 0 &&
		    FCGX_GetChar(io->fcgi.in) == EOF &&
		    FCGX_GetError(io->fcgi.in) == 0;

	if (ours)
		io->fcgi.keepConnection = 1;
	FCGX_Finish_r(&io->fcgi);
	if (ours && io->fcgi.ipcFd >= 0) {
		close(io->fcgi.ipcFd);
		io->fcgi.ipcFd = -1;
	}
}

void
io_finish(struct io *io, bool waited)
{
	if (io->reply.streaming && io->reply.broken) {
		io_abort(io);
		return;
	}
	if (!io->reply.streaming)
		send_whole(io);
	/*
	 * A worker that answers from memory and never waits goes on until its
	 * time slice ends, while the web server and the requests that other
	 * workers hold are kept waiting: twice the p99 for a twentieth more
	 * of the rate.  Waiting here gives the processor away.
	 */
	if (waited)
		close_at_once(io);
	else
		FCGX_Finish_r(&io->fcgi);
}

static void
buf_trim(struct buf *b)
{
	if (b->cap > KEEP_MAX)
		buf_free(b);
	else
		buf_reset(b);
}

void
io_reset(struct io *io)
{
	spool_free(io->body);
	io->body = NULL;
	io->head_sent = false;
	buf_trim(&io->head);
	buf_trim(&io->reply.body);
	arena_reset(io->arena);
}
