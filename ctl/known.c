/*
 * Looks for settings that are mistyped.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "known.h"

#include <stdbool.h>
#include <string.h>

#include "api.h"
#include "base/nearest.h"

/* A list of {"name": ...}; NULL: the server does not tell. */
static const json_t *
known_of(struct ctl *c, const char *noun)
{
	struct err	ignored = ERR_INIT;

	if (strcmp(noun, "backend") == 0) {
		if (c->known_backend == NULL)
			c->known_backend = json_pack("[{s:s}]", "name",
			    "tags");
		return c->known_backend;
	}
	if (c->known_frontend == NULL)
		(void)api_list(c, "/settings", &c->known_frontend, &ignored);
	return c->known_frontend;
}

static int
missing(const json_t *known, const char *where, const char *name,
    struct err *e)
{
	struct nearest	 near;
	const char	*s;
	json_t		*row;
	size_t		 i;

	nearest_begin(&near, name, strlen(name));
	json_array_foreach(known, i, row) {
		s = api_str(row, "name");
		nearest_try(&near, s, strlen(s));
	}
	if (near.best != NULL)
		return err_set(e, ERR_MISSING, "%sthere is no setting %s: did"
		    " you mean %s?", where, name, near.best);
	return err_set(e, ERR_MISSING, "%sthere is no setting %s: " CTL_NAME
	    " settings known lists all", where, name);
}

static bool
holds(const json_t *known, const char *name)
{
	json_t	*row;
	size_t	 i;

	json_array_foreach(known, i, row)
		if (strcmp(api_str(row, "name"), name) == 0)
			return true;
	return false;
}

int
known_check(struct ctl *c, const char *noun, const json_t *settings,
    const char *where, struct err *e)
{
	const json_t	*known = NULL;
	const char	*name;
	json_t		*value;

	json_object_foreach((json_t *)settings, name, value) {
		if (known == NULL && (known = known_of(c, noun)) == NULL)
			return 0;
		if (!holds(known, name))
			return missing(known, where, name, e);
	}
	return 0;
}

int
known_missing(struct ctl *c, const char *name, struct err *e)
{
	return missing(known_of(c, "frontend"), "", name, e);
}
