/*
 * A connection string as libpq takes it, split into one for each host it names.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_HOSTS_H
#define STORE_HOSTS_H

#include <stddef.h>

#include "base/err.h"

/* What PQconnectStartParams takes; both arrays end in a NULL. */
struct host_params {
	const char	**keywords;
	const char	**values;
};

struct hosts {
	struct host_params	*v;
	size_t			 n;	/* at least one */
};

/*
 * Adds what we want of every connection (read-write, keepalives, UTF-8, the
 * application's name), where the string does not say otherwise.  ERR_CONFIG:
 * libpq cannot read it, or its lists of hosts and ports differ in length.
 */
int	hosts_parse(const char *conninfo, const char *name, struct hosts *h,
	    struct err *e);
void	hosts_free(struct hosts *h);

#endif
