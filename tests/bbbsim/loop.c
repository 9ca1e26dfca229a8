/*
 * The one event loop: descriptors, timers, and who has more to do.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/epoll.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "mem.h"

#define ROUND_EVENTS	256

TAILQ_HEAD(watch_list, watch);

struct loop {
	int			  epoll_fd;
	bool			  stopped;
	struct epoll_event	  round[ROUND_EVENTS];
	int			  round_len;	/* 0 between rounds */
	struct watch_list	  again;
	size_t			  again_count;
	struct timer		**heap;		/* heap[0] is not used */
	size_t			  timers;
	size_t			  cap;
};

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec	ts;

	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
loop_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

struct loop *
loop_new(void)
{
	struct loop	*l = mem_alloc(sizeof *l);

	if ((l->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(EX_OSERR, "epoll_create1");
	TAILQ_INIT(&l->again);
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	(void)close(l->epoll_fd);
	free(l->heap);
	free(l);
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}

void
loop_watch(struct loop *l, struct watch *w)
{
	struct epoll_event	ev = { .events = EPOLLIN, .data.ptr = w };

	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, w->fd, &ev) == -1)
		err(EX_OSERR, "epoll_ctl");
}

static void
again_remove(struct loop *l, struct watch *w)
{
	if (!w->again)
		return;
	TAILQ_REMOVE(&l->again, w, link);
	l->again_count--;
	w->again = false;
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	int	i;

	/* fails if it is not watched, which is as good */
	(void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	again_remove(l, w);
	/* it may be freed next, and its event be one of this round's */
	for (i = 0; i < l->round_len; i++)
		if (l->round[i].data.ptr == w)
			l->round[i].data.ptr = NULL;
}

void
loop_again(struct loop *l, struct watch *w)
{
	if (w->again)
		return;
	TAILQ_INSERT_TAIL(&l->again, w, link);
	l->again_count++;
	w->again = true;
}

/* Puts the timer at that place of the heap or where it belongs above it. */
static void
heap_up(struct loop *l, struct timer *t, size_t i)
{
	for (; i > 1 && l->heap[i / 2]->at_ms > t->at_ms; i /= 2) {
		l->heap[i] = l->heap[i / 2];
		l->heap[i]->place = i;
	}
	l->heap[i] = t;
	t->place = i;
}

/* The same downwards. */
static void
heap_down(struct loop *l, struct timer *t, size_t i)
{
	size_t	child;

	for (; (child = 2 * i) <= l->timers; i = child) {
		if (child < l->timers &&
		    l->heap[child + 1]->at_ms < l->heap[child]->at_ms)
			child++;
		if (l->heap[child]->at_ms >= t->at_ms)
			break;
		l->heap[i] = l->heap[child];
		l->heap[i]->place = i;
	}
	l->heap[i] = t;
	t->place = i;
}

void
loop_timer(struct loop *l, struct timer *t, int64_t in_ms)
{
	loop_timer_stop(l, t);
	t->at_ms = clock_ms(CLOCK_MONOTONIC) + in_ms;
	if (++l->timers >= l->cap) {
		l->cap = l->cap == 0 ? 64 : l->cap * 2;
		l->heap = mem_grow(l->heap, l->cap * sizeof(struct timer *));
	}
	heap_up(l, t, l->timers);
}

void
loop_timer_stop(struct loop *l, struct timer *t)
{
	struct timer	*last;
	size_t		 i = t->place;

	if (i == 0)
		return;
	t->place = 0;
	last = l->heap[l->timers--];
	if (last == t)
		return;
	if (i > 1 && l->heap[i / 2]->at_ms > last->at_ms)
		heap_up(l, last, i);
	else
		heap_down(l, last, i);
}

static void
run_timers(struct loop *l)
{
	int64_t		 now = clock_ms(CLOCK_MONOTONIC);
	struct timer	*t;

	while (l->timers > 0 && l->heap[1]->at_ms <= now) {
		t = l->heap[1];
		loop_timer_stop(l, t);
		t->fn(t->arg);
	}
}

/* Each watch once; those that ask again meanwhile wait for the next round. */
static void
run_again(struct loop *l)
{
	struct watch	*w;
	size_t		 n;

	for (n = l->again_count; n > 0 && !TAILQ_EMPTY(&l->again); n--) {
		w = TAILQ_FIRST(&l->again);
		again_remove(l, w);
		w->fn(w->arg);
	}
}

static int
wait_ms(const struct loop *l)
{
	int64_t	ms;

	if (!TAILQ_EMPTY(&l->again))
		return 0;
	if (l->timers == 0)
		return -1;
	ms = l->heap[1]->at_ms - clock_ms(CLOCK_MONOTONIC);
	return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

void
loop_run(struct loop *l)
{
	struct watch	*w;
	int		 i, n;

	while (!l->stopped) {
		n = epoll_wait(l->epoll_fd, l->round, ROUND_EVENTS,
		    wait_ms(l));
		if (n == -1 && errno != EINTR)
			err(EX_OSERR, "epoll_wait");
		l->round_len = n;
		for (i = 0; i < n; i++)
			if ((w = l->round[i].data.ptr) != NULL)
				w->fn(w->arg);
		l->round_len = 0;
		run_again(l);
		run_timers(l);
	}
}
