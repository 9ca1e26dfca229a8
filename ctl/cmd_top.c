/*
 * The live view: the terminal is taken over, and given back whatever happens.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "base/clock.h"
#include "base/str.h"
#include "cmds.h"
#include "top.h"

#define INTERVAL_S	2
#define INTERVAL_MAX_S	3600
#define ENTER		"\033[?1049h\033[?25l"	/* another screen, no cursor */
#define LEAVE		"\033[?25h\033[?1049l"

static volatile sig_atomic_t	ended, resized;

static void
on_end(int sig)
{
	ended = sig;
}

static void
on_resize(int sig)
{
	(void)sig;
	resized = 1;
}

/* Past stdio: a signal must not find half a screen in a buffer. */
static void
put(const char *p, size_t len)
{
	ssize_t	n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = write(STDOUT_FILENO, p, len)) == -1) {
			if (errno != EINTR)
				return;
			n = 0;
		}
}

/* What does not tell is taken for the classic terminal. */
static void
measure(struct top *t)
{
	struct winsize	w;

	t->rows = 24;
	t->cols = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 &&
	    w.ws_col > 0) {
		t->rows = w.ws_row;
		t->cols = w.ws_col;
	}
}

static void
draw(struct top *t)
{
	struct buf	b = { 0 };

	resized = 0;
	measure(t);
	top_draw(t, &b);
	put(buf_str(&b), b.len);
	buf_free(&b);
}

/* Each look gives its memory back: this may run for days. */
static void
look(struct ctl *c, struct top *t, struct err *e)
{
	static int64_t	 last;
	int64_t		 now;
	json_t		*list = NULL;
	struct ctl	 one = *c;

	one.arena = arena_new();
	err_clear(e);
	if (api_list(&one, "/backends", &list, e) == 0) {
		now = clock_mono_ms();
		json_decref(t->before);
		t->before = t->now;
		t->now = list;
		t->seconds = (double)(now - last) / 1000;
		last = now;
	}
	t->error = e->text[0] != '\0' ? e->text : NULL;
	arena_free(one.arena);
}

/*
 * Until the next look is due; false: the user has seen enough.  Signals come
 * through here alone: one that came just before the wait would be heard at its
 * end, and that may be an hour away.
 */
static bool
await(struct top *t, int64_t until, const sigset_t *open)
{
	struct pollfd	p = { STDIN_FILENO, POLLIN, 0 };
	struct timespec	ts;
	char		key;
	int		ms;

	while (ended == 0 && (ms = clock_left_ms(until)) > 0) {
		if (resized != 0)
			draw(t);
		ts.tv_sec = ms / 1000;
		ts.tv_nsec = ms % 1000 * 1000000L;
		if (ppoll(&p, 1, &ts, open) <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' ||
		    key == 'Q' || key == 3)
			return false;
	}
	return ended == 0;
}

static void
watch(struct ctl *c, int interval_ms, const sigset_t *open, struct err *e)
{
	struct top	t = { .url = c->url };
	int64_t		until;

	do {
		until = clock_mono_ms() + interval_ms;
		look(c, &t, e);
		draw(&t);
	} while (await(&t, until, open));
	json_decref(t.now);
	json_decref(t.before);
}

static int
read_interval(const struct ctl *c, int *ms, struct err *e)
{
	const char	*s = c->opt[OPT_INTERVAL];
	long long	 n = INTERVAL_S;

	if (s != NULL && (str_to_ll(s, &n) == -1 || n < 1 ||
	    n > INTERVAL_MAX_S))
		return err_set(e, ERR_INPUT,
		    "--interval is 1 to %d seconds, not '%s'",
		    INTERVAL_MAX_S, s);
	*ms = (int)n * 1000;
	return 0;
}

/* They are blocked from now on; open is the mask under which they come. */
static void
catch_signals(sigset_t *open)
{
	static const int	ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction	end = { .sa_handler = on_end };
	struct sigaction	resize = { .sa_handler = on_resize };
	sigset_t		set;
	size_t			i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaction(ends[i], &end, NULL);
		sigaddset(&set, ends[i]);
	}
	sigaction(SIGWINCH, &resize, NULL);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, open);
}

/* No colours are used, only what each terminal of today can do. */
static bool
can_draw(void)
{
	const char	*term = getenv("TERM");

	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

int
cmd_top(struct ctl *c, struct err *e)
{
	struct termios	 old, raw;
	struct err	 last = ERR_INIT;
	sigset_t	 open;
	int		 ms = 0;

	if (read_interval(c, &ms, e) == -1)
		return -1;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &old) == -1)
		return err_set(e, ERR_INPUT, "top needs a terminal; elsewhere"
		    " use: " CTL_NAME " show backends");
	if (!can_draw())
		return err_set(e, ERR_INPUT, "top cannot draw on this"
		    " terminal (TERM); elsewhere use: " CTL_NAME
		    " show backends");
	if (api_open(c, e) == -1)
		return -1;
	raw = old;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	catch_signals(&open);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	put(ENTER, sizeof(ENTER) - 1);
	watch(c, ms, &open, &last);
	tcsetattr(STDIN_FILENO, TCSANOW, &old);
	put(LEAVE, sizeof(LEAVE) - 1);
	return 0;
}
