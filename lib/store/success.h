/*
 * When each job last went well.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_SUCCESS_H
#define STORE_SUCCESS_H

#include "base/err.h"

struct db;

/* It has gone well just now. */
int	success_note(struct db *db, const char *job, struct err *e);

#endif
