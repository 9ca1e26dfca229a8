/*
 * What one call needs to know, in one statement: frontend, meeting, its server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_ROUTE_H
#define STORE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/backend.h"
#include "store/frontend.h"
#include "store/meeting.h"

struct db;

struct route {
	struct frontend	fe;
	long long	users;		/* of a frontend that limits them */
	bool		has_meeting;	/* placed or living, not ended */
	struct meeting	meeting;
	struct backend	backend;	/* the meeting's, if has_meeting */
};

struct routes {
	struct route	*v;
	size_t		 n;
	long long	 backends_version;	/* see cluster_rows; or 0 */
};

/*
 * What is looked for: by frontend key; or, with key NULL, the frontend that
 * holds this host name, else all active ones flagged bare_path (at most 64:
 * the caller finds the one whose secret signed).
 */
struct route_query {
	const char	*key;
	const char	*host;
	const char	*meeting_id;	/* or a full internal id, or NULL */
	bool		 placing;	/* backends_version is wanted */
	bool		 brief;		/* see below; not while placing */
};

/*
 * Each route has its frontend's meeting of that id, if there is one.  An
 * inactive frontend is returned too (its caller is told so); users is read
 * for frontends with an attendees_limit only.  Not found: n is 0.
 *
 * brief: the caller does with less, and a lookup by key and meeting id, the
 * one that each join makes, reads no more than this.  Of the frontend id, key,
 * secrets, active and settings; of the meeting row, both ids, internal_id,
 * running, and whether it is living; of the backend id, host, secret, slot and
 * whether it is failed.  The rest may be NULL, 0 or false.
 */
int	route_lookup(struct db *db, const struct route_query *q,
	    struct arena *a, struct routes *r, struct err *e);

#endif
