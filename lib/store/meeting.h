/*
 * Where meetings live, who is in them, and when they end.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_MEETING_H
#define STORE_MEETING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "proto/meeting.h"

struct db;
struct rows;

enum meeting_state {
	MEETING_PLACED,		/* reserved, no server has confirmed it */
	MEETING_LIVING,
	MEETING_ENDED		/* the row stays: its id may come back */
};

struct meeting {
	long long	   row;			/* primary key */
	char		  *frontend_id;
	char		  *meeting_id;		/* as the frontend names it */
	char		  *backend_id;
	char		  *backend_meeting_id;	/* as its server names it */
	char		  *internal_id;		/* NULL until confirmed */
	enum meeting_state state;
	bool		   running;
	int		   attempt;	/* compared and set when it moves */
	char		  *attendee_pw;	/* these three: "" in the replica */
	char		  *moderator_pw;
	char		  *voice_bridge;
	long long	   version;
};

/* What a server said to create. */
struct meeting_created {
	long long	 row;
	int		 attempt;
	const char	*internal_id;
	long long	 create_time;	/* ms */
	const char	*create_date;
	const char	*attendee_pw;
	const char	*moderator_pw;
	const char	*voice_bridge;
	const char	*dial_number;
	long long	 duration;	/* minutes */
	bool		 revive;	/* although it was marked ended */
};

#define CONFIRM_DYING 2

/*
 * Confirms a placed meeting (or again a living one, if what the server said
 * differs: a meeting made anew under the same id), resets its backend's
 * failures.  1; 0: the row has moved on (another attempt, or ended): look
 * again; CONFIRM_DYING: this internal id was marked ended, and its server has
 * not done with it yet (unless revive: then it counts as living again); -1.
 */
int	meeting_confirm(struct db *db, const struct meeting_created *c,
	    struct err *e);
/*
 * Takes a placed meeting back that its server refused to make, if the row
 * still is at this attempt and unconfirmed; loads as in meeting_end.
 */
int	meeting_unplace(struct db *db, long long row, int attempt,
	    struct err *e);
/* Tells every replica of a confirmed meeting: after the answer is out. */
int	meeting_announce(struct db *db, long long row, struct err *e);
/*
 * Marks it ended, if its internal id is still this one (NULL: whatever it
 * is), recomputes its backend's and its frontend's load, remembers the
 * internal id so that nothing revives it.  Its breakout rooms end with it.
 * Notifies.  1, 0: it had ended or changed, -1.
 */
int	meeting_end(struct db *db, long long row, const char *internal_id,
	    struct err *e);

/*
 * The state of one living meeting by its id or full internal id: 1, 0: no
 * such meeting of this frontend, -1.  One statement.
 */
int	meeting_info(struct db *db, const char *frontend_id, const char *id,
	    struct arena *a, struct bbb_meeting *m, struct err *e);
/*
 * Every living, confirmed meeting of a frontend, streamed in a stable order;
 * fn returns -1 to stop.  One statement; m lives until fn returns.
 */
int	meeting_each(struct db *db, const char *frontend_id,
	    int (*fn)(const struct bbb_meeting *m, void *ctx), void *ctx,
	    struct err *e);
/* Every living, confirmed meeting of all, for the replica. */
int	meeting_routes(struct db *db,
	    int (*fn)(const struct meeting *m, void *ctx), void *ctx,
	    struct err *e);

/* For this layer: the columns MEETING_COLS of stmt.c, from col on. */
#define MEETING_NCOLS 13
void	meeting_row(const struct rows *r, size_t row, int col,
	    struct arena *a, struct meeting *m);

#endif
