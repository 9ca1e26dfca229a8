/*
 * What changed in the database, as it is notified.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_NOTIFY_H
#define STORE_NOTIFY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/meeting.h"

struct db;

enum notice_kind {
	NOTICE_FRONTEND,	/* id only: read it anew */
	NOTICE_CLUSTER,		/* backends or reservations: read the list */
	NOTICE_MEETING,		/* the whole route is in the notice */
	NOTICE_MEETING_ID	/* it did not fit: frontend and row only */
};

struct notice {
	enum notice_kind  kind;
	bool		  deleted;	/* or, of a meeting, ended */
	long long	  version;
	char		 *id;		/* frontend's */
	struct meeting	  meeting;	/* passwords never in it */
};

/*
 * LISTEN; then the epoch (system identifier and timeline): versions of
 * different epochs cannot be compared.  Two statements.
 */
int	notify_listen(struct db *db, struct arena *a, char **epoch,
	    struct err *e);
/*
 * The next notice that has arrived, without waiting: 1, 0: none, -1: the
 * connection is lost.  Own notices come too.
 */
int	notify_next(struct db *db, struct arena *a, struct notice *n);

#endif
