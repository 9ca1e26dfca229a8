/*
 * Talks to /dev/tty, whatever the standard input and output are.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_LEN	1024

static volatile sig_atomic_t	interrupted;

static void
on_signal(int sig)
{
	interrupted = sig;
}

/*
 * So that the terminal gets its echo back before the program ends.  They are
 * blocked but while a key is awaited: none may slip in just before that.
 */
struct signals {
	struct sigaction	was[2];
	sigset_t		mask;		/* as it was */
};

static void
signals_catch(struct signals *s)
{
	struct sigaction	act = { .sa_handler = on_signal };
	sigset_t		set;

	interrupted = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &s->mask);
	sigaction(SIGINT, &act, &s->was[0]);
	sigaction(SIGTERM, &act, &s->was[1]);
}

/* What came meanwhile takes effect now, after the terminal is as it was. */
static void
signals_restore(const struct signals *s)
{
	sigaction(SIGINT, &s->was[0], NULL);
	sigaction(SIGTERM, &s->was[1], NULL);
	if (interrupted != 0)
		raise(interrupted);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

/* A line without its end; NULL: none came. */
static char *
read_line(struct arena *a, int fd, const struct signals *s)
{
	struct pollfd	p = { fd, POLLIN, 0 };
	char		line[LINE_MAX_LEN];
	size_t		len = 0;
	bool		whole = false;

	while (!whole && len < sizeof(line)) {
		if (ppoll(&p, 1, NULL, &s->mask) != 1 ||
		    read(fd, line + len, 1) != 1)
			return NULL;
		if (line[len] == '\n')
			whole = true;
		else
			len++;
	}
	return whole ? arena_memdup(a, line, len) : NULL;
}

static void
say(int fd, const char *text)
{
	/* A terminal that is gone says so at the read that follows. */
	if (write(fd, text, strlen(text)) == -1)
		return;
}

/*
 * TCSAFLUSH drops what was typed before the question: nobody has answered it
 * yet.
 */
static char *
converse(struct arena *a, const char *prompt, bool echo, struct err *e)
{
	struct signals	 s;
	struct termios	 old, silent;
	char		*line = NULL;
	int		 fd;

	fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || tcgetattr(fd, &old) == -1) {
		err_set(e, ERR_INPUT, "there is no terminal");
		goto out;
	}
	silent = old;
	if (!echo)
		silent.c_lflag &= ~(tcflag_t)ECHO;
	signals_catch(&s);
	tcsetattr(fd, TCSAFLUSH, &silent);
	say(fd, prompt);
	if ((line = read_line(a, fd, &s)) == NULL)
		err_set(e, ERR_INPUT, "no answer came");
	tcsetattr(fd, TCSAFLUSH, &old);
	if (!echo)
		say(fd, "\n");
	signals_restore(&s);
out:
	if (fd != -1)
		close(fd);
	return line;
}

char *
ask_secret(struct arena *a, const char *prompt, struct err *e)
{
	return converse(a, prompt, false, e);
}

/*
 * Whoever pipes something in cannot mean the answer by it, so that is refused
 * rather than taken for a yes.
 */
/* Its first line; NULL: there is none. */
static char *
piped_secret(struct arena *a)
{
	char	*line = NULL, *copy = NULL;
	size_t	 size = 0;

	if (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		copy = arena_strdup(a, line);
	}
	free(line);
	return copy;
}

int
ask_option(struct ctl *c, struct err *e)
{
	const char	*secret = c->opt[OPT_SECRET];

	if (secret == NULL || strcmp(secret, "-") != 0)
		return 0;
	secret = isatty(STDIN_FILENO) ? ask_secret(c->arena, "Secret: ", e) :
	    piped_secret(c->arena);
	if (secret == NULL || secret[0] == '\0')
		return err_set(e, ERR_INPUT, "--secret -: no secret came");
	c->opt[OPT_SECRET] = secret;
	return 0;
}

int
ask_sure(struct ctl *c, struct err *e, const char *fmt, ...)
{
	va_list	 ap;
	char	*question, *answer;

	if (c->opt[OPT_YES] != NULL)
		return 0;
	va_start(ap, fmt);
	question = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
	if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_INPUT,
		    "%s? Nobody can be asked here: say --yes", question);
	answer = converse(c->arena, arena_printf(c->arena, "%s? [y/N] ",
	    question), true, e);
	if (answer == NULL)
		return -1;
	if (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0)
		return 0;
	return err_set(e, ERR_INPUT, "nothing was done");
}
