/*
 * What went wrong, and what it is called at each of our interfaces.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <sysexits.h>

/*
 * One row per kind of failure: symbol, HTTP status of the REST API, the
 * messageKey of the BBB API, exit status of a program.
 */
#define ERR_CODES(X)							\
	X(ERR_NONE,	200, "",		   EX_OK)		\
	X(ERR_INPUT,	400, "validationError",	   EX_USAGE)		\
	X(ERR_DENIED,	401, "checksumError",	   EX_NOPERM)		\
	X(ERR_MISSING,	404, "notFound",	   EX_NOINPUT)		\
	X(ERR_CONFLICT,	409, "idNotUnique",	   EX_DATAERR)		\
	X(ERR_TOOBIG,	413, "sizeError",	   EX_DATAERR)		\
	X(ERR_CONFIG,	500, "internalError",	   EX_CONFIG)		\
	X(ERR_SYSTEM,	500, "internalError",	   EX_OSERR)		\
	X(ERR_INTERNAL,	500, "internalError",	   EX_SOFTWARE)		\
	X(ERR_BACKEND,	502, "backendUnavailable", EX_UNAVAILABLE)	\
	X(ERR_BUSY,	503, "backendBusy",	   EX_TEMPFAIL)		\
	X(ERR_SCHEMA,	503, "unavailable",	   EX_CONFIG)		\
	X(ERR_STORE,	503, "unavailable",	   EX_TEMPFAIL)

enum err_code {
#define X(symbol, http, key, status) symbol,
	ERR_CODES(X)
#undef X
	ERR__MAX
};

struct err {
	enum err_code	 code;
	const char	*key;		/* a static string; "" for ERR_NONE */
	char		 text[512];
};

#define ERR_INIT	{ ERR_NONE, "", "" }

/* Each sets the error (cut at the size of text) and returns -1. */
int	err_set(struct err *e, enum err_code code, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* As err_set, with a messageKey of its own (a static string). */
int	err_key(struct err *e, enum err_code code, const char *key,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Puts context before the text: "bind meeting x: ..." ; returns -1. */
int	err_note(struct err *e, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* As ERR_INIT. */
void	err_clear(struct err *e);

/* The row's HTTP status, and its exit status. */
int	err_http(enum err_code code);
int	err_exit(enum err_code code);

#endif
