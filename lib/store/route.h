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
	long long	users;		/* in all meetings of the frontend */
	bool		has_meeting;	/* placed or living, not ended */
	struct meeting	meeting;
	struct backend	backend;	/* the meeting's, if has_meeting */
};

struct routes {
	struct route	*v;
	size_t		 n;
	long long	 backends_version;	/* see cluster_rows */
};

/*
 * By frontend key; or, with key NULL, the frontend that holds this host name,
 * else all active ones flagged bare_path (at most 64: the caller finds the
 * one whose secret signed).  meeting_id may be NULL; else each route has that
 * frontend's meeting of this id, or of this full internal id.  An inactive
 * frontend is returned too (its caller is told so).  Not found: n is 0.
 */
int	route_lookup(struct db *db, const char *key, const char *host,
	    const char *meeting_id, struct arena *a, struct routes *r,
	    struct err *e);

#endif
