/*
 * Looks again and again, close at first, then further apart.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "wait.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "base/clock.h"

/* A tenth of what was waited already. */
#define PAUSE_MS	500
#define PAUSE_MAX_MS	5000
/* A server that is started anew is away that long at most. */
#define AWAY_MS		60000

struct wait {
	/* 1: it is over; 0: not yet; -1. */
	int		(*look)(struct ctl *, struct wait *, struct err *);
	const char	*command;	/* paths of the API */
	const char	*backend;
	json_t		*end;		/* the command's last state, or NULL */
	int64_t		 since_ms;
	int64_t		 heard_ms;	/* when the server answered last */
	bool		 tty;
};

static void
tell(const struct wait *w, const json_t *backend)
{
	char	text[41];

	if (!w->tty)
		return;
	snprintf(text, sizeof(text), "meetings left: %lld",
	    (long long)json_integer_value(json_member(backend,
	    "meetings_count")));
	fprintf(stderr, "\r%-40s", text);
}

static void
rest(const struct wait *w)
{
	int64_t		ms = (clock_mono_ms() - w->since_ms) / 10;
	struct timespec	pause;

	if (ms < PAUSE_MS)
		ms = PAUSE_MS;
	if (ms > PAUSE_MAX_MS)
		ms = PAUSE_MAX_MS;
	pause.tv_sec = ms / 1000;
	pause.tv_nsec = ms % 1000 * 1000000;
	nanosleep(&pause, NULL);
}

static int
until_over(struct ctl *c, struct wait *w, struct err *e)
{
	struct ctl	one = *c;
	int		rc;

	w->since_ms = w->heard_ms = clock_mono_ms();
	w->tty = isatty(STDERR_FILENO);
	for (;;) {
		/* Each look gives its memory back: this may take days. */
		one.arena = arena_new();
		rc = w->look(&one, w, e);
		c->client = one.client;
		arena_free(one.arena);
		if (rc == -1 && e->code == ERR_BACKEND &&
		    clock_mono_ms() - w->heard_ms <= AWAY_MS) {
			err_clear(e);
			rc = 0;
		} else
			w->heard_ms = clock_mono_ms();
		if (rc != 0)
			break;
		rest(w);
	}
	if (w->tty)
		fprintf(stderr, "\r%-40s\r", "");
	return rc == 1 ? 0 : -1;
}

static const char *
path_of(struct ctl *c, const char *list, const json_t *row)
{
	return arena_printf(c->arena, "%s/%s", list, api_path(c,
	    api_str(row, "id")));
}

/* ---- a command */

static int
look_command(struct ctl *c, struct wait *w, struct err *e)
{
	struct err	 ignored = ERR_INIT;
	json_t		*backend = NULL;
	const char	*state;

	json_decref(w->end);
	w->end = NULL;
	if (api_get(c, w->command, &w->end, e) == -1)
		return -1;
	state = api_str(w->end, "state");
	if (strcmp(state, "success") == 0 || strcmp(state, "error") == 0)
		return 1;
	if (w->tty && api_get(c, w->backend, &backend, &ignored) == 0)
		tell(w, backend);
	json_decref(backend);
	return 0;
}

int
wait_command(struct ctl *c, const json_t *command, const json_t *backend,
    json_t **out, struct err *e)
{
	struct wait	w = { .look = look_command,
			    .command = path_of(c, "/commands", command),
			    .backend = path_of(c, "/backends", backend) };
	int		rc = until_over(c, &w, e);

	*out = w.end;
	return rc;
}

/* ---- a backend that is to go */

static int
look_gone(struct ctl *c, struct wait *w, struct err *e)
{
	json_t	*row = NULL;
	int	 rc = 0;

	if (api_get(c, w->backend, &row, e) == -1)
		return e->code == ERR_MISSING ? 1 : -1;
	if (strcmp(api_str(row, "admin_state"), "decommissioned") != 0)
		rc = err_set(e, ERR_CONFLICT, "%s stays: it is %s again",
		    api_str(row, "bbb.host"), api_str(row, "admin_state"));
	else
		tell(w, row);
	json_decref(row);
	return rc;
}

int
wait_gone(struct ctl *c, const json_t *backend, struct err *e)
{
	struct wait	w = { .look = look_gone,
			    .backend = path_of(c, "/backends", backend) };

	if (until_over(c, &w, e) == -1)
		return -1;
	err_clear(e);
	return 0;
}
