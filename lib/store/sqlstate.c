/*
 * What an error of the database means to callers.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/sqlstate.h"

#include <stddef.h>
#include <string.h>

/* SQLSTATEs, or their classes, that mean something to callers. */
static const struct {
	const char	*prefix;
	enum err_code	 code;
} sqlstates[] = {
	{ "08",	   ERR_STORE },		/* connection */
	{ "25006", ERR_STORE },		/* read only: no primary any more */
	{ "57P01", ERR_STORE }, { "57P02", ERR_STORE }, { "57P03", ERR_STORE },
	{ "57014", ERR_STORE },		/* cancelled: took too long */
	{ "53",	   ERR_STORE },		/* out of memory, disk, connections */
	{ "40",	   ERR_STORE },		/* deadlock, serialization */
	{ "55P03", ERR_STORE },		/* lock not available */
	{ "23505", ERR_CONFLICT },	/* unique */
	{ "23503", ERR_MISSING },	/* foreign key */
	{ "23514", ERR_INPUT },		/* CHECK, and refusals of triggers */
	{ "22",	   ERR_INPUT },		/* no uuid, number, time; too large */
	{ "42P01", ERR_SCHEMA }, { "42703", ERR_SCHEMA },
	{ "42883", ERR_SCHEMA },	/* no such table, column, function */
};

enum err_code
sqlstate_code(const char *state)
{
	size_t	i;

	for (i = 0; i < sizeof(sqlstates) / sizeof(sqlstates[0]); i++)
		if (strncmp(state, sqlstates[i].prefix,
		    strlen(sqlstates[i].prefix)) == 0)
			return sqlstates[i].code;
	return ERR_INTERNAL;
}

bool
sqlstate_ends_connection(const char *state)
{
	return strncmp(state, "08", 2) == 0 || strcmp(state, "25006") == 0 ||
	    (strncmp(state, "57P0", 4) == 0 && state[4] <= '3');
}

bool
sqlstate_is_stale(const char *state)
{
	/* Unknown name (of a pooler's other connection); changed result. */
	return strcmp(state, "26000") == 0 || strcmp(state, "0A000") == 0;
}
