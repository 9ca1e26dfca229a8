/*
 * The one event loop: descriptors, timers, and who has more to do.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_LOOP_H
#define BBBSIM_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct loop;

/* A descriptor that calls fn(arg) when it can be read. */
struct watch {
	void			(*fn)(void *arg);
	void			 *arg;
	int			  fd;
	bool			  again;	/* on the list of loop_again() */
	TAILQ_ENTRY(watch)	  link;
};

/* Calls fn(arg) once, when its time has come. All zero is one at rest. */
struct timer {
	void		(*fn)(void *arg);
	void		 *arg;
	int64_t		  at_ms;
	size_t		  place;	/* in the heap, from 1; 0: at rest */
};

struct loop *loop_new(void);
void	 loop_free(struct loop *);
/* Runs until loop_stop(). */
void	 loop_run(struct loop *);
void	 loop_stop(struct loop *);

void	 loop_watch(struct loop *, struct watch *);
/* Harmless for one that is not watched; does not close the descriptor. */
void	 loop_unwatch(struct loop *, struct watch *);
/* Has the watch called in the next round although nothing can be read. */
void	 loop_again(struct loop *, struct watch *);

/* Sets a timer, or sets it anew. */
void	 loop_timer(struct loop *, struct timer *, int64_t in_ms);
void	 loop_timer_stop(struct loop *, struct timer *);

/* Milliseconds since 1970, as BigBlueButton gives its times. */
int64_t	 loop_now_ms(void);

#endif
