/*
 * The replica's frontends: found by key or host, and which of them are stale.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_REPLICA_FE_H
#define CORE_REPLICA_FE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/frontend.h"

struct replica_fe;

/* As many as may share the bare path. */
#define REPLICA_FE_MAX	64

struct replica_fe	*replica_fe_new(void);
void			 replica_fe_free(struct replica_fe *t);
size_t			 replica_fe_len(const struct replica_fe *t);

/* Takes over (as a copy) what is not older than what is held. */
void	replica_fe_put(struct replica_fe *t, const struct frontend *f);
void	replica_fe_del(struct replica_fe *t, const char *id);
/* It has this version now: stale until it is read again. */
void	replica_fe_changed(struct replica_fe *t, const char *id,
	    long long version);

/*
 * What must be read again: an id (until put, load or del deals with it), or
 * NULL for none.  *all: too many to name, read the complete list.
 */
const char	*replica_fe_due(const struct replica_fe *t, bool *all);

/*
 * A complete list: begin, load each, end.  Versions do not count then, and
 * what the list lacks is dropped at the end.  Breaking off is allowed; load
 * alone takes over a single one.
 */
void	replica_fe_begin(struct replica_fe *t);
void	replica_fe_load(struct replica_fe *t, const struct frontend *f);
void	replica_fe_end(struct replica_fe *t);

/*
 * The one with this key; with key NULL, the one that holds this host name;
 * else all active ones flagged bare_path.  Returns how many were put into v;
 * 0: none is known for certain.  They hold until the table changes.
 */
size_t	replica_fe_find(struct replica_fe *t, const char *key,
	    const char *host, const struct frontend *v[REPLICA_FE_MAX]);

#endif
