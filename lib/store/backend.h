/*
 * Backends (BBB servers) and who they are reserved for.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct db;
struct rows;

enum admin_state { ADMIN_INIT, ADMIN_READY, ADMIN_STOPPED,
    ADMIN_DECOMMISSIONED };
enum node_state { NODE_INIT, NODE_READY, NODE_ERROR /* failed */ };

struct backend {
	char		 *id;		/* uuid */
	char		 *host;		/* base URL, ends in "/" */
	char		 *secret;
	enum admin_state  admin_state;
	enum node_state	  node_state;
	double		  load_factor;
	char		**tags;
	size_t		  ntags;
	int		  slot;		/* small, unique: its place in files */
	long long	  version;
};

/* A backend, or all with a tag, kept for some frontends. */
struct reservation {
	char		 *backend_id;	/* or NULL */
	char		 *tag;		/* or NULL */
	char		**frontend_ids;
	size_t		  nfrontends;
	/* When: wall ms, pairs of from and until, for the next days. */
	long long	 (*periods)[2];
	size_t		  nperiods;
};

struct cluster_rows {
	struct backend		*backends;
	size_t			 nbackends;
	struct reservation	*reservations;
	size_t			 nreservations;
	long long		 version;	/* of the list as a whole */
	long long		 valid_until;	/* wall ms: periods are known
						 * until then */
};

/* The whole list, in one consistent look (at most two statements). */
int	backend_list(struct db *db, struct arena *a, struct cluster_rows *c,
	    struct err *e);
/* 1, 0: no such backend, -1. */
int	backend_get(struct db *db, const char *id, struct arena *a,
	    struct backend *b, struct err *e);
/*
 * A call to it failed and no place() follows that would record it.  Two in a
 * row make it failed, unless more than half of all fail at once.
 */
int	backend_call_failed(struct db *db, const char *id,
	    const char *error, struct err *e);

/*
 * For the API, whose record of a backend has the columns of BACKEND_SHOWN in
 * stmt.c.  agent NULL: any; else only its own is there.  timeout_ms, as text:
 * an agent silent for longer shows.  who and doc are JSON: see audit.h and
 * sql/0002_api.sql.  Each is one statement.  Rows (none: no such backend) are
 * freed by the caller; NULL with e set.
 */
struct backend_filter {
	const char	*timeout_ms;
	const char	*host;		/* exact; NULL: any */
	const char	*host_like;
	const char	*host_ilike;
	const char	*limit;		/* as text; NULL: none */
	const char	*offset;
};
/* Column 0 is the number of all, see fcgi/api/api.h for the rest. */
int	backend_search(struct db *db, const struct backend_filter *f,
	    int (*fn)(const struct rows *, void *), void *ctx, struct err *e);

struct backend_key {
	const char	*id;
	const char	*agent;
	const char	*timeout_ms;
};
struct rows *backend_show(struct db *db, const struct backend_key *k,
	    struct err *e);
struct rows *backend_of_agent(struct db *db, const char *agent,
	    const char *timeout_ms, struct err *e);
/* agent becomes its agent_ref; the id does not count. */
struct rows *backend_add(struct db *db, const char *who,
	    const struct backend_key *k, const char *doc, struct err *e);
/* doc is merged into it, and it is polled at once. */
struct rows *backend_change(struct db *db, const char *who,
	    const struct backend_key *k, const char *doc, struct err *e);
/* Forced: at once, with its meetings; else when none runs any more. */
struct rows *backend_remove(struct db *db, const char *who,
	    const struct backend_key *k, bool force, struct err *e);

/* For this layer: the columns BACKEND_COLS of stmt.c, from col on. */
#define BACKEND_NCOLS 9
int	backend_row(const struct rows *r, size_t row, int col,
	    struct arena *a, struct backend *b, struct err *e);

#endif
