/*
 * Meetings of the whole cluster, as admins see them and end them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_MEETINGS_H
#define STORE_MEETINGS_H

#include "base/arena.h"
#include "base/err.h"

struct db;
struct rows;

/* Each NULL: any. */
struct meetings_filter {
	const char	*backend_id;
	const char	*backend_host;
	const char	*backend;	/* id or host */
	const char	*frontend;	/* id or key */
	const char	*running;	/* "true" or "false" */
	const char	*text;		/* part of its name or of an id */
	const char	*limit;		/* as text */
	const char	*offset;
};

/*
 * What has not ended; rows as meeting_record() of proto/resource.h, column 0
 * is the number of all: see fcgi/api/api.h.  One statement.
 */
int	meetings_search(struct db *db, const struct meetings_filter *f,
	    int (*fn)(const struct rows *, void *), void *ctx, struct err *e);
/* 1, 0: no backend has this id and this host (NULL: any), -1. */
int	meetings_has_backend(struct db *db, const char *backend_id,
	    const char *host, struct err *e);
/*
 * One by the id that its server knows, or "internal:" and the server's own.
 * agent NULL: any; else only on its backend.  No row: there is none.  Freed by
 * the caller; NULL with e set.
 */
struct rows *meetings_show(struct db *db, const char *id, const char *agent,
	    struct err *e);

struct meetings_change {
	const char	*id;		/* as of meetings_show() */
	const char	*agent;
	/*
	 * Its members by their names in the API, but Metadata as an object of
	 * whole elements (null: it goes) and BreakoutRooms as XML.
	 */
	const char	*doc;
	const char	*sent;		/* the same, for the audit */
	double		 weight_voice;	/* cost units, as of poll.h */
	double		 weight_video;
};
/*
 * Merges it into what is known of the meeting, counts loads anew, writes the
 * audit; one statement.  The next poll has the last word.  1, 0: there is no
 * such meeting, -1.
 */
int	meetings_change(struct db *db, struct arena *a, const char *who,
	    const struct meetings_change *m, struct err *e);

/* What is needed for ending one. */
struct meetings_target {
	char	*row;		/* primary key */
	char	*internal_id;	/* NULL: its server has not confirmed it */
	char	*id;		/* as its server knows it */
	char	*moderator_pw;
	char	*host;
	char	*secret;
};
/* Of the only row of meetings_show. */
void	meetings_target(const struct rows *r, struct arena *a,
	    struct meetings_target *t);
/*
 * Marks it ended, as meeting_end() does, with a row of the audit: who as in
 * audit.h, action is its word there.  1, 0: it had ended before, -1.
 */
int	meetings_end(struct db *db, const char *who, const char *action,
	    const struct meetings_target *t, struct err *e);

#endif
