/*
 * The poll job's share of the database: what is due, what was seen.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_POLL_H
#define STORE_POLL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "proto/meeting.h"

struct db;

struct poll_opts {
	int	interval_ms;	/* between two polls of a healthy server */
	int	retry_ms;	/* of a failed one */
	int	lease_ms;	/* a claim of a killed job ends after this */
	int	grace_ms;	/* a meeting's absence counts only then */
	int	fade_s;
	double	weight_voice;	/* cost units: an attendee is 1 */
	double	weight_video;
};

struct poll_claim {
	char	*backend_id;
	char	*host;
	char	*secret;
	char	*asked_at;	/* database time of the claim, opaque */
	char	*lease;		/* fencing token, opaque */
};

/*
 * Claims every due backend (admin_state init, ready or stopped) that no other
 * job holds, SKIP LOCKED, with a lease.  next_ms: how long until the next one
 * is due (at least 0), if none was claimed.
 */
int	poll_claim(struct db *db, const struct poll_opts *o, struct arena *a,
	    struct poll_claim **v, size_t *n, int *next_ms, struct err *e);

/* A meeting that runs where its row does not point. */
struct poll_twin {
	char	*internal_id;
	char	*meeting_id;	/* the frontend's, if known; else as seen */
	bool	 empty;		/* nobody in it: may be ended now */
};

/*
 * Writes what a server's getMeetings said: health, meetings (by internal id),
 * attendees, ends, adoption, twins, load of this backend and of the frontends
 * concerned; one statement.  Nothing happens if the lease was lost.  The
 * twins come back.
 */
int	poll_seen(struct db *db, const struct poll_opts *o,
	    const struct poll_claim *c, const struct bbb_meeting *m, size_t n,
	    int latency_ms, struct arena *a, struct poll_twin **twins,
	    size_t *ntwins, struct err *e);
/*
 * It answered, but its meetings could not be read (ill-formed): alive, and no
 * meeting changes.
 */
int	poll_unreadable(struct db *db, const struct poll_opts *o,
	    const struct poll_claim *c, int latency_ms, const char *error,
	    struct err *e);

struct poll_failure {
	const struct poll_claim	*claim;
	const char		*error;
};
/*
 * The servers that failed in this round, in one statement, so that the rule
 * for mass failures sees them together: two failures in a row make a server
 * failed, unless more than half of all servers (from four up) fail at once:
 * then states stay and *alarm is true.  No meeting changes.
 */
int	poll_failed(struct db *db, const struct poll_opts *o,
	    const struct poll_failure *f, size_t n, bool *alarm,
	    struct err *e);

#endif
