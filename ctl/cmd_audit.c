/*
 * The trace of changes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "api.h"
#include "cmds.h"
#include "proto/resource.h"
#include "span.h"

#define COLUMNS	"at actor role action resource name changes"

/* A frontend or backend that is there still is what its name says. */
static int
name_resource(struct ctl *c, struct err *e)
{
	json_t	*row = NULL;

	if (c->opt[OPT_FRONTEND] != NULL) {
		if (frontend_by_key(c, c->opt[OPT_FRONTEND], &row, e) == -1)
			return -1;
		c->opt[OPT_RESOURCE] = "frontend";
	} else {
		if (backend_by_host(c, c->opt[OPT_BACKEND], &row, e) == -1)
			return -1;
		c->opt[OPT_RESOURCE] = "backend";
	}
	c->opt[OPT_ID] = arena_strdup(c->arena, api_str(row, "id"));
	json_decref(row);
	return 0;
}

static int
check(const struct ctl *c, struct err *e)
{
	int	n = (c->opt[OPT_FRONTEND] != NULL) +
		    (c->opt[OPT_BACKEND] != NULL) +
		    (c->opt[OPT_RESOURCE] != NULL || c->opt[OPT_ID] != NULL);

	return n <= 1 ? 0 : err_set(e, ERR_INPUT, "'audit' takes one of"
	    " --frontend, --backend, and --resource with --id");
}

int
cmd_audit(struct ctl *c, struct err *e)
{
	static const struct api_filter	filters[] = {
		{ OPT_ACTOR, "actor" }, { OPT_ACTION, "action" },
		{ OPT_RESOURCE, "resource" }, { OPT_ID, "resource_id" },
		{ OPT_SINCE, "since" }, { OPT_UNTIL, "until" },
		{ OPT_LIMIT, "limit" },
	};

	if (check(c, e) == -1 || api_open(c, e) == -1)
		return -1;
	if ((c->opt[OPT_FRONTEND] != NULL || c->opt[OPT_BACKEND] != NULL) &&
	    name_resource(c, e) == -1)
		return -1;
	if (c->opt[OPT_SINCE] != NULL)
		c->opt[OPT_SINCE] = span_time(c, c->opt[OPT_SINCE]);
	if (c->opt[OPT_UNTIL] != NULL)
		c->opt[OPT_UNTIL] = span_time(c, c->opt[OPT_UNTIL]);
	return list_print(c, api_filtered(c, "/audit", filters,
	    sizeof(filters) / sizeof(filters[0])), audit_record(), COLUMNS,
	    e);
}
