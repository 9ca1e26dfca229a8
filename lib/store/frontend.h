/*
 * Frontends: who may call, with which secrets and settings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_FRONTEND_H
#define STORE_FRONTEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct db;
struct rows;

struct frontend {
	char		 *id;		/* uuid */
	char		 *key;
	char		**secrets;	/* valid now; the first one signs */
	size_t		  nsecrets;
	long long	  secrets_until; /* wall ms when one of them ends; 0 */
	bool		  active;
	bool		  bare_path;
	char		**hosts;
	size_t		  nhosts;
	char		 *settings;	/* JSON object as text */
	long long	  version;
};

/* 1 and f filled (in the arena), 0: no such frontend, -1. */
int	frontend_get(struct db *db, const char *id, struct arena *a,
	    struct frontend *f, struct err *e);
/* Every frontend, for the replica; fn's f lives until it returns. */
int	frontend_all(struct db *db,
	    int (*fn)(const struct frontend *f, void *ctx), void *ctx,
	    struct err *e);

/* For this layer: the columns FRONTEND_COLS of stmt.c, from col on. */
#define FRONTEND_NCOLS 9
int	frontend_row(const struct rows *r, size_t row, int col,
	    struct arena *a, struct frontend *f, struct err *e);

#endif
