/*
 * Reads the trace of changes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/audit.h"

#include "store/db.h"

int
audit_search(struct db *db, const struct audit_filter *f,
    int (*fn)(const struct rows *, void *), void *ctx, struct err *e)
{
	const char	*values[] = { f->actor, f->resource, f->resource_id,
	    f->action, f->since, f->until, f->limit, f->offset };

	return db_each(db, STMT_AUDIT_SEARCH, values, fn, ctx, e);
}
