/*
 * HTTP calls in the background of one loop, each with a deadline.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_CALLS_H
#define AGENT_CALLS_H

#include <curl/curl.h>
#include <stddef.h>

#include "base/buf.h"

struct calls;		/* keeps its connections and TLS sessions */

struct calls_req {
	const char	*method;	/* a static string */
	const char	*url;
	const char	*token;		/* of the bearer; NULL: none */
	struct buf	*body;		/* JSON, taken; NULL: none */
	int		 connect_ms;
	int		 total_ms;
	size_t		 reply_max;	/* bytes; a longer reply is a failure */
};

struct calls_res {
	int		 status;	/* of HTTP; 0: no whole reply came */
	struct buf	 body;		/* gone when the callback returns */
	const char	*error;		/* why not; never holds a query */
	int		 ms;		/* how long it took */
};

/*
 * user_agent is copied.  Servers must show a certificate that the system
 * trusts, or one of SSL_CERT_FILE and SSL_CERT_DIR.
 */
struct calls	*calls_new(const char *user_agent);
/* What is in the air is dropped, no callback runs. */
void		 calls_free(struct calls *c);

/*
 * Strings are copied.  done runs once, in calls_wait, and may begin further
 * calls.  Redirects are not followed.  A call whose kept connection turns out
 * dead is sent again: all that the agent sends may be repeated.
 */
void	calls_begin(struct calls *c, const struct calls_req *q,
	    void (*done)(void *ctx, const struct calls_res *r), void *ctx);
/*
 * Runs until a call ends, one of fds is ready or the time is over; done is
 * called for those that ended.
 */
void	calls_wait(struct calls *c, struct curl_waitfd *fds, size_t n,
	    int timeout_ms);

#endif
