/*
 * PostgreSQL: statements by number, each with a deadline.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/stmt.h"

struct db;
struct rows;

struct db_opts {
	const char	*conninfo;	/* libpq URL or key=value; may name
					 * several hosts */
	const char	*name;		/* application_name */
	int		 connect_ms;	/* a host may be silent so long */
	int		 statement_ms;	/* then the database counts as away */
};

/* Copies what it needs; does not connect.  ERR_CONFIG: bad conninfo. */
struct db	*db_new(const struct db_opts *opts, struct err *e);
void		 db_free(struct db *db);

/*
 * Connected, or a connection made within wait_ms: 0.  Else -1, ERR_STORE.
 * The schema is checked once per connection (ERR_SCHEMA names the command
 * that mends it).  Hosts are tried one at a time, the last good one first;
 * only one that accepts writes is taken.
 */
int		 db_open(struct db *db, int wait_ms, struct err *e);
bool		 db_up(const struct db *db);
/*
 * Goes on connecting for at most budget_ms (0: without any wait); fd, unless
 * -1, ends the wait as soon as it is readable (a request has come).
 */
void		 db_tick(struct db *db, int budget_ms, int fd);
/* Rises with each new connection. */
unsigned	 db_generation(const struct db *db);
/*
 * Statements run since db_new: a request's cost is a difference.  Preparing
 * one at its first use on a connection is not counted (nor is it by
 * pg_stat_statements).
 */
unsigned long	 db_statements(const struct db *db);

/*
 * Runs a statement with as many parameters (const char *, NULL for SQL NULL)
 * as its row of the table says.  The rows have the shape declared there, or
 * it is an error.  NULL with e set: ERR_STORE (away, timeout), ERR_INTERNAL
 * (what SQL said), or what its SQLSTATE maps to.  A lost connection:
 * a read is tried once more on a new one, a write is not.
 */
struct rows	*db_run(struct db *db, enum stmt s, struct err *e, ...);
struct rows	*db_runv(struct db *db, enum stmt s,
		    const char *const *values, struct err *e);
/* A number as a parameter. */
char		*param_int(struct arena *a, long long n);
/*
 * The same, row by row as they arrive (memory does not grow with the
 * answer); fn gets a struct rows of one row and returns -1 to stop (the rest
 * is then read and dropped, and -1 returned with e untouched).  fn must not
 * use db.  Not tried again once a row has been seen.
 */
int		 db_each(struct db *db, enum stmt s,
		    const char *const *values,
		    int (*fn)(const struct rows *, void *), void *ctx,
		    struct err *e);

/*
 * A file descriptor that becomes readable when one arrives (or the connection
 * is lost); -1: there is no connection.
 */
int		 db_fd(const struct db *db);
/*
 * The payload of the next notification that has arrived, without waiting: 1,
 * 0: none, -1: the connection is lost.
 */
int		 db_notice(struct db *db, struct arena *a, char **payload);

size_t		 rows_len(const struct rows *r);
bool		 rows_null(const struct rows *r, size_t row, int col);
/* "" for NULL; valid until rows_free. */
const char	*rows_str(const struct rows *r, size_t row, int col);
/* The same, but NULL for NULL. */
const char	*rows_maybe(const struct rows *r, size_t row, int col);
/* A copy in the arena; NULL for NULL. */
char		*rows_dup(const struct rows *r, size_t row, int col,
		    struct arena *a);
long long	 rows_int(const struct rows *r, size_t row, int col);
double		 rows_real(const struct rows *r, size_t row, int col);
bool		 rows_bool(const struct rows *r, size_t row, int col);
void		 rows_free(struct rows *r);
/*
 * Frees the answer of a statement that says in how many ms something is due
 * (NULL: nothing is), and returns that, from 0 to max_ms.
 */
int		 rows_due_ms(struct rows *r, int max_ms);

#endif
