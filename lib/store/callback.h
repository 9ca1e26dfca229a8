/*
 * What BBB servers called back about, kept until its frontend has it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_CALLBACK_H
#define STORE_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct db;

enum callback_kind {
	CALLBACK_END,		/* GET */
	CALLBACK_RECORDING,	/* POST of a form with signed_parameters */
	CALLBACK_ANALYTICS	/* POST of JSON */
};

/*
 * Which call of which end this is: the same is stored once, whoever tells of
 * it, and not at all of a placement that the meeting has moved from.
 */
struct callback_end {
	long long	 row;		/* of the meeting; 0: not known */
	int		 attempt;	/* its placement */
	int		 nr;		/* of its URLs, from 1 */
};

struct callback {
	enum callback_kind	 kind;
	const char		*frontend_id;
	const char		*url;	/* as the frontend gave it */
	const char		*query;	/* the server's words, as below */
	const char		*body;
	const char		*token;	/* of Authorization; "" */
	const char		*once;	/* the same is stored once; or NULL */
	struct callback_end	 end;	/* goes before once */
};

/*
 * One statement, committed when it returns.  1: stored, or it had been
 * before; 0: no such frontend; -1.
 */
int	callback_store(struct db *db, const struct callback *c,
	    struct err *e);

/* One that is to be delivered, and what its frontend says about that. */
struct callback_due {
	long long		 id;
	char			*lease;
	int			 attempts;	/* this one counted */
	long long		 received_ms;	/* since 1970 */
	struct callback		 callback;
	char			*frontend_key;
	char			*frontend_secret;
	char			*settings;	/* JSON */
};

struct callback_dues {
	struct callback_due	*v;
	size_t			 n;
};

/*
 * Takes at most max that are due, for lease_s seconds: within them nobody
 * else takes one, and callback_done must follow.  Forgets what has been
 * finished for keep_s.
 */
int	callback_claim(struct db *db, int max, int lease_s, int keep_s,
	    struct arena *a, struct callback_dues *dues, struct err *e);
/* Milliseconds until the next is due, at most max_ms; -1 with e set. */
int	callback_next(struct db *db, int max_ms, struct err *e);

struct callback_result {
	bool		 ok;
	bool		 final;		/* no further try */
	int		 status;	/* HTTP; 0: no answer */
	const char	*error;		/* NULL if ok */
	int		 give_up_s;	/* after it came, no further try */
};

/* 1; 0: the lease is over and another has it; -1. */
int	callback_done(struct db *db, const struct callback_due *d,
	    const struct callback_result *r, struct err *e);
/* It is due now.  1; 0: no such, delivered, or being delivered; -1. */
int	callback_retry(struct db *db, long long id, struct err *e);

struct rows;

/* Which are listed; NULL: all. */
struct callback_filter {
	const char	*account;	/* whose frontends they are for */
	const char	*frontend_key;
	const char	*state;		/* waiting, delivered, failed */
	const char	*limit;		/* numbers as text */
	const char	*offset;
};

/*
 * The newest first, row by row: how many there are in all, then one in the
 * order of callback_record: id, frontend id and key, kind, url (without its
 * query), state, attempts, last status and error, and in microseconds:
 * received, next try, finished.  If none is left to list there is one row
 * with the number alone.
 */
int	callback_each(struct db *db, const struct callback_filter *f,
	    int (*fn)(const struct rows *r, void *ctx), void *ctx,
	    struct err *e);
/*
 * One of them, without the number; no row: there is none for a frontend of
 * this account (NULL: any).  The caller frees it.
 */
struct rows	*callback_show(struct db *db, const char *id,
		    const char *account, struct err *e);
/* 1: there is such a callback, for a frontend of this account; 0; -1. */
int	callback_may_see(struct db *db, const char *id, const char *account,
	    struct err *e);

/*
 * The frontend's own name of a meeting that ran under a hashed id: 1; 0: no
 * such meeting of its; -1.
 */
int	callback_meeting(struct db *db, const char *frontend_id,
	    const char *backend_meeting_id, struct arena *a, char **meeting_id,
	    struct err *e);
/* The secrets of all BBB servers. */
int	callback_secrets(struct db *db, struct arena *a, char ***secrets,
	    size_t *n, struct err *e);

#endif
