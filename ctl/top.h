/*
 * The picture that `top` draws of the servers.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_TOP_H
#define CTL_TOP_H

#include <jansson.h>

#include "base/buf.h"

struct top {
	const char	*url;
	json_t		*now;		/* the servers; NULL: not yet */
	json_t		*before;	/* at the look before; NULL: none */
	double		 seconds;	/* between the two */
	const char	*error;		/* of the last look; NULL: it went
					   well */
	int		 rows;		/* of the terminal */
	int		 cols;
};

/*
 * A whole screen, drawn over what is there.  Servers stand in the order of
 * their load; those for which there is no room are counted.
 */
void	top_draw(const struct top *t, struct buf *b);
/* Users that came to a server since the look before, per second. */
double	top_joins(const struct top *t, const json_t *server);

#endif
