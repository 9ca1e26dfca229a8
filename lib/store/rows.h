/*
 * What the parts of this layer share about rows: see db.h for reading them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <libpq-fe.h>

#include "store/db.h"

struct rows {
	PGresult	*res;
};

/* Keeps the result: rows_free clears it. */
struct rows	*rows_take(PGresult *res);

/* A JSON array of strings as strings in the arena; -1: it is none. */
int	rows_words(const struct rows *r, size_t row, int col, struct arena *a,
	    char ***v, size_t *n);

/*
 * A PostgreSQL array of text (of uuid, if all are) as one parameter; NULL
 * elements become NULL.
 */
char	*rows_array(struct arena *a, const char *const *v, size_t n);

#endif
