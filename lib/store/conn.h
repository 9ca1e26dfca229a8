/*
 * One connection to whichever of several hosts takes writes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_CONN_H
#define STORE_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "base/err.h"

struct conn;

struct conn_opts {
	const char	*conninfo;
	const char	*name;
	int		 connect_ms;	/* a host may be silent so long */
	int		 statement_ms;	/* or, if it is the only one, so long */
};

/* Does not connect.  ERR_CONFIG as hosts_parse. */
struct conn	*conn_new(const struct conn_opts *o, struct err *e);
void		 conn_free(struct conn *c);

/* NULL unless it is up. */
PGconn		*conn_pg(const struct conn *c);
/* Rises with each new connection; 0: there has been none. */
unsigned	 conn_generation(const struct conn *c);
/* Every host has been tried in vain since it was lost. */
bool		 conn_hopeless(const struct conn *c);
/* Why the last attempt failed; "" if none did. */
const char	*conn_error(const struct conn *c);

enum conn_wait {
	CONN_ONE_ROUND = 1,	/* give up when each host has failed once */
	CONN_INTERRUPT = 2	/* a signal ends the wait */
};
/*
 * Goes on connecting until it is up, the deadline (clock_mono_ms) has come or
 * fd (-1: none) is readable; a deadline in the past does what can be done
 * without waiting.  Returns whether it is up.
 */
bool		 conn_wait(struct conn *c, int64_t deadline, int fd,
		    int flags);
/* Drops it; the next one begins with the same host. */
void		 conn_lost(struct conn *c, const char *why);

#endif
