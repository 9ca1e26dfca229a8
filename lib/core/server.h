/*
 * One signed call to a BBB server, within its slot and its deadline.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include "base/arena.h"
#include "base/err.h"
#include "core/worker.h"
#include "proto/bbb.h"
#include "proto/client.h"
#include "proto/url.h"
#include "store/backend.h"

struct spool;

enum server_outcome {
	SERVER_SAID,	/* a BBB reply, success or not: reply is filled */
	SERVER_OTHER,	/* HTTP 2xx that is no BBB XML (JSON, text) or 4xx */
	SERVER_UNFIT,	/* too large, or broken: the request's fault; e has
			 * words that the frontend may read */
	SERVER_STUMBLED, /* HTTP 500: over this request, or it is broken */
	SERVER_DOWN,	/* refused, another 5xx, cut off, or not our secret */
	SERVER_TIMEOUT,	/* no answer in time: it may have worked */
	SERVER_BUSY	/* no slot: enough calls wait for it already */
};

struct server_call {
	const struct backend	*backend;
	const char		*name;
	const struct query	*query;
	struct spool		*body;		/* XML, sent by POST; or NULL */
	int			 total_ms;
};

/*
 * res is freed by the caller (client_res_free) whatever the outcome; reply
 * lives in the arena and points into res.  e says why it is not SERVER_SAID.
 */
enum server_outcome server_ask(struct worker *w, struct arena *a,
		    const struct server_call *q, struct client_res *res,
		    struct bbb_reply *reply, struct err *e);

#endif
