/*
 * Which settings there are: the server drops what it does not know unread.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_KNOWN_H
#define CTL_KNOWN_H

#include "ctl.h"

/*
 * Is each member of the settings (NULL: none) of a "frontend" or "backend"
 * known?  The server is asked once; one that does not tell, as the Go
 * program, takes all.  where: what the error begins with, or "".
 */
int	known_check(struct ctl *c, const char *noun, const json_t *settings,
	    const char *where, struct err *e);
/* There is no such setting of a frontend: the nearest that there is. */
int	known_missing(struct ctl *c, const char *name, struct err *e);

#endif
