/*
 * One connection of a client: a request goes out, its answer comes in.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "conn.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>

#include <err.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"

#define CHUNK	(16 * 1024)

void
conn_init(struct conn *c, int epoll_fd, const struct sockaddr_in *to)
{
	memset(c, 0, sizeof(*c));
	c->to = to;
	c->epoll_fd = epoll_fd;
	c->fd = -1;
}

void
conn_open(struct conn *c)
{
	struct epoll_event	ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c
	};
	int			one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd == -1)
		err(1, "socket");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(c->fd, (const struct sockaddr *)c->to,
	    sizeof(*c->to)) == -1 && errno != EINPROGRESS) {
		conn_close(c);
		return;
	}
	if (epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
}

void
conn_close(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
}

static enum conn_state
flush(struct conn *c)
{
	ssize_t	n;

	while (c->sent < c->out.len) {
		n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
		    MSG_NOSIGNAL);
		if (n == -1)
			return errno == EAGAIN || errno == EINTR ||
			    errno == ENOTCONN ? CONN_BUSY : CONN_BROKEN;
		c->sent += (size_t)n;
	}
	return CONN_BUSY;
}

static enum conn_state
drain(struct conn *c)
{
	char	chunk[CHUNK];
	ssize_t	n;
	bool	gone;

	while ((n = recv(c->fd, chunk, sizeof(chunk), 0)) > 0)
		buf_add(&c->in, chunk, (size_t)n);
	gone = n == 0 || (errno != EAGAIN && errno != EINTR);
	/* What was answered before the connection broke still counts. */
	if (c->target != NULL && answer_whole(&c->in, n == 0))
		return CONN_DONE;
	return gone ? CONN_BROKEN : CONN_BUSY;
}

static void
request_write(struct conn *c, const struct target *t)
{
	char	host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &c->to->sin_addr, host, sizeof(host));
	buf_printf(&c->out, "%s %s HTTP/1.1\r\nHost: %s:%d\r\n",
	    t->body == NULL ? "GET" : "POST", t->path, host,
	    ntohs(c->to->sin_port));
	if (t->token != NULL && t->token[0] != '\0')
		buf_printf(&c->out, "Authorization: Bearer %s\r\n", t->token);
	if (t->body != NULL)
		buf_printf(&c->out, "Content-Type: application/json\r\n"
		    "Content-Length: %zu\r\n", strlen(t->body));
	buf_printf(&c->out, "\r\n%s", t->body == NULL ? "" : t->body);
}

enum conn_state
conn_fire(struct conn *c, const struct target *target)
{
	c->target = target;
	buf_reset(&c->in);
	buf_reset(&c->out);
	c->sent = 0;
	request_write(c, target);
	if (c->fd == -1)
		conn_open(c);
	return c->fd == -1 ? CONN_BROKEN : flush(c);
}

enum conn_state
conn_ready(struct conn *c)
{
	enum conn_state	s = CONN_BUSY;

	if (c->target != NULL)
		s = flush(c);
	if (c->target == NULL || s == CONN_BROKEN || c->sent > 0)
		s = drain(c);
	return s;
}

void
conn_end(struct conn *c, bool keep)
{
	c->target = NULL;
	if (!keep)
		conn_close(c);
}
