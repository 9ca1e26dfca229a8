/*
 * The accept loop, and the signals that interrupt it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/loop.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "core/replica.h"
#include "fcgi/serve.h"
#include "store/db.h"

#define LISTEN_FD	STDIN_FILENO

/* Longest that an idle worker goes on connecting, deaf to signals. */
#define TICK_MS		500

/* Longest that a read from, or a write to, the web server may take. */
#define STALL_S		30

static volatile sig_atomic_t	stopped;

struct loop {
	struct worker	*w;
	struct server	 server;
	sigset_t	 deaf;		/* the mask while there is work */
	sigset_t	 listening;	/* the mask of an idle worker */
	bool		 replica_seen;	/* it has been loaded once */
	unsigned long	 last;		/* the request it retires after, or 0 */
};

static void
on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* It ends a wait, that is all. */
static void
on_alarm(int sig)
{
	(void)sig;
}

/*
 * Only a listening one: whatever else may be on fd 0 would fail at the first
 * accept.
 */
bool
loop_has_socket(void)
{
	int		listens = 0;
	socklen_t	len = sizeof(listens);

	return getsockopt(LISTEN_FD, SOL_SOCKET, SO_ACCEPTCONN, &listens,
	    &len) == 0 && listens != 0;
}

/*
 * These signals are blocked at all times but while the worker waits for a
 * request: libfcgi takes an interrupted read for the end of the input and an
 * interrupted write for a client that is gone, and it would close a
 * connection whose first bytes a signal interrupts.  No SA_RESTART, or an
 * idle worker would never leave accept.
 */
static void
signals_open(struct loop *l)
{
	static const struct {
		int	signal;
		void	(*handler)(int);
	} handlers[] = {
		{ SIGTERM, on_stop }, { SIGQUIT, on_stop },
		{ SIGUSR1, on_stop }, { SIGUSR2, on_stop },
		{ SIGALRM, on_alarm },
	};
	struct sigaction	sa;
	sigset_t		set;
	size_t			i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		sa.sa_handler = handlers[i].handler;
		sigaction(handlers[i].signal, &sa, NULL);
		sigaddset(&set, handlers[i].signal);
	}
	/* Whoever started us may have blocked them. */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, &l->listening);
	sigprocmask(SIG_SETMASK, NULL, &l->deaf);
}

/*
 * Once a second an idle worker looks around; and a signal that arrived just
 * before accept, so that it interrupted nothing, is seen then at the latest.
 */
static void
timer_start(void)
{
	static const struct itimerval	second = { { 1, 0 }, { 1, 0 } };

	setitimer(ITIMER_REAL, &second, NULL);
}

/* A spawner may have left the socket in the mode that it needs itself. */
static void
socket_block(void)
{
	int	flags = fcntl(LISTEN_FD, F_GETFL);

	if (flags != -1 && (flags & O_NONBLOCK) != 0)
		fcntl(LISTEN_FD, F_SETFL, flags & ~O_NONBLOCK);
}

/* A web server that stalls must not hold a worker for good. */
static void
connection_limit(int fd)
{
	static const struct timeval	limit = { STALL_S, 0 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/*
 * Waits for a request: on the connection that the web server keeps, or on a
 * new one.  0: it is read; -1: there is none, errno says why.
 */
static int
wait_request(struct loop *l)
{
	struct pollfd	p = { .fd = io_kept(&l->server.io), .events = POLLIN };
	int		fd = -1;

	if (p.fd >= 0) {
		if (ppoll(&p, 1, NULL, &l->listening) < 0)
			return -1;
	} else {
		sigprocmask(SIG_SETMASK, &l->listening, NULL);
		if (!stopped)
			fd = accept4(LISTEN_FD, NULL, NULL, SOCK_CLOEXEC);
		sigprocmask(SIG_SETMASK, &l->deaf, NULL);
		if (fd < 0)
			return -1;
		connection_limit(fd);
	}
	if (io_accept(&l->server.io, fd) < 0) {
		/* Its peer went away: nobody waits for an answer. */
		errno = ECONNABORTED;
		return -1;
	}
	return 0;
}

/* What nobody waits for; a request that comes ends it. */
static void
idle(struct loop *l)
{
	struct worker	*w = l->w;

	db_tick(w->db, TICK_MS, LISTEN_FD);
	if (w->replica == NULL)
		return;
	/* The first load is left to the first call that wants it. */
	if (replica_usable(w->replica))
		l->replica_seen = true;
	if (l->replica_seen)
		replica_sync(w->replica);
}

/*
 * Workers of a pool are started together and serve alike: each retires
 * somewhere in the last quarter of max_requests, or all their successors
 * would load their replicas in the same moment.
 */
static unsigned long
last_request(const struct loop *l)
{
	unsigned long	max = (unsigned long)l->w->conf->max_requests;

	return max - l->server.id % (max / 4 + 1);
}

/*
 * While the database is away a new worker would have nothing to answer from,
 * so the old one stays.
 */
static bool
retires(const struct loop *l)
{
	return l->last != 0 && l->server.served >= l->last &&
	    db_up(l->w->db);
}

static int
run(struct loop *l)
{
	idle(l);
	while (!stopped && !retires(l)) {
		if (wait_request(l) == 0)
			serve(&l->server);
		else if (errno == EINTR)
			idle(l);
		else if (errno != ECONNABORTED && !stopped) {
			log_warn("accept");
			return EX_OSERR;
		}
	}
	return EX_OK;
}

int
loop_run(struct worker *w)
{
	struct loop	l = { .w = w };
	int		status;

	/* Before libfcgi, which takes SIGUSR1 for itself if it is free. */
	signals_open(&l);
	socket_block();
	serve_open(&l.server, w);
	l.last = last_request(&l);
	timer_start();
	status = run(&l);
	log_debug("ends after %lu requests", l.server.served);
	serve_close(&l.server);
	return status;
}
