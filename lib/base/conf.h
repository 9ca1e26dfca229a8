/*
 * A configuration file read through a table of keys.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stddef.h>

#include "base/err.h"

enum conf_type {
	CONF_STR,	/* char *, owned by the struct */
	CONF_INT,	/* int */
	CONF_REAL,	/* double */
	CONF_BOOL,	/* bool: on/off, true/false, yes/no, 1/0 */
	CONF_MSEC,	/* int, milliseconds: "250 ms", "2 s", "5 min", "1 h";
			 * a bare number is in the key's unit (unit_ms) */
	CONF_SIZE,	/* long long, bytes: "8 KiB", "2 MiB", "1 GiB", bare */
	CONF_ENUM	/* int: index into words */
};

/*
 * A row per key.  File: `name = value` lines.  A # begins a comment at the
 * start of a line or after a blank.  Double quotes around a value keep blanks
 * and #; in them \" is a quote and \\ a backslash.
 */
struct conf_key {
	const char		*name;
	enum conf_type		 type;
	size_t			 offset;	/* into the caller's struct */
	const char		*def;		/* as text; NULL: unset */
	const char		*env;		/* variable that overrides it */
	const char		*env2;		/* a second name (the Go one) */
	double			 min, max;	/* of numbers; both 0: any */
	int			 unit_ms;	/* of a bare CONF_MSEC */
	const char *const	*words;		/* of CONF_ENUM, NULL-ended */
	const char		*help;		/* one line for the manual */
};

/*
 * Defaults, then the file (path NULL: none), then the environment; an empty
 * variable counts as unset.  Unknown or repeated keys and bad values are
 * errors "file:line: ..." (or "B3SCALE_X: ..."), ERR_CONFIG.  On failure
 * nothing need be freed.
 */
int	conf_load(const struct conf_key *keys, size_t n, const char *path,
	    void *conf, struct err *e);
void	conf_free(const struct conf_key *keys, size_t n, void *conf);

#endif
