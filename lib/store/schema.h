/*
 * Which schema this program needs, and whether it is there.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

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

#endif
