/*
 * What BBB's own properties files say of the server they belong to.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_PROPS_H
#define AGENT_PROPS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct props;		/* names and values, in an arena */

/* An empty one. */
struct props	*props_new(struct arena *a);
/*
 * Reads the text of a Java properties file over what is there: the last
 * definition of a name wins.  ERR_CONFIG with the line of a bad escape.
 */
int		 props_read(struct props *p, struct view text, struct err *e);
/*
 * The same of a file of at most 1 MiB; ERR_CONFIG if it cannot be read.  The
 * message names the file.
 */
int		 props_load(struct props *p, const char *path, struct err *e);
/*
 * The value in UTF-8, ${other} in it replaced once by that name's raw value;
 * NULL: no such name, or none of that in it.
 */
const char	*props_get(const struct props *p, const char *name);

/* Strings live in the arena of props. */
struct props_bbb {
	const char	*url;		/* ends in /bigbluebutton/api/ */
	const char	*secret;
	const char	*redis_host;
	int		 redis_port;
	const char	*redis_password;	/* "": none */
};

/* ERR_CONFIG with the key that is missing or wrong. */
int	props_bbb(const struct props *p, struct props_bbb *b, struct err *e);

#endif
