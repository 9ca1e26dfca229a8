/*
 * Rounds follow one another when something is due, and failures are told once.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "rounds.h"

#include <sys/signalfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/db.h"
#include "store/success.h"

/*
 * A server that is added, or given up by another job, is seen after so long;
 * and so is a database that is back.
 */
#define LOOK_MS		1000
/* How long one round alone waits for the database. */
#define OPEN_MS		5000
/* How exactly the last success is known. */
#define SUCCESS_MS	5000

struct rounds {
	struct worker		*w;
	const struct job	*job;
	unsigned		 listens;	/* db_generation; 0: not */
	int64_t			 noted_until;	/* its success, that is */
	struct err		 told;		/* the last failure */
};

/* All that cron, systemd or a terminal ends a program by. */
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

/* Takes what was notified; true if anything was. */
static bool
notices_take(struct db *db)
{
	struct arena	*a = arena_new();
	char		*payload;
	bool		 any = false;

	while (db_notice(db, a, &payload) == 1)
		any = true;
	arena_free(a);
	return any;
}

/* The same as pause_ms, but a notice ends it. */
static bool
pause_listening(struct db *db, int ms)
{
	struct pollfd	pfd[2] = { { .events = POLLIN },
			    { .events = POLLIN } };
	sigset_t	set;
	bool		ends;

	if (notices_take(db))
		return pause_ms(0);
	end_signals(&set);
	pfd[0].fd = signalfd(-1, &set, SFD_CLOEXEC);
	pfd[1].fd = db_fd(db);
	if (pfd[0].fd == -1)
		return pause_ms(ms);
	(void)poll(pfd, 2, ms);
	ends = (pfd[0].revents & POLLIN) != 0;
	close(pfd[0].fd);
	notices_take(db);
	return ends;
}

/*
 * Once on each connection; the round that follows finds what was queued before
 * it.
 */
static int
listen_once(struct rounds *r, struct err *e)
{
	if (r->job->listen == NULL ||
	    r->listens == db_generation(r->w->db))
		return 0;
	r->listens = 0;
	if (r->job->listen(r->w->db, e) == -1)
		return -1;
	r->listens = db_generation(r->w->db);
	return 0;
}

/*
 * Not after each round: that would be a write a second for a figure that
 * nobody reads so often.
 */
static int
success(struct rounds *r, struct err *e)
{
	if (r->noted_until > clock_mono_ms())
		return 0;
	r->noted_until = clock_mono_ms() + SUCCESS_MS;
	return success_note(r->w->db, r->job->name, e);
}

static int
round_run(struct rounds *r, int open_ms, int *next_ms, struct err *e)
{
	if (db_open(r->w->db, open_ms, e) == -1 ||
	    listen_once(r, e) == -1 ||
	    r->job->round(r->w, next_ms, e) == -1)
		return -1;
	return success(r, e);
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
go_on(const struct rounds *r, int64_t end, int next_ms)
{
	int	left = clock_left_ms(end);

	if (next_ms > LOOK_MS)
		next_ms = LOOK_MS;
	if (next_ms > left)
		next_ms = left;
	if (left <= 0)
		return false;
	if (r->listens != 0 ? pause_listening(r->w->db, next_ms) :
	    pause_ms(next_ms))
		return false;
	return clock_left_ms(end) > 0;
}

/*
 * The exit status is that of the last round: what went wrong and then right is
 * nobody's concern.
 */
int
rounds_run(struct worker *w, const struct job *job, int seconds)
{
	struct rounds	r = { .w = w, .job = job, .told = ERR_INIT };
	int64_t		end = clock_mono_ms() + seconds * 1000LL;
	int		open_ms = seconds > 0 ? LOOK_MS : OPEN_MS;
	struct err	e = ERR_INIT;
	int		next_ms;

	do {
		err_clear(&e);
		if (round_run(&r, open_ms, &next_ms, &e) == -1) {
			next_ms = LOOK_MS;
			tell(&e, &r.told);
		} else if (r.told.code != ERR_NONE) {
			log_info("works again");
			err_clear(&r.told);
		}
	} while (go_on(&r, end, next_ms));
	return err_exit(e.code);
}
