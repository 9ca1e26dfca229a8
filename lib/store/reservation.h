/*
 * Reservations as the API shows and changes them; see backend.h for their use.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_RESERVATION_H
#define STORE_RESERVATION_H

#include "base/err.h"

struct db;
struct rows;

/*
 * Rows have the columns of RESERVATION_SHOWN in stmt.c; none: there is no
 * such reservation.  who and doc are JSON: see audit.h and sql/0002_api.sql.
 * The caller frees them; NULL with e set.  Each is one statement.
 */
struct rows *reservation_show(struct db *db, const char *id, struct err *e);
/* limit, offset: as text, or NULL.  Column 0 is the number of all. */
int	reservation_search(struct db *db, const char *const page[2],
	    int (*fn)(const struct rows *, void *), void *ctx, struct err *e);
struct rows *reservation_add(struct db *db, const char *who, const char *doc,
	    struct err *e);
/* frontend_ids and hours, if they are there, replace the former ones. */
struct rows *reservation_change(struct db *db, const char *who,
	    const char *id, const char *doc, struct err *e);
struct rows *reservation_remove(struct db *db, const char *who,
	    const char *id, struct err *e);

#endif
