/*
 * Events as calls of the Go server, which knows no batches.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_RPC_H
#define AGENT_RPC_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "proto/event.h"

/* What an event is to the Go server.  Strings are static or in the arena. */
struct rpc_call {
	const char	*method;	/* NULL: nothing */
	const char	*path;
	struct buf	 body;		/* the caller's; empty: none */
};

void	rpc_call_of(struct arena *a, const struct event *ev,
	    struct rpc_call *c);

struct rpc;

/* api is borrowed.  At most queue_max calls wait; more are dropped. */
struct rpc	*rpc_new(const struct api *api, size_t queue_max);
void		 rpc_free(struct rpc *r);
void		 rpc_event(struct rpc *r, const struct event *ev);
/*
 * Some calls at once, since each may wait 15 s for its meeting, but of each
 * meeting one after the other.  A call that fails three times is given up:
 * the server's own poll mends it.
 */
void		 rpc_run(struct rpc *r, int64_t now_ms);
int64_t		 rpc_due_ms(const struct rpc *r);

#endif
