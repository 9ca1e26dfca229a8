/*
 * A server chosen and reserved for a new meeting, in one statement.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/meeting.h"

struct db;

struct place_req {
	const char	 *frontend_id;
	const char	 *meeting_id;
	const char	 *backend_meeting_id;
	const int	 *candidates;	/* slots, best first on a tie */
	size_t		  ncandidates;
	double		  expected;	/* users: what it will cost */
	int		  fade_s;	/* over how long the guess fades */
	long long	  meetings_limit; /* of the frontend; 0: none */
	int		  agent_timeout_ms;
	/* Kept for repeats of the call and for state until the first poll. */
	const char	 *attendee_pw;
	const char	 *moderator_pw;
	const char	 *voice_bridge;	/* "" if the frontend named none */
	const char	 *name;
	bool		  record;
	long long	  max_users;
	const char	 *metadata;	/* XML, as getMeetingInfo shows it */
	const char	 *params;	/* the frontend's query; no checksum */
	/* meetingEndedURL and meta_endCallbackUrl, "" for none of them. */
	const char *const *end_urls;
	size_t		  nend_urls;
	/*
	 * A second try: the server that failed just now (its failure is
	 * recorded here; no error: it was only busy) and the attempt that the
	 * caller holds; NULL at first.
	 */
	const char	 *failed_backend;
	const char	 *failed_error;
	int		  failed_attempt;
	bool		  failed_living; /* confirmed, as the caller knows */
};

enum place_outcome {
	PLACE_NEW,	/* reserved for the caller: create it there */
	PLACE_FOUND,	/* there already (or moved by another): go on to it */
	PLACE_NONE,	/* no candidate may take it (failure is recorded) */
	PLACE_LIMIT	/* the frontend's meetings_limit is reached */
};

struct placed {
	enum place_outcome	outcome;
	struct meeting		meeting;	/* of NEW and FOUND */
};

/*
 * Never waits for anything but its own lock.  A row that the caller's
 * failed_attempt still holds moves to another candidate (attempt + 1, placed
 * again, PLACE_NEW), but not one that another call has confirmed meanwhile
 * (PLACE_FOUND); if no candidate can take it, it is taken back when it
 * was only placed, and stays as it is when it lived.
 */
int	place(struct db *db, const struct place_req *q, struct arena *a,
	    struct placed *p, struct err *e);

#endif
