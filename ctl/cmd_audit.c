/*
 * The trace of changes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "api.h"
#include "base/str.h"
#include "cmds.h"
#include "proto/resource.h"
#include "span.h"

#define LAST	100			/* shown if nothing is searched for */
#define PAGE	1000			/* the server's most at a time */
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

/* How many are wanted; a search finds all that there are. */
static int
read_limit(const struct ctl *c, long long *limit, struct err *e)
{
	const char	*text = c->opt[OPT_LIMIT];
	bool		 search = c->opt[OPT_ACTOR] != NULL ||
			    c->opt[OPT_ACTION] != NULL ||
			    c->opt[OPT_RESOURCE] != NULL ||
			    c->opt[OPT_ID] != NULL ||
			    c->opt[OPT_SINCE] != NULL ||
			    c->opt[OPT_UNTIL] != NULL;

	*limit = search ? LLONG_MAX : LAST;
	if (text != NULL && (str_to_ll(text, limit) == -1 || *limit < 0))
		return err_set(e, ERR_INPUT, "--limit is a whole number, not"
		    " '%s'", text);
	return 0;
}

/* Meanwhile others may have been written: what is there is not added. */
static long long
add_page(json_t *all, const json_t *page, long long below)
{
	json_t		*row;
	size_t		 i;
	long long	 id;

	json_array_foreach(page, i, row) {
		id = json_integer_value(json_member(row, "id"));
		if (id < below) {
			json_array_append(all, row);
			below = id;
		}
	}
	return below;
}

/* The server gives so many at a time. */
static int
read_pages(struct ctl *c, const char *path, long long limit, json_t *all,
    struct err *e)
{
	json_t		*page;
	long long	 offset = 0, below = LLONG_MAX, n = PAGE, left;
	char		 sep = strchr(path, '?') == NULL ? '?' : '&';

	while (n == PAGE && (left = limit - (long long)json_array_size(all))
	    > 0) {
		page = NULL;
		if (api_list(c, arena_printf(c->arena,
		    "%s%climit=%lld&offset=%lld", path, sep,
		    left < PAGE ? left : PAGE, offset), &page, e) == -1)
			return -1;
		n = (long long)json_array_size(page);
		offset += n;
		below = add_page(all, page, below);
		json_decref(page);
	}
	return 0;
}

static int
print(struct ctl *c, long long limit, struct err *e)
{
	static const struct api_filter	filters[] = {
		{ OPT_ACTOR, "actor" }, { OPT_ACTION, "action" },
		{ OPT_RESOURCE, "resource" }, { OPT_ID, "resource_id" },
		{ OPT_SINCE, "since" }, { OPT_UNTIL, "until" },
	};
	struct buf	 b = { 0 };
	json_t		*all = json_array();
	int		 rc;

	rc = read_pages(c, api_filtered(c, "/audit", filters,
	    sizeof(filters) / sizeof(filters[0])), limit, all, e);
	if (rc == 0)
		out_write(&b, c->form, audit_record(), COLUMNS, all);
	out_flush(&b);
	json_decref(all);
	return rc;
}

int
cmd_audit(struct ctl *c, struct err *e)
{
	long long	limit;

	if (check(c, e) == -1 || api_open(c, e) == -1)
		return -1;
	if ((c->opt[OPT_FRONTEND] != NULL || c->opt[OPT_BACKEND] != NULL) &&
	    name_resource(c, e) == -1)
		return -1;
	if (c->opt[OPT_SINCE] != NULL)
		c->opt[OPT_SINCE] = span_time(c, c->opt[OPT_SINCE]);
	if (c->opt[OPT_UNTIL] != NULL)
		c->opt[OPT_UNTIL] = span_time(c, c->opt[OPT_UNTIL]);
	return read_limit(c, &limit, e) == -1 ? -1 : print(c, limit, e);
}
