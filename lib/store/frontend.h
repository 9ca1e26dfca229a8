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

/*
 * For the API, whose record of a frontend has these columns: id, active, key,
 * secret, settings, account_ref, created_at, updated_at, hosts, bare_path.
 * account NULL: any; else only its own are there.  who and doc are JSON: see
 * audit.h and sql/0002_api.sql.  Each is one statement.  Rows (none: no such
 * frontend) are freed by the caller; NULL with e set.
 */
struct frontend_filter {
	const char	*account;	/* of who asks */
	const char	*account_ref;	/* these are asked for, NULL: any */
	const char	*key;
	const char	*key_like;
	const char	*limit;		/* as text; NULL: none */
	const char	*offset;
};
/* Column 0 is the number of all, see fcgi/api/api.h for the rest. */
int	frontend_search(struct db *db, const struct frontend_filter *f,
	    int (*fn)(const struct rows *, void *), void *ctx, struct err *e);
struct rows *frontend_show(struct db *db, const char *id,
	    const char *account, struct err *e);
struct rows *frontend_add(struct db *db, const char *who, const char *doc,
	    struct err *e);
/* doc is merged into it: objects member by member, null takes away. */
struct rows *frontend_change(struct db *db, const char *who, const char *id,
	    const char *account, const char *doc, struct err *e);
/* With its meetings; the row is as it was. */
struct rows *frontend_remove(struct db *db, const char *who, const char *id,
	    struct err *e);

/* One setting: value is JSON; NULL: it is unset. */
struct frontend_setting {
	const char	*id;
	const char	*account;
	const char	*name;
	const char	*value;
};
struct rows *frontend_set(struct db *db, const char *who,
	    const struct frontend_setting *s, struct err *e);

/* The column behind the record: until when the former secret is valid. */
#define FRONTEND_COL_UNTIL 10
struct frontend_rotation {
	const char	*id;
	const char	*account;
	const char	*secret;	/* the new one */
	const char	*valid_s;	/* of the former one, as text */
};
struct rows *frontend_rotate(struct db *db, const char *who,
	    const struct frontend_rotation *r, struct err *e);

/*
 * For this layer: the secrets that are valid now, from the columns secret and
 * further_secrets; the second of these may be NULL.
 */
void	frontend_secrets(const char *secret, const char *further,
	    struct arena *a, struct frontend *f);
/* For this layer: the columns FRONTEND_COLS of stmt.c, from col on. */
#define FRONTEND_NCOLS 9
int	frontend_row(const struct rows *r, size_t row, int col,
	    struct arena *a, struct frontend *f, struct err *e);

#endif
