/*
 * A BBB call from its path to its answer.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_H
#define CORE_GATEWAY_H

#include <stdbool.h>

#include "core/worker.h"
#include "proto/http.h"

/* What the request's log line tells; strings live in the request's arena. */
struct gateway_log {
	const char	*frontend;	/* key */
	const char	*subject;	/* of the API's token, or NULL */
	const char	*call;
	const char	*meeting;
	const char	*backend;
	const char	*result;	/* SUCCESS, or the messageKey */
	const char	*reason;	/* of a failure, for admins; or NULL */
};

/* Is this path ours: /bbb..., /bigbluebutton..., the waiting page? */
bool	gateway_takes(const char *path);
/*
 * Answers one call; there is always an answer.  `after` must be called once
 * the answer is out (it announces a new meeting); it may be called always.
 */
struct call;
struct call *gateway_handle(struct worker *w, struct http_req *req,
	    struct http_reply *reply, struct gateway_log *log);
void	gateway_after(struct call *c);

#endif
