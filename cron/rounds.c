/*
 * Rounds follow one another when something is due, and failures are told once.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "rounds.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"

/*
 * A server that is added, or given up by another job, is seen after so long;
 * and so is a database that is back.
 */
#define LOOK_MS		1000
/* How long one round alone waits for the database. */
#define OPEN_MS		5000

static void
end_signals(sigset_t *set)
{
	static const int	ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
				    SIGUSR1, SIGUSR2 };
	size_t			i;

	sigemptyset(set);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(set, ends[i]);
}

void
rounds_block_signals(void)
{
	sigset_t	set;

	end_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* true if we were told to end; a signal that came during a round counts. */
static bool
pause_ms(int ms)
{
	sigset_t	set;
	struct timespec	ts = { ms / 1000, ms % 1000 * 1000000L };

	end_signals(&set);
	while (sigtimedwait(&set, NULL, &ts) == -1)
		if (errno != EINTR)	/* EAGAIN: the time is over */
			return false;
	return true;
}

static int
round_run(struct worker *w, const struct job *job, int open_ms, int *next_ms,
    struct err *e)
{
	if (db_open(w->db, open_ms, e) == -1)
		return -1;
	return job->round(w, next_ms, e);
}

/*
 * Each failure is told once, however often it comes back.  A database that
 * is away may refuse, not answer, be starting: that is one failure.
 */
static void
tell(const struct err *e, struct err *told)
{
	if (e->code != told->code ||
	    (e->code != ERR_STORE && strcmp(e->text, told->text) != 0))
		log_warnx("%s", e->text);
	*told = *e;
}

/* Waits for what is due next; false when the time is over or we are to end. */
static bool
go_on(int64_t end, int next_ms)
{
	int	left = clock_left_ms(end);

	if (next_ms > LOOK_MS)
		next_ms = LOOK_MS;
	if (next_ms > left)
		next_ms = left;
	return left > 0 && !pause_ms(next_ms) && clock_left_ms(end) > 0;
}

int
rounds_run(struct worker *w, const struct job *job, int seconds)
{
	int64_t		end = clock_mono_ms() + seconds * 1000LL;
	int		open_ms = seconds > 0 ? LOOK_MS : OPEN_MS;
	struct err	e = ERR_INIT, told = ERR_INIT;
	int		next_ms;

	do {
		err_clear(&e);
		if (round_run(w, job, open_ms, &next_ms, &e) == -1) {
			next_ms = LOOK_MS;
			tell(&e, &told);
		} else if (told.code != ERR_NONE) {
			log_info("works again");
			err_clear(&told);
		}
	} while (go_on(end, next_ms));
	return err_exit(e.code);
}
