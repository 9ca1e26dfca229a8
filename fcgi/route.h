/*
 * Who answers which path, by which methods.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_ROUTE_H
#define FCGI_ROUTE_H

#include "base/log.h"
#include "core/gateway.h"
#include "core/worker.h"
#include "proto/http.h"

/* One request on its way through a worker. */
struct exchange {
	struct worker		*w;
	struct http_req		*req;
	struct http_reply	*reply;
	struct gateway_log	 log;
	struct call		*call;	/* NULL: not one of the gateway's */
	const char		*kind;	/* what the log line calls it */
	enum log_level		 level;	/* at which it is logged */
};

/*
 * Fills the reply, whatever was asked for.  The caller sets w, req and reply,
 * the rest is zero; gateway_after(call) is the caller's, too.
 */
void	route_answer(struct exchange *x);
/*
 * The same for a request that env_read() refused with this status: no handler
 * could answer it, but the form of the answer depends on the path.
 */
void	route_refuse(struct exchange *x, int status, const char *why);

#endif
