/*
 * Fires signed requests at a web server and tells, as JSON, how they went.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <arpa/inet.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "conn.h"
#include "tally.h"
#include "target.h"

#define EVENTS		256
#define LOOK_MS		200	/* how often timeouts are looked for */

struct storm {
	/* options */
	size_t			 nconns;
	double			 rate;		/* a second; 0: all it can */
	int64_t			 duration_us;	/* 0: each target once */
	int64_t			 timeout_us;
	const char		*lines;
	struct sockaddr_in	 to;
	/* state */
	struct targets		 targets;
	struct tally		 tally;
	struct conn		*conns;
	int			 epoll_fd;
	int			 timer_fd;
	size_t			 fired;
	size_t			 busy;
};

static void
usage(void)
{
	fputs("usage: storm [-c connections] [-d seconds] [-o lines] [-r rate]"
	    " [-t timeout] address:port file\n", stderr);
	exit(64);
}

static double
number(const char *text)
{
	char	*end;
	double	 x = strtod(text, &end);

	if (*text == '\0' || *end != '\0' || x < 0)
		usage();
	return x;
}

static void
address(struct storm *s, char *text)
{
	char	*colon = strrchr(text, ':');

	if (colon == NULL)
		usage();
	*colon = '\0';
	s->to.sin_family = AF_INET;
	s->to.sin_port = htons((uint16_t)number(colon + 1));
	if (inet_pton(AF_INET, text, &s->to.sin_addr) != 1)
		usage();
}

static void
options(struct storm *s, int argc, char **argv)
{
	int	ch;

	memset(s, 0, sizeof(*s));
	s->nconns = 1;
	s->timeout_us = 40 * 1000000LL;
	while ((ch = getopt(argc, argv, "c:d:o:r:t:")) != -1) {
		switch (ch) {
		case 'c':
			s->nconns = (size_t)number(optarg);
			break;
		case 'd':
			s->duration_us = (int64_t)(number(optarg) * 1e6);
			break;
		case 'o':
			s->lines = optarg;
			break;
		case 'r':
			s->rate = number(optarg);
			break;
		case 't':
			s->timeout_us = (int64_t)(number(optarg) * 1e6);
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 2 || s->nconns == 0)
		usage();
	address(s, argv[optind]);
	targets_read(&s->targets, argv[optind + 1]);
}

/* When request i has to go out, by the rate. */
static int64_t
due(const struct storm *s, size_t i)
{
	if (s->rate == 0)
		return clock_mono_us();
	return s->tally.start_us + (int64_t)((double)i * 1e6 / s->rate);
}

static bool
over(const struct storm *s, int64_t at)
{
	if (s->duration_us == 0)
		return s->fired >= s->targets.n;
	return at - s->tally.start_us >= s->duration_us;
}

static void
settle(struct storm *s, struct conn *c, enum conn_state state)
{
	if (state == CONN_BUSY)
		return;
	if (c->target == NULL) {	/* closed by the server while idle */
		conn_close(c);
		return;
	}
	tally_add(&s->tally, c, state == CONN_DONE);
	conn_end(c, state == CONN_DONE && !answer_closes(&c->in));
	s->busy--;
}

static void
fire(struct storm *s, struct conn *c, int64_t at)
{
	c->number = s->fired++;
	c->due_us = at;
	s->busy++;
	settle(s, c, conn_fire(c, &s->targets.v[c->number % s->targets.n]));
}

/* Wakes us in time for the next request; a millisecond would be too coarse. */
static void
alarm_at(const struct storm *s, int64_t at)
{
	int64_t			us = at - clock_mono_us();
	struct itimerspec	when = { 0 };

	if (us < 1)
		us = 1;
	when.it_value.tv_sec = us / 1000000;
	when.it_value.tv_nsec = us % 1000000 * 1000;
	if (timerfd_settime(s->timer_fd, 0, &when, NULL) == -1)
		err(1, "timerfd_settime");
}

/* Whatever is due goes out on connections that are free. */
static void
fire_due(struct storm *s)
{
	int64_t	at;
	size_t	i;

	for (i = 0; i < s->nconns; i++) {
		if (s->conns[i].target != NULL)
			continue;
		at = due(s, s->fired);
		if (over(s, at))
			return;
		if (at > clock_mono_us()) {
			alarm_at(s, at);
			return;
		}
		fire(s, &s->conns[i], at);
	}
}

static void
time_out(struct storm *s)
{
	int64_t	 now = clock_mono_us();
	size_t	 i;

	for (i = 0; i < s->nconns; i++)
		if (s->conns[i].target != NULL &&
		    now - s->conns[i].due_us > s->timeout_us)
			settle(s, &s->conns[i], CONN_BROKEN);
}

static void
step(struct storm *s)
{
	struct epoll_event	 ev[EVENTS];
	struct conn		*c;
	uint64_t		 ticks;
	int			 i, n;

	n = epoll_wait(s->epoll_fd, ev, EVENTS, LOOK_MS);
	for (i = 0; i < n; i++) {
		if ((c = ev[i].data.ptr) != NULL)
			settle(s, c, conn_ready(c));
		else if (read(s->timer_fd, &ticks, sizeof(ticks)) == -1)
			continue;	/* it was set anew meanwhile */
	}
	time_out(s);
}

static void
setup(struct storm *s)
{
	struct epoll_event	ev = { .events = EPOLLIN };
	size_t			i;

	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	if (s->epoll_fd == -1 || s->timer_fd == -1 ||
	    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->timer_fd, &ev) == -1)
		err(1, "epoll");
	s->conns = xcalloc(s->nconns, sizeof(*s->conns));
	for (i = 0; i < s->nconns; i++) {
		conn_init(&s->conns[i], s->epoll_fd, &s->to);
		conn_open(&s->conns[i]);
	}
	tally_open(&s->tally, s->lines);
}

static void
teardown(struct storm *s)
{
	size_t	i;

	for (i = 0; i < s->nconns; i++) {
		conn_close(&s->conns[i]);
		buf_free(&s->conns[i].in);
		buf_free(&s->conns[i].out);
	}
	free(s->conns);
	close(s->epoll_fd);
	close(s->timer_fd);
	tally_close(&s->tally);
	targets_free(&s->targets);
}

int
main(int argc, char **argv)
{
	struct storm	s;

	options(&s, argc, argv);
	setup(&s);
	do {
		fire_due(&s);
		if (s.busy > 0 || !over(&s, due(&s, s.fired)))
			step(&s);
	} while (s.busy > 0 || !over(&s, due(&s, s.fired)));
	tally_print(&s.tally, stdout);
	teardown(&s);
	return 0;
}
