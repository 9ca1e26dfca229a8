/*
 * Reads such a file, and finds what is mistyped before anything is done.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "cluster_file.h"

#include <assert.h>
#include <string.h>

#include "api.h"
#include "base/nearest.h"
#include "proto/url.h"

static const char *const backend_members[] = { "bbb", "admin_state",
	"load_factor", "meetings_cap", "users_cap", "settings", NULL };
static const char *const frontend_members[] = { "bbb", "active",
	"account_ref", "hosts", "bare_path", "settings", NULL };

static const struct kind kinds[KIND__MAX] = {
	[KIND_BACKEND] = { KIND_BACKEND, "backends", "backend", "/backends",
	    "bbb.host", backend_members },
	[KIND_FRONTEND] = { KIND_FRONTEND, "frontends", "frontend",
	    "/frontends", "bbb.key", frontend_members },
};

const struct kind *
kind_get(int i)
{
	assert(i >= 0 && i < KIND__MAX);
	return &kinds[i];
}

json_t *
kind_find(const json_t *list, const struct kind *k, const char *name,
    size_t from)
{
	size_t	i;

	for (i = from; i < json_array_size(list); i++)
		if (strcmp(api_str(json_array_get(list, i), k->name),
		    name) == 0)
			return json_array_get(list, i);
	return NULL;
}

/* A member given twice is a mistake: one of the two would silently lose. */
static int
read_file(struct ctl *c, json_t **out, struct err *e)
{
	const char	*path = c->opt[OPT_FILE];
	json_error_t	 je;

	if (strcmp(path, "-") == 0)
		*out = json_loadf(stdin, JSON_REJECT_DUPLICATES, &je);
	else
		*out = json_load_file(path, JSON_REJECT_DUPLICATES, &je);
	if (*out == NULL && je.line > 0)
		return err_set(e, ERR_INPUT, "%s:%d: %s", path, je.line,
		    je.text);
	if (*out == NULL)
		return err_set(e, ERR_INPUT, "%s", je.text);
	return 0;
}

/* Is the name one of these?  Else the nearest of them is named. */
static int
check_name(const char *name, const char *const *known, const char *where,
    struct err *e)
{
	struct nearest	near;

	nearest_begin(&near, name, strlen(name));
	for (; *known != NULL; known++) {
		if (strcmp(*known, name) == 0)
			return 0;
		nearest_try(&near, *known, strlen(*known));
	}
	if (near.best != NULL)
		return err_set(e, ERR_INPUT,
		    "%s: unknown member '%s': did you mean '%s'?", where,
		    name, near.best);
	return err_set(e, ERR_INPUT, "%s: unknown member '%s'", where, name);
}

/* The server keeps an address in one form: so that the two can be compared. */
static int
normalise(struct ctl *c, const struct kind *k, json_t *entry,
    const char *where, struct err *e)
{
	char	*url;

	if (k->no != KIND_BACKEND)
		return 0;
	if (url_backend(c->arena, api_str(entry, "bbb.host"), &url, e) == -1)
		return err_note(e, "%s: bbb.host", where);
	json_object_set_new(json_object_get(entry, "bbb"), "host",
	    json_string(url));
	return 0;
}

static int
check_entry(struct ctl *c, const struct kind *k, json_t *entry, size_t i,
    struct err *e)
{
	static const char *const	bbb[KIND__MAX][3] = {
		[KIND_BACKEND] = { "host", "secret" },
		[KIND_FRONTEND] = { "key", "secret" },
	};
	const char			*where, *name;
	json_t				*value;

	where = arena_printf(c->arena, "%s: %s[%zu]", c->opt[OPT_FILE],
	    k->list, i);
	if (!json_is_object(entry))
		return err_set(e, ERR_INPUT, "%s: no object", where);
	json_object_foreach(entry, name, value)
		if (check_name(name, k->members, where, e) == -1)
			return -1;
	json_object_foreach(json_object_get(entry, "bbb"), name, value)
		if (check_name(name, bbb[k->no], where, e) == -1)
			return -1;
	if (api_str(entry, k->name)[0] == '\0')
		return err_set(e, ERR_INPUT, "%s: %s is missing", where,
		    k->name);
	return normalise(c, k, entry, where, e);
}

static int
check_list(struct ctl *c, const struct kind *k, const json_t *list,
    struct err *e)
{
	const char	*name;
	json_t		*entry;
	size_t		 i;

	if (list != NULL && !json_is_array(list))
		return err_set(e, ERR_INPUT, "%s: %s is no list",
		    c->opt[OPT_FILE], k->list);
	json_array_foreach(list, i, entry)
		if (check_entry(c, k, entry, i, e) == -1)
			return -1;
	json_array_foreach(list, i, entry) {
		name = api_str(entry, k->name);
		if (kind_find(list, k, name, i + 1) != NULL)
			return err_set(e, ERR_INPUT,
			    "%s: the %s %s stands there twice",
			    c->opt[OPT_FILE], k->noun, name);
	}
	return 0;
}

/* All that can be wrong without asking the server, before it is asked. */
static int
check_file(struct ctl *c, const json_t *file, struct err *e)
{
	static const char *const	known[] = { "backends", "frontends",
					    NULL };
	const char			*name;
	json_t				*value;
	int				 k;

	if (!json_is_object(file))
		return err_set(e, ERR_INPUT, "%s: no object",
		    c->opt[OPT_FILE]);
	json_object_foreach((json_t *)file, name, value)
		if (check_name(name, known, c->opt[OPT_FILE], e) == -1)
			return -1;
	for (k = 0; k < KIND__MAX; k++)
		if (check_list(c, &kinds[k], json_object_get(file,
		    kinds[k].list), e) == -1)
			return -1;
	return 0;
}

int
cluster_file_read(struct ctl *c, json_t **out, struct err *e)
{
	if (read_file(c, out, e) == -1)
		return -1;
	return check_file(c, *out, e);
}
