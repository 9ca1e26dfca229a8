/*
 * Rows of reservations, with whom and when.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/reservation.h"

#include "store/db.h"

struct rows *
reservation_show(struct db *db, const char *id, struct err *e)
{
	return db_run(db, STMT_RESERVATION_SHOW, e, id);
}

int
reservation_search(struct db *db, const char *const page[2],
    int (*fn)(const struct rows *, void *), void *ctx, struct err *e)
{
	return db_each(db, STMT_RESERVATION_SEARCH, page, fn, ctx, e);
}

struct rows *
reservation_add(struct db *db, const char *who, const char *doc,
    struct err *e)
{
	return db_run(db, STMT_RESERVATION_ADD, e, who, doc);
}

struct rows *
reservation_change(struct db *db, const char *who, const char *id,
    const char *doc, struct err *e)
{
	return db_run(db, STMT_RESERVATION_CHANGE, e, who, id, doc);
}

struct rows *
reservation_remove(struct db *db, const char *who, const char *id,
    struct err *e)
{
	return db_run(db, STMT_RESERVATION_REMOVE, e, who, id);
}
