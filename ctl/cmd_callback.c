/*
 * Commands for callbacks: what frontends are told, and what went wrong.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "api.h"
#include "cmds.h"
#include "proto/resource.h"

#define COLUMNS	"id frontend_key kind state attempts received_at next_at"\
		" url last_error"

int
cmd_callback_list(struct ctl *c, struct err *e)
{
	static const struct api_filter	filters[] = {
		{ OPT_FRONTEND, "frontend_key" }, { OPT_STATE, "state" },
		{ OPT_LIMIT, "limit" },
	};

	return list_print(c, api_filtered(c, "/callbacks", filters,
	    sizeof(filters) / sizeof(filters[0])), callback_record(),
	    COLUMNS, e);
}

static const char *
path_of(struct ctl *c, const char *verb)
{
	return arena_printf(c->arena, "/callbacks/%s%s",
	    api_path(c, c->args[0]), verb);
}

int
cmd_callback_show(struct ctl *c, struct err *e)
{
	return one_print(c, path_of(c, ""), "callback", callback_record(),
	    COLUMNS, e);
}

int
cmd_callback_retry(struct ctl *c, struct err *e)
{
	const char	*id = c->args[0];

	if (api_open(c, e) == -1)
		return -1;
	if (api_call(c, "POST", path_of(c, "/retry"), NULL, NULL, e) == -1)
		return e->code == ERR_MISSING ? one_missing(c, "callback", e) :
		    err_note(e, "callback %s", id);
	printf("callback %s is due now\n", id);
	return 0;
}
