/*
 * What the store tests share: connections, raw SQL, rows to begin with.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <stdbool.h>

#include <check.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/db.h"
#include "store/place.h"

/* Set up anew for each test: an arena, two connections, empty tables. */
extern struct arena	*a;
extern struct db	*db, *db2;
extern struct err	 e;

/* Takes a case that runs with all of it. */
TCase	*fixture_case(Suite *s, const char *name);
/* The main() of a check program. */
int	 fixture_main(Suite *s);

/* How long a host may stay silent. */
#define FIXTURE_CONNECT_MS 500
/* A connection of its own settings (NULL: the server of this run). */
struct db *fixture_db(const char *conninfo, int statement_ms);
/* ck_assert with the error's text. */
#define ck_ok(call)							\
	ck_assert_msg((call) != -1, "%s: %s", #call, e.text)

/* Runs SQL beside the code under test, over a connection of its own. */
void	 sql(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The first column of its only row, in the arena; NULL for NULL or no row. */
char	*sql_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
long long sql_int(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
double	 sql_real(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool	 sql_true(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Its primary error message; the test fails if there is none. */
char	*sql_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Ids of new rows; host names may be short ("a"). */
char	*fixture_frontend(const char *key);
char	*fixture_backend(const char *host);
/* A whole request for a new meeting on these backends (NULL-ended). */
struct place_req fixture_place(const char *frontend, const char *meeting,
	    const char *const *backends);
/* A living, confirmed meeting with that internal id; its row. */
long long fixture_meeting(const char *frontend, const char *meeting,
	    const char *backend, const char *internal_id);

/* Waits until the query gives true; fails after ten seconds. */
void	 await_true(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));
/* with-postgres -c VERB [ARG]. */
void	 server(const char *verb, const char *arg);

#endif
