/*
 * HTTP calls to other servers: one at a time, or many at once.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_CLIENT_H
#define PROTO_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "proto/address.h"

struct client;		/* keeps its connections and TLS sessions */
struct spool;

struct client_req {
	const char	*url;
	bool		 post;
	const char	*method;	/* another, done as POST; else NULL */
	const char	*content_type;	/* with a body */
	struct spool	*body;		/* NULL: none */
	int		 connect_ms;
	int		 total_ms;	/* connect included; 0: no time left */
	size_t		 reply_max;	/* bytes; a longer reply is a failure */
	/* For addresses that strangers chose; all zero otherwise. */
	bool		 guarded;	/* connects no further than `reach` */
	enum address_class reach;
	int		 redirects;	/* followed, at most (GET only) */
	const char	*authorization;	/* a header's value; NULL: none */
	const char	*user_agent;	/* NULL: the client's */
};

enum client_outcome {
	CLIENT_OK,		/* a whole HTTP reply of any status */
	CLIENT_REFUSED,		/* nothing was sent: no connection, no name */
	CLIENT_TIMEOUT,		/* the deadline passed; it may have worked */
	CLIENT_BROKEN		/* cut off, too long, not HTTP */
};

struct client_res {
	enum client_outcome	 outcome;
	int			 status;	/* HTTP status */
	char			 content_type[64];
	struct buf		 body;		/* client_res_free */
	char			 location[2048];	/* of redirects */
	int			 ms;		/* how long it took */
	char			 error[160];	/* never with the query */
};

/*
 * user_agent is copied.  One easy handle is reused for client_call.  Servers
 * must show a certificate that the system trusts, or one of SSL_CERT_FILE and
 * SSL_CERT_DIR.  SIGPIPE is ignored from now on.
 */
struct client	*client_new(const char *user_agent);
void		 client_free(struct client *c);
/*
 * Signals do not end it.  A guarded call takes no proxy and no kept
 * connection, and what is checked is each address that it connects to, of a
 * redirect's target, too.  A GET whose kept
 * connection turns out dead is sent once more; a POST always gets a new
 * connection instead.  Returns 0 if a reply came (CLIENT_OK), else -1 with e
 * set (ERR_BACKEND) and r->outcome telling the kind; r is to be freed in both
 * cases.
 */
int		 client_call(struct client *c, const struct client_req *q,
		    struct client_res *r, struct err *e);
void		 client_res_free(struct client_res *r);
/* How long all of client_call has taken since client_new. */
int64_t		 client_spent_us(const struct client *c);

/*
 * All n calls at once through one multi handle, at most `parallel` in the
 * air; done is called for each as it ends, and res (body included) is freed
 * after it (done may take the body: copy the struct buf and zero it).
 * Returns when the last is done.
 */
struct client_job {
	struct client_req	 req;
	void			*ctx;
};
int		 client_many(struct client *c, const struct client_job *jobs,
		    size_t n, size_t parallel,
		    void (*done)(const struct client_job *,
		    struct client_res *), struct err *e);
/*
 * What client_many does while no reply comes in: work returns false when
 * there is nothing to do.  One step should be short: deadlines go on.  NULL
 * ends it.
 */
void		 client_idle(struct client *c, bool (*work)(void *ctx),
		    void *ctx);

#endif
