/*
 * What agents tell of their servers, on its way into the database.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "proto/event.h"
#include "proto/meeting.h"
#include "store/poll.h"

struct db;

enum events_verdict {
	EVENTS_APPLIED,
	EVENTS_DUPLICATE,	/* it was applied before; nothing changed */
	EVENTS_GAP,		/* not the next one; nothing changed */
	EVENTS_UNKNOWN		/* no backend has this agent */
};

struct events_result {
	enum events_verdict	verdict;
	long long		epoch;		/* the one that counts now */
};

/* A snapshot's meetings as proto/meeting.h read them. */
struct events_snapshot {
	bool			  illegible; /* it is one, but says nothing */
	const struct bbb_meeting *meetings;
	size_t			  n;
	long long		  age_ms;	/* asked so long ago */
};

/*
 * Applies a batch of the agent whose reference this is, to its own backend
 * only: the snapshot (NULL: none) by the rules of polls, then the events in
 * their order; epoch and seq tell whether it is the next one.  Events of
 * meetings that no row has yet are kept until one has.  One statement, which
 * also recomputes the loads of this backend and the frontends concerned, and
 * commits without waiting for the disk.
 */
int	events_batch(struct db *db, const struct poll_opts *o,
	    const char *agent, const struct event_batch *b,
	    const struct events_snapshot *s, struct arena *a,
	    struct events_result *res, struct err *e);

/* What the Go program's agent asks for, one call at a time. */
enum events_call {
	EVENTS_RUNNING,		/* the meeting runs, or not */
	EVENTS_EMPTIED,		/* nobody is in it */
	EVENTS_JOINED,
	EVENTS_LEFT
};

struct events_rpc {
	enum events_call  call;
	const char	 *internal_id;
	bool		  running;
	const char	 *user;			/* internal user id */
	struct bbb_attendee attendee;		/* EVENTS_JOINED */
};

/* The same for one call, which is of no stream. */
int	events_rpc(struct db *db, const struct poll_opts *o,
	    const char *agent, const struct events_rpc *rpc, struct arena *a,
	    struct events_result *res, struct err *e);

struct events_heartbeat {
	const char	*backend_id;
	const char	*at;	/* RFC 3339, UTC, microseconds */
};

/*
 * The agent is alive.  cpu: load 0 to 1, negative: not told; version: of BBB,
 * NULL or "": not told.  1; 0: no backend has this agent; -1.
 */
int	events_heartbeat(struct db *db, const struct poll_opts *o,
	    const char *agent, double cpu, const char *version,
	    struct arena *a, struct events_heartbeat *h, struct err *e);

#endif
