/*
 * Calls of the balancer's REST API with the agent's token.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_API_H
#define AGENT_API_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "calls.h"

struct api {
	struct calls	*calls;		/* borrowed */
	const char	*base;		/* ends in /api/v1/ */
	const char	*token;
	int		 connect_ms;
	int		 total_ms;
};

/*
 * The base of an address as an admin types it, with or without /api/v1, in
 * the arena.  ERR_CONFIG if it is no address of http or https.
 */
int	api_base(struct arena *a, const char *typed, char **base,
	    struct err *e);
/* path has no leading slash; body as in calls.h. */
void	api_begin(const struct api *api, const char *method, const char *path,
	    struct buf *body, void (*done)(void *, const struct calls_res *),
	    void *ctx);
/* An object as a body.  The reference is taken. */
void	api_body(struct buf *out, json_t *obj);
/* What came instead of 2xx, in short and safe to log: "HTTP 503". */
const char *api_failure(const struct calls_res *r, char *text, size_t size);

#endif
