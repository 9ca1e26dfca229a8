/*
 * Commands for the queue of what jobs are asked to do.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "api.h"
#include "cmds.h"
#include "proto/resource.h"

#define COLUMNS	"id state action params created_at stopped_at result"

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
