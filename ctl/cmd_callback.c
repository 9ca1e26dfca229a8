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
path_of(struct ctl *c, const char *id, const char *verb)
{
	return arena_printf(c->arena, "/callbacks/%s%s", api_path(c, id),
	    verb);
}

int
cmd_callback_show(struct ctl *c, struct err *e)
{
	return one_print(c, path_of(c, c->args[0], ""), "callback",
	    callback_record(), COLUMNS, e);
}

static int
retry_one(struct ctl *c, const char *id, struct err *e)
{
	if (api_call(c, "POST", path_of(c, id, "/retry"), NULL, NULL,
	    e) == -1)
		return e->code == ERR_MISSING ? -1 :
		    err_note(e, "callback %s", id);
	printf("callback %s is due now\n", id);
	return 0;
}

/* What was given up of a frontend's; it may be delivered or gone meanwhile. */
static int
retry_failed(struct ctl *c, const char *key, struct err *e)
{
	json_t		*list = NULL, *row;
	size_t		 i, n = 0;
	int		 rc;

	if (frontend_by_key(c, key, &row, e) == -1)
		return -1;
	json_decref(row);
	rc = api_list(c, arena_printf(c->arena,
	    "/callbacks?state=failed&frontend_key=%s", api_query(c, key)),
	    &list, e);
	json_array_foreach(list, i, row) {
		rc = retry_one(c, arena_printf(c->arena, "%lld",
		    (long long)json_integer_value(json_member(row, "id"))),
		    e);
		if (rc == -1 && e->code != ERR_MISSING &&
		    e->code != ERR_CONFLICT)
			break;
		n += rc == 0;
		err_clear(e);
		rc = 0;
	}
	json_decref(list);
	if (rc == 0 && n == 0) {
		puts("no changes");
		rc = CTL_UNCHANGED;
	}
	return rc;
}

int
cmd_callback_retry(struct ctl *c, struct err *e)
{
	const char	*key = c->opt[OPT_FRONTEND];
	int		 rc;

	if ((c->nargs > 0) == (key != NULL))
		return err_set(e, ERR_INPUT, "'callbacks retry' wants an id,"
		    " or --frontend <key> for all that failed");
	if (api_open(c, e) == -1)
		return -1;
	if (key != NULL)
		return retry_failed(c, key, e);
	rc = retry_one(c, c->args[0], e);
	if (rc == -1 && e->code == ERR_MISSING)
		return one_missing(c, "callback", e);
	return rc;
}
