/*
 * Statements on the connection that is up, each with its deadline.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include <stdbool.h>

#include "base/err.h"
#include "store/stmt.h"

struct conn;
struct rows;

/*
 * What has been prepared on a connection.  Names are the server's for as long
 * as the connection lives; where it has forgotten one, all get new names, for
 * nobody knows which others it still has.
 */
struct session {
	struct conn	*conn;
	int		 statement_ms;	/* each may take so long */
	unsigned long	 statements;	/* sent since the start */
	unsigned	 prepared_on;	/* generation of the next two */
	unsigned	 renewed;	/* names in use carry this number */
	bool		 prepared[STMT__MAX];
};

/* How one try of a statement ended. */
enum try {
	TRY_OK,
	TRY_FAILED,		/* e says why */
	TRY_STALE,		/* prepare it again, nothing was done */
	TRY_LOST		/* the connection is gone */
};

/* A statement to be tried: with fn row by row, else for *rows. */
struct job {
	enum stmt		  s;
	const char *const	 *values;
	struct rows		**rows;		/* the caller frees them */
	int			(*fn)(const struct rows *, void *);
	void			 *ctx;
	bool			  seen;		/* a row was handed out */
	bool			  stopped;	/* fn wants no more */
};

/*
 * One try; the connection must be up.  e is set by all but TRY_OK and
 * TRY_STALE.
 */
enum try	session_try(struct session *s, struct job *j, struct err *e);
/* After TRY_STALE: each statement is prepared anew at its next use. */
void		session_forget(struct session *s);
/* Sets ERR_STORE with what the last attempt to connect met; -1. */
int		session_away(const struct session *s, struct err *e);

#endif
