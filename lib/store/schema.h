/*
 * Which schema this program needs, and whether it is there.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct db;

/* The newest numbered file in sql/ that this program knows. */
#define SCHEMA_VERSION 5

/*
 * 0 if the database's schema serves this program: at least SCHEMA_VERSION,
 * and its compatible_from not above it.  Else ERR_SCHEMA, with the command
 * that mends it.
 */
int	schema_check(struct db *db, struct err *e);

/* The database as an admin wants to see it. */
struct schema_status {
	bool		 available;
	const char	*database;	/* its name; "" if it is not known */
	bool		 migrated;	/* it serves this program */
	int		 version;	/* 0: there is no schema */
	const char	*name;		/* of the newest file, */
	long long	 applied_us;	/* and when it was applied */
	int		 pending;	/* files that it lacks */
	const char	*error;		/* or NULL */
};

/* Always fills s, whatever state the database is in.  One statement. */
void	schema_status(struct db *db, struct arena *a, struct schema_status *s);

#endif
