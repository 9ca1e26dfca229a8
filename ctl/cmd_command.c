/*
 * Commands for the queue of what jobs are asked to do, and waiting for one.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "base/clock.h"
#include "cmds.h"
#include "proto/resource.h"

#define COLUMNS	"id state action params created_at stopped_at result"

/* Looks are close at first, then a tenth of what was waited apart. */
#define PAUSE_MS	500
#define PAUSE_MAX_MS	5000
/* A server that is started anew is away that long at most. */
#define AWAY_MS		60000

int
cmd_command_list(struct ctl *c, struct err *e)
{
	static const struct api_filter	filters[] = {
		{ OPT_STATE, "state" }
	};

	return list_print(c, api_filtered(c, "/commands", filters, 1),
	    command_record(), COLUMNS, e);
}

int
cmd_command_show(struct ctl *c, struct err *e)
{
	return one_print(c, arena_printf(c->arena, "/commands/%s",
	    api_path(c, c->args[0])), "command", command_record(), COLUMNS,
	    e);
}

/* ---- waiting, which a terminal is told of */

struct wait {
	const char	*command;	/* paths of the API */
	const char	*backend;
	int64_t		 since_ms;
	int64_t		 heard_ms;	/* when the server answered last */
	bool		 tty;
};

static bool
is_done(const json_t *command)
{
	const char	*state = api_str(command, "state");

	return strcmp(state, "success") == 0 || strcmp(state, "error") == 0;
}

static void
tell(struct ctl *c, const struct wait *w)
{
	struct err	 ignored = ERR_INIT;
	json_t		*row = NULL;

	if (!w->tty)
		return;
	if (api_get(c, w->backend, &row, &ignored) == 0)
		fprintf(stderr, "\r%-40s", arena_printf(c->arena,
		    "meetings left: %lld", json_integer_value(json_member(row,
		    "meetings_count"))));
	json_decref(row);
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

/* 1: *out is how it ended; 0: not yet. */
static int
look(struct ctl *c, struct wait *w, json_t **out, struct err *e)
{
	if (api_get(c, w->command, out, e) == -1) {
		if (e->code != ERR_BACKEND ||
		    clock_mono_ms() - w->heard_ms > AWAY_MS)
			return -1;
		err_clear(e);
		return 0;
	}
	w->heard_ms = clock_mono_ms();
	if (is_done(*out))
		return 1;
	json_decref(*out);
	*out = NULL;
	tell(c, w);
	return 0;
}

int
command_await(struct ctl *c, const json_t *command, const json_t *backend,
    json_t **out, struct err *e)
{
	struct ctl	one = *c;
	struct wait	w = { .since_ms = clock_mono_ms(),
			    .heard_ms = clock_mono_ms(),
			    .tty = isatty(STDERR_FILENO) };
	int		rc;

	w.command = arena_printf(c->arena, "/commands/%s", api_path(c,
	    api_str(command, "id")));
	w.backend = arena_printf(c->arena, "/backends/%s", api_path(c,
	    api_str(backend, "id")));
	for (;;) {
		/* Each look gives its memory back: this may take days. */
		one.arena = arena_new();
		rc = look(&one, &w, out, e);
		c->client = one.client;
		arena_free(one.arena);
		if (rc != 0)
			break;
		rest(&w);
	}
	if (w.tty)
		fprintf(stderr, "\r%-40s\r", "");
	return rc == 1 ? 0 : -1;
}

int
command_ask(struct ctl *c, const char *action, json_t *params, json_t **out,
    struct err *e)
{
	json_t	*doc = json_pack("{s:s,s:o}", "action", action, "params",
		    params);
	int	 rc = api_call(c, "POST", "/commands", doc, out, e);

	json_decref(doc);
	return rc;
}
