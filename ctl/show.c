/*
 * Lists and single records, as most commands show them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "api.h"
#include "cmds.h"

const char *
api_filtered(struct ctl *c, const char *path, const struct api_filter *f,
    size_t n)
{
	char	sep = '?';
	size_t	i;

	for (i = 0; i < n; i++)
		if (c->opt[f[i].opt] != NULL) {
			path = arena_printf(c->arena, "%s%c%s=%s", path, sep,
			    f[i].name, api_query(c, c->opt[f[i].opt]));
			sep = '&';
		}
	return path;
}

int
list_print(struct ctl *c, const char *path, const struct record *r,
    const char *columns, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*list = NULL;

	if (c->status == NULL && api_open(c, e) == -1)
		return -1;
	if (api_list(c, path, &list, e) == -1)
		return -1;
	out_write(&b, c->form, r, columns, list);
	out_flush(&b);
	json_decref(list);
	return 0;
}

int
one_missing(const struct ctl *c, const char *noun, struct err *e)
{
	return err_set(e, ERR_MISSING, "there is no %s %s: " CTL_NAME
	    " %ss list shows the ids", noun, c->args[0], noun);
}

int
one_print(struct ctl *c, const char *path, const char *noun,
    const struct record *r, const char *columns, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*row = NULL;

	if (api_open(c, e) == -1)
		return -1;
	if (api_get(c, path, &row, e) == -1)
		return e->code == ERR_MISSING ? one_missing(c, noun, e) : -1;
	out_write(&b, c->form == OUT_DEFAULT ? OUT_KEYVALUE : c->form, r,
	    columns, row);
	out_flush(&b);
	json_decref(row);
	return 0;
}
