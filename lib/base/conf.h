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
	const char		*env;		/* variable that overrides it;
						 * NULL: B3SCALE_ and name,
						 * in capitals */
	const char		*env2;		/* a second one (the Go name) */
	double			 min, max;	/* of numbers; both 0: any */
	int			 unit_ms;	/* of a bare CONF_MSEC */
	const char *const	*words;		/* of CONF_ENUM, NULL-ended */
	const char		*help;		/* one line for the manual */
};

/*
 * A row for a member of a structure, of a kind below; last comes its help,
 * behind which further columns may be set.  An ENUM's words are in the table
 * <member>_words.  A bare TIME counts seconds.
 */
#define CONF_KEY(structure, member, kind, text, least, most, ...)	\
	.name = #member, CONF_KIND_ ## kind(member),			\
	.offset = offsetof(structure, member), .def = text,		\
	.min = least, .max = most, .help = __VA_ARGS__
#define CONF_KIND_STR(member)	.type = CONF_STR
#define CONF_KIND_INT(member)	.type = CONF_INT
#define CONF_KIND_REAL(member)	.type = CONF_REAL
#define CONF_KIND_BOOL(member)	.type = CONF_BOOL
#define CONF_KIND_SIZE(member)	.type = CONF_SIZE
#define CONF_KIND_TIME(member)	.type = CONF_MSEC, .unit_ms = 1000
#define CONF_KIND_ENUM(member)	.type = CONF_ENUM, .words = member ## _words

/*
 * Defaults, then the file (path NULL: none), then the environment; an empty
 * variable counts as unset.  Unknown or repeated keys and bad values are
 * errors "file:line: ..." (or "B3SCALE_X: ..."), ERR_CONFIG.  On failure
 * nothing need be freed.
 */
int	conf_load(const struct conf_key *keys, size_t n, const char *path,
	    void *conf, struct err *e);
/* Gives back the texts; conf may be loaded again. */
void	conf_free(const struct conf_key *keys, size_t n, void *conf);

#endif
