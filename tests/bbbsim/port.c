/*
 * One TCP port that speaks HTTP: a libmicrohttpd daemon in our own loop.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/socket.h>

#include <err.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "port.h"

/* Long query lines fit in: a balancer may send up to 16 KiB and more. */
#define CONNECTION_MEMORY	((size_t)64 * 1024)
#define CONNECTIONS_MAX		20000

static void
port_run(void *arg)
{
	struct port		*p = arg;
	MHD_UNSIGNED_LONG_LONG	 wait_ms;

	if (p->daemon == NULL)
		return;
	(void)MHD_run(p->daemon);
	/*
	 * Its epoll descriptor is edge-triggered inside: what it has read but
	 * not worked off yet never makes that descriptor readable again.
	 */
	if (MHD_get_timeout(p->daemon, &wait_ms) == MHD_YES && wait_ms == 0)
		loop_again(p->loop, &p->watch);
}

static unsigned
bound_number(int fd)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = sizeof ss;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		err(EX_OSERR, "getsockname");
	if (ss.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&ss)->sin6_port);
	return ntohs(((struct sockaddr_in *)&ss)->sin_port);
}

/* A socket bound to that port (0: any). */
static int
bound_socket(const char *address, unsigned number)
{
	struct addrinfo	 hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV }, *ai;
	char		 service[16];
	int		 fd, rc, on = 1;

	(void)snprintf(service, sizeof service, "%u", number);
	if ((rc = getaddrinfo(address, service, &hints, &ai)) != 0)
		errx(EX_USAGE, "%s: %s", address, gai_strerror(rc));
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd == -1)
		err(EX_OSERR, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1 ||
	    /* inherited by every connection */
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
		err(EX_OSERR, "setsockopt");
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == -1)
		err(EX_OSERR, "bind to %s port %u", address, number);
	freeaddrinfo(ai);
	return fd;
}

void
port_bind(struct port *p, const char *address, unsigned number)
{
	int	fd;

	p->number = number;
	p->fd = bound_socket(address, number);
	if (number != 0)
		return;
	/*
	 * A port that the kernel chose is given back when the socket stops
	 * listening, so bind it once more by its number. Two sockets may
	 * have it as long as neither listens.
	 */
	fd = p->fd;
	p->number = bound_number(fd);
	p->fd = bound_socket(address, p->number);
	(void)close(fd);
}

void
port_serve(struct port *p)
{
	const union MHD_DaemonInfo	*info;

	if (p->daemon != NULL)
		return;
	if (listen(p->fd, SOMAXCONN) == -1)
		err(EX_OSERR, "listen on port %u", p->number);
	p->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO, 0,
	    NULL, NULL, p->calls->access, p->cls,
	    MHD_OPTION_LISTEN_SOCKET, p->fd,
	    MHD_OPTION_URI_LOG_CALLBACK, p->calls->begin, p->cls,
	    MHD_OPTION_NOTIFY_COMPLETED, p->calls->completed, p->cls,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_END);
	if (p->daemon == NULL)
		errx(EX_OSERR, "cannot serve port %u", p->number);
	info = MHD_get_daemon_info(p->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	p->watch = (struct watch){ .fn = port_run, .arg = p,
	    .fd = info->epoll_fd };
	loop_watch(p->loop, &p->watch);
}

void
port_refuse(struct port *p)
{
	if (p->daemon == NULL)
		return;
	loop_unwatch(p->loop, &p->watch);
	/* keeps the socket open; on Linux it stays bound without listening */
	(void)MHD_quiesce_daemon(p->daemon);
	(void)shutdown(p->fd, SHUT_RDWR);
	MHD_stop_daemon(p->daemon);
	p->daemon = NULL;
}

void
port_poke(struct port *p)
{
	if (p->daemon != NULL)
		loop_again(p->loop, &p->watch);
}

unsigned
port_connections(const struct port *p)
{
	const union MHD_DaemonInfo	*info;

	if (p->daemon == NULL)
		return 0;
	info = MHD_get_daemon_info(p->daemon,
	    MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
	return info->num_connections;
}

void
port_close(struct port *p)
{
	port_refuse(p);
	(void)close(p->fd);
}
