/*
 * What the tests of the agent share: an arena, an error, one main.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Fresh for each test. */
extern struct arena	*arena;
extern struct err	 err;

struct view	view_of(const char *s);
/* Runs all as one suite; returns what main is to return. */
int	unit_run(const char *name, const TTest *const *tests, size_t n);

#endif
