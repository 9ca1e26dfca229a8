/*
 * The replica's meetings: found by either id, the newest version of each.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_REPLICA_MT_H
#define CORE_REPLICA_MT_H

#include <stddef.h>

#include "store/meeting.h"

struct replica_mt;

/* How long an end is remembered, so that older news revive nothing. */
struct replica_mt	*replica_mt_new(int remember_ms);
void			 replica_mt_free(struct replica_mt *t);
size_t			 replica_mt_len(const struct replica_mt *t);

/*
 * Takes over (as a copy) what is newer than what is held.  Only a living
 * meeting is held: of any other it remembers that nothing older counts.
 */
void	replica_mt_put(struct replica_mt *t, const struct meeting *m);
/* The row is no living meeting any more since this version. */
void	replica_mt_gone(struct replica_mt *t, long long row,
	    long long version);

/*
 * A complete list: begin, load each, end.  Versions do not count then, and
 * what the list lacks is dropped at the end.  Breaking off is allowed.
 */
void	replica_mt_begin(struct replica_mt *t);
void	replica_mt_load(struct replica_mt *t, const struct meeting *m);
void	replica_mt_end(struct replica_mt *t);

/*
 * By the frontend's meeting id, else by the full internal id; NULL: not held.
 * It holds until the table changes.
 */
const struct meeting	*replica_mt_find(const struct replica_mt *t,
			    const char *frontend_id, const char *id);

#endif
