/*
 * Who changed what by the API, and when.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/err.h"

struct db;
struct rows;

/*
 * A change writes its own row, in its own statement: whoever makes one passes
 * `who`, a JSON object of "sub" (the token's), "role" (admin, user or node)
 * and "addr", on to audit_write() of sql/0002_api.sql.
 */

struct audit_filter {
	const char	*actor;		/* each NULL: any */
	const char	*resource;	/* frontend, backend, reservation ... */
	const char	*resource_id;
	const char	*action;	/* create, change, delete, rotate ... */
	const char	*since;		/* RFC 3339 */
	const char	*until;		/* not it itself */
	const char	*limit;		/* as text */
	const char	*offset;
};

/* Newest first; column 0 is the number of all. */
int	audit_search(struct db *db, const struct audit_filter *f,
	    int (*fn)(const struct rows *, void *), void *ctx, struct err *e);

#endif
