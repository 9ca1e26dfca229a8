/*
 * A process that accepts, and one more for each connection.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "server.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one connection has read and not yet used. */
struct conn {
	int		 fd;
	char		 data[65536];
	size_t		 len;
	size_t		 head_len;
	long long	 body_len;
	unsigned long	 body_sum;	/* 31-based, of all bytes in order */
	int		 requests;
};

static int
listen_on(int backlog, int *port)
{
	struct sockaddr_in	 sin = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(sin);
	int			 fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, len), 0);
	if (backlog >= 0)
		ck_assert_int_eq(listen(fd, backlog), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	*port = ntohs(sin.sin_port);
	return fd;
}

static void
say(struct conn *c, const char *s)
{
	size_t	len = strlen(s);
	ssize_t	n;

	for (; len > 0; s += n, len -= (size_t)n)
		if ((n = send(c->fd, s, len, MSG_NOSIGNAL)) <= 0)
			_exit(0);
}

static void
reply(struct conn *c, const char *status, const char *extra,
    const char *body)
{
	char	head[512];

	snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n"
	    "Content-Type: text/xml;charset=utf-8\r\n%s\r\n", status,
	    strlen(body), extra);
	say(c, head);
	say(c, body);
}

/* false at the end of the connection. */
static bool
read_more(struct conn *c)
{
	ssize_t	n;

	n = recv(c->fd, c->data + c->len, sizeof(c->data) - 1 - c->len, 0);
	if (n <= 0)
		return false;
	c->len += (size_t)n;
	c->data[c->len] = '\0';
	return true;
}

static bool
read_head(struct conn *c)
{
	char	*end;

	while ((end = strstr(c->data, "\r\n\r\n")) == NULL) {
		if (!read_more(c))
			return false;
		if (c->data[0] == 0x16)		/* TLS */
			return false;
	}
	c->head_len = (size_t)(end - c->data) + 4;
	return true;
}

/* Takes the body off the connection; only its length and sum are kept. */
static bool
read_body(struct conn *c)
{
	const char	*h = strstr(c->data, "Content-Length: ");
	long long	 want;
	size_t		 i, n;

	want = h != NULL && h < c->data + c->head_len ? atoll(h + 16) : 0;
	c->body_len = 0;
	c->body_sum = 0;
	for (;;) {
		n = c->len - c->head_len;
		if ((long long)n > want - c->body_len)
			n = (size_t)(want - c->body_len);
		for (i = 0; i < n; i++)
			c->body_sum = c->body_sum * 31 +
			    (unsigned char)c->data[c->head_len + i];
		c->body_len += (long long)n;
		memmove(c->data + c->head_len, c->data + c->head_len + n,
		    c->len - c->head_len - n + 1);
		c->len -= n;
		if (c->body_len == want)
			return true;
		if (!read_more(c))
			return false;
	}
}

static void
hang(void)
{
	for (;;)
		pause();
}

static void
echo(struct conn *c)
{
	char	*body;

	if (asprintf(&body, "%.*sbody %lld %lu\n", (int)c->head_len, c->data,
	    c->body_len, c->body_sum) == -1)
		_exit(1);
	reply(c, "200 OK", "", body);
	free(body);
}

/* Does what the path says; false: the connection ends. */
static bool
answer(struct conn *c, const char *path)
{
	char	number[16];

	snprintf(number, sizeof(number), "%d", c->requests);
	if (strcmp(path, "/ok") == 0)
		reply(c, "200 OK", "", "<response/>");
	else if (strcmp(path, "/echo") == 0)
		echo(c);
	else if (strcmp(path, "/count") == 0)
		reply(c, "200 OK", "", number);
	else if (strcmp(path, "/once") == 0) {
		reply(c, "200 OK", "", number);
		read_more(c);
		return false;
	} else if (strcmp(path, "/status") == 0)
		reply(c, "503 Busy", "", "<html/>");
	else if (strcmp(path, "/redirect") == 0)
		reply(c, "302 Found", "Location: /ok\r\n", "");
	else if (strcmp(path, "/hang") == 0)
		hang();
	else if (strcmp(path, "/slow") == 0) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
		hang();
	} else if (strcmp(path, "/cut") == 0) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
		return false;
	} else if (strcmp(path, "/garbage") == 0) {
		say(c, "I am not a web server.\n");
		return false;
	} else if (strcmp(path, "/endless") == 0) {
		say(c, "HTTP/1.1 200 OK\r\n\r\n");
		for (;;)
			say(c, "0123456789");
	} else
		return false;
	return true;
}

static void
serve(int fd)
{
	static struct conn	c;
	char			path[64];

	c.fd = fd;
	for (;;) {
		if (!read_head(&c))
			return;
		c.requests++;
		path[0] = '\0';
		sscanf(c.data, "%*s %63[^? ]", path);
		if (strcmp(path, "/early") == 0) {
			reply(&c, "413 Too Large", "Connection: close\r\n",
			    "no");
			shutdown(fd, SHUT_WR);
			/* to the end, or a reset would overtake the reply */
			while (c.len = 0, read_more(&c))
				continue;
			return;
		}
		if (!read_body(&c) || !answer(&c, path))
			return;
		memmove(c.data, c.data + c.head_len, c.len - c.head_len + 1);
		c.len -= c.head_len;
	}
}

static void
accept_all(int fd)
{
	int	conn;

	/* Nothing of this outlives the test, whatever becomes of it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	while ((conn = accept(fd, NULL, NULL)) != -1) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(fd);
			serve(conn);
			_exit(0);
		}
		close(conn);
	}
	_exit(0);
}

struct server
server_start(void)
{
	struct server	s;
	int		fd = listen_on(128, &s.port);

	s.pid = fork();
	ck_assert_int_ne(s.pid, -1);
	if (s.pid == 0)
		accept_all(fd);
	close(fd);
	return s;
}

void
server_stop(struct server s)
{
	kill(s.pid, SIGKILL);
	waitpid(s.pid, NULL, 0);
}

int
server_no_port(void)
{
	int	port;

	/* Bound but not listening, and open until the test ends. */
	listen_on(-1, &port);
	return port;
}

int
server_full_port(void)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			port, fd, i;

	/* A queue of one that is full drops who knocks. */
	listen_on(0, &port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((in_port_t)port);
	for (i = 0; i < 4; i++) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fd, (struct sockaddr *)&sin, sizeof(sin));
	}
	return port;
}
