/*
 * Commands that are to be done by a job, each by one of many at a time.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct db;

/* A command as it stands; times are ISO 8601 in UTC with microseconds. */
struct command {
	char		*id;		/* uuid */
	long long	 seq;
	char		*state;		/* requested, running, success, error */
	char		*action;
	char		*params;	/* JSON, or NULL */
	char		*result;	/* JSON, or NULL */
	char		*deadline;
	char		*created_at;
	char		*started_at;	/* or NULL */
	char		*stopped_at;	/* or NULL */
	/* Of one that was claimed: */
	char		*backend_id;	/* NULL: about none */
	char		*lease;		/* fencing token */
	int		 attempts;	/* this one counted */
};

struct commands {
	struct command	*v;
	size_t		 n;
};

/*
 * Adds a command: collect_garbage, decommission_backend, drain,
 * end_all_meetings or update_node_state.  params (JSON, or NULL) names the
 * backend as backend_id, BackendID, ID or id; a drain's end_after is in
 * seconds.  deadline_s counts from now (a drain has its own).  1: added; 0:
 * the same was waiting already, and its id is the answer; -1: ERR_INPUT tells
 * what is wrong with action or params.  Notifies the jobs.
 */
int	queue_enqueue(struct db *db, const char *action, const char *params,
	    int deadline_s, struct arena *a, char **id, struct err *e);
/* 1; 0: no such command; -1. */
int	queue_get(struct db *db, const char *id, struct arena *a,
	    struct command *c, struct err *e);
/* All that are kept, oldest first. */
int	queue_list(struct db *db, struct arena *a, struct commands *c,
	    struct err *e);

/*
 * Takes at most max that are due, oldest first, for lease_ms: within them
 * nobody else does.  What passed its deadline ends with the result
 * "timedout".
 */
int	queue_claim(struct db *db, int max, int lease_ms, struct arena *a,
	    struct commands *c, struct err *e);
/* Milliseconds until the next is due, at most max_ms; -1 with e set. */
int	queue_next(struct db *db, int max_ms, struct err *e);

/*
 * These say what became of a claimed one.  1; 0: the lease was over and
 * another job has it (nothing is changed); -1.
 */
int	queue_extend(struct db *db, const struct command *c, int lease_ms,
	    struct err *e);
/* result is JSON. */
int	queue_finish(struct db *db, const struct command *c, bool ok,
	    const char *result, struct err *e);
/* The error's text becomes its result. */
int	queue_fail(struct db *db, const struct command *c, const char *text,
	    struct err *e);
/* It is not done yet: due again after delay_ms. */
int	queue_again(struct db *db, const struct command *c, int delay_ms,
	    struct err *e);

enum queue_step {
	QUEUE_LOST,	/* another job has it */
	QUEUE_DONE,	/* and finished */
	QUEUE_WAITS,	/* given back: due again in a while */
	QUEUE_END	/* its server's meetings are to be ended */
};
/* The next step of a drain or of a decommission, whole or not at all. */
int	queue_drain(struct db *db, const struct command *c,
	    enum queue_step *step, struct err *e);
int	queue_decommission(struct db *db, const struct command *c,
	    enum queue_step *step, struct err *e);

/* A meeting that lives on some server. */
struct queue_meeting {
	long long	 row;
	char		*internal_id;
	char		*backend_meeting_id;
	char		*moderator_pw;
	char		*backend_id;
	char		*host;
	char		*secret;
};
/*
 * The living meetings of these servers; breakout rooms end with the meeting
 * they belong to, and are left out while it lives.
 */
int	queue_meetings(struct db *db, const char *const *backends, size_t n,
	    struct arena *a, struct queue_meeting **v, size_t *nv,
	    struct err *e);
/* 1; 0: no such backend; -1. */
int	queue_has_backend(struct db *db, const struct command *c,
	    struct err *e);

/* These servers are due for a poll; since (opaque) is when that was said. */
int	queue_poll_now(struct db *db, const char *const *backends, size_t n,
	    struct arena *a, char **since, struct err *e);

enum queue_polled {
	QUEUE_POLL_AWAITED,
	QUEUE_POLL_OK,
	QUEUE_POLL_FAILED
};
/* How the command's server answered since then; reason if it failed. */
int	queue_polled(struct db *db, const struct command *c,
	    const char *since, struct arena *a, enum queue_polled *how,
	    char **reason, struct err *e);

/* New commands are notified to this connection from now on. */
int	queue_listen(struct db *db, struct err *e);

#endif
