/*
 * Backends and frontends by the names that admins give them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "base/nearest.h"
#include "cmds.h"
#include "diff.h"
#include "proto/url.h"

/* The only one of a list, or NULL. */
static json_t *
take_first(json_t *list)
{
	json_t	*row = json_incref(json_array_get(list, 0));

	json_decref(list);
	return row;
}

/* The nearest of all names, for who mistyped one. */
static int
not_found(struct ctl *c, const char *path, const char *member,
    const char *name, struct err *e)
{
	const char	*noun = path[1] == 'b' ? "backend" : "frontend", *s;
	struct nearest	 near;
	struct err	 ignored = ERR_INIT;
	json_t		*list = NULL, *row;
	size_t		 i;

	nearest_begin(&near, name, strlen(name));
	if (api_list(c, path, &list, &ignored) == 0)
		json_array_foreach(list, i, row) {
			s = api_str(row, member);
			nearest_try(&near, s, strlen(s));
		}
	if (near.best != NULL)
		err_set(e, ERR_MISSING,
		    "there is no %s %s: did you mean %s?", noun, name,
		    near.best);
	else
		err_set(e, ERR_MISSING, "there is no %s %s: " CTL_NAME
		    " show %ss lists all", noun, name, noun);
	json_decref(list);
	return -1;
}

/* 0 also if there is none: *out is NULL then. */
static int
find(struct ctl *c, const char *query, json_t **out, struct err *e)
{
	json_t	*list = NULL;

	if (api_list(c, query, &list, e) == -1)
		return -1;
	*out = take_first(list);
	return 0;
}

/* As it was typed, then as the server would write it. */
int
backend_by_host(struct ctl *c, const char *host, json_t **out, struct err *e)
{
	struct err	 ignored = ERR_INIT;
	char		*url;

	*out = NULL;
	if (find(c, arena_printf(c->arena, "/backends?host=%s",
	    api_query(c, host)), out, e) == -1)
		return -1;
	if (*out == NULL && url_backend(c->arena, host, &url, &ignored) == 0 &&
	    strcmp(url, host) != 0 && find(c, arena_printf(c->arena,
	    "/backends?host=%s", api_query(c, url)), out, e) == -1)
		return -1;
	if (*out == NULL)
		return not_found(c, "/backends", "bbb.host", host, e);
	return 0;
}

int
frontend_by_key(struct ctl *c, const char *key, json_t **out, struct err *e)
{
	*out = NULL;
	if (find(c, arena_printf(c->arena, "/frontends?key=%s",
	    api_query(c, key)), out, e) == -1)
		return -1;
	if (*out == NULL)
		return not_found(c, "/frontends", "bbb.key", key, e);
	return 0;
}

int
opts_read(struct ctl *c, json_t **out, struct err *e)
{
	const char	*text = c->opt[OPT_OPTS];
	json_error_t	 je;

	*out = NULL;
	if (text == NULL)
		return 0;
	if ((*out = json_loads(text, 0, &je)) == NULL)
		return err_set(e, ERR_INPUT, "--opts is no JSON: %s (at %d)",
		    je.text, je.position);
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	return err_set(e, ERR_INPUT,
	    "--opts is no JSON object, like '{\"tags\":[\"big\"]}'");
}

/* --dry stops here, so that all that was read and checked before is real. */
int
record_patch(struct ctl *c, const char *path, const json_t *record,
    const json_t *patch, struct err *e)
{
	if (c->opt[OPT_DRY] != NULL)
		return 0;
	return api_call(c, "PATCH", arena_printf(c->arena, "%s%s", path,
	    api_path(c, api_str(record, "id"))), patch, NULL, e);
}

/*
 * Only what differs is sent, so that a second admin's change of another member
 * stays.
 */
int
record_change(struct ctl *c, const char *noun, const json_t *record,
    const json_t *opts, struct err *e)
{
	struct buf	 text = { 0 };
	json_t		*want = json_object(), *patch;
	int		 rc = CTL_UNCHANGED;

	if (opts != NULL)
		json_object_set(want, "settings", (json_t *)opts);
	if (c->opt[OPT_SECRET] != NULL)
		json_object_set_new(want, "bbb", json_pack("{s:s}", "secret",
		    c->opt[OPT_SECRET]));
	patch = diff_make(want, record, false, &text);
	if (patch == NULL)
		puts("no changes");
	else if ((rc = record_patch(c, arena_printf(c->arena, "/%ss/", noun),
	    record, patch, e)) == 0)
		printf("updated %s\n%s", noun, buf_str(&text));
	json_decref(patch);
	json_decref(want);
	buf_free(&text);
	return rc;
}
