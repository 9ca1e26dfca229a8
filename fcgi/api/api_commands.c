/*
 * What jobs are asked to do, by the API.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "store/commands.h"
#include "store/db.h"

/* From now on; a drain has its own. */
#define DEADLINE_S	"120"

static struct api_resource
resource(void)
{
	return (struct api_resource){ command_record(), NULL };
}

static int
check_state(struct api *c, const char *state)
{
	if (state == NULL || strcmp(state, "requested") == 0 ||
	    strcmp(state, "success") == 0 || strcmp(state, "error") == 0)
		return 0;
	return api_fault(c, "state", "must be requested, success or error");
}

int
api_commands_list(struct api *c, struct err *e)
{
	const struct api_resource	 res = resource();
	const char			*state, *limit, *offset;
	struct api_list			*l;

	if (api_param(c, "state", &state) == -1 ||
	    check_state(c, state) == -1 ||
	    api_param_count(c, "limit", &limit) == -1 ||
	    api_param_count(c, "offset", &offset) == -1)
		return -1;
	l = api_list_begin(c, &res);
	return api_list_end(l, commands_search(c->w->db, state, limit,
	    offset, api_list_row, l, e));
}

int
api_commands_show(struct api *c, struct err *e)
{
	const struct api_resource	res = resource();

	return api_one(c, &res, commands_show(c->w->db, c->args[0], e), e);
}

/* The others have a call of their own, or are the jobs' own. */
static bool
allowed(const char *action)
{
	static const char *const actions[] = { "drain", "end_all_meetings",
	    "update_node_state" };
	size_t	i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (action != NULL && strcmp(actions[i], action) == 0)
			return true;
	return false;
}

static int
read_new(struct api *c, struct commands_new *cmd, struct err *e)
{
	json_t	*in, *params;
	int	 rc = 0;

	if (api_input(c, command_record(), &in, e) == -1)
		return -1;
	cmd->action = json_string_value(json_object_get(in, "action"));
	params = json_object_get(in, "params");
	if (!allowed(cmd->action))
		rc = api_fault(c, "action", "this action is not allowed");
	else if (!json_is_object(params))
		rc = api_fault(c, "params", "must be an object");
	else {
		cmd->action = arena_strdup(c->arena, cmd->action);
		cmd->params = api_doc(c, params);
	}
	json_decref(in);
	return rc;
}

int
api_commands_add(struct api *c, struct err *e)
{
	const struct api_resource	 res = resource();
	struct commands_new		 cmd = { .who = api_who(c),
					    .deadline_s = DEADLINE_S };
	struct rows			*r;

	if (read_new(c, &cmd, e) == -1 ||
	    (r = commands_add(c->w->db, &cmd, e)) == NULL)
		return -1;
	if (rows_len(r) == 0) {
		rows_free(r);
		return err_set(e, ERR_INTERNAL, "a new command is gone");
	}
	api_record(c, 202, &res, r, 0);
	rows_free(r);
	return 0;
}
