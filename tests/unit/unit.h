/*
 * What programs of tests share: files of tests/fixtures, one main.
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
/* A view of a literal, NULs in it included. */
#define VIEW(s)		((struct view){ (s), sizeof(s) - 1 })

/* Fresh for each test. */
extern struct arena	*arena;
extern struct err	 err;

struct view	view_of(const char *s);
/* A file of tests/fixtures/bbb; ends the test if there is none. */
struct view	fixture(const char *name);
/* Compares bytes and shows both if they differ. */
void		check_bytes(const char *got, size_t len, const char *want);

/* Runs all as one suite; returns what main is to return. */
int	unit_run(const char *name, const TTest *const *tests, size_t n);

#endif
