/*
 * What a join needs, in this worker's memory, kept current by NOTIFY.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_REPLICA_H
#define CORE_REPLICA_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/route.h"

struct cluster;
struct db;
struct replica;

struct replica	*replica_new(struct db *db, struct cluster *cluster,
		    int stale_max_ms);
void		 replica_free(struct replica *r);

/*
 * Applies what has been notified, without waiting, and loads anew after a
 * reconnect (the old content serves until the new is complete) or when the
 * epoch changed.  Call it before a state call and while idle.  A failure is
 * no error of the call: the replica is then not usable, or serves as it is.
 */
void		 replica_sync(struct replica *r);
/* Loaded, and current or at most stale_max behind a lost database. */
bool		 replica_usable(const struct replica *r);

/*
 * As route_lookup, from memory: pointers in routes belong to the replica and
 * its cluster, and hold until the next replica_sync, replica_keep or change of
 * the cluster; passwords are "", users 0.
 * true: everything asked for was found (the frontend, and the meeting if one
 * was named).  false: a miss, which proves nothing: ask the database.
 *
 * A frontend is known for certain whenever routes is not empty, even on a
 * miss: a wrong checksum can be refused without asking.  Of several (who
 * share the bare path) one that has the meeting makes it true; if the one
 * that signed has not, that is a miss too.
 */
bool		 replica_route(struct replica *r, const char *key,
		    const char *host, const char *meeting_id,
		    struct arena *a, struct routes *out);
/* Keeps what the database said on a miss (unless something newer is held). */
void		 replica_keep(struct replica *r, const struct route *route);

#endif
