/*
 * What an error of the database means to callers.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_SQLSTATE_H
#define STORE_SQLSTATE_H

#include <stdbool.h>

#include "base/err.h"

/* ERR_INTERNAL for those that nobody but us can have caused. */
enum err_code	sqlstate_code(const char *state);
/* After these a connection is of no more use: another host, maybe, is. */
bool		sqlstate_ends_connection(const char *state);
/* The server has forgotten the statement, or its plan no longer fits. */
bool		sqlstate_is_stale(const char *state);

#endif
