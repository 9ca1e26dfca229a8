/*
 * Calls of the REST API, with the token, and failures in words that help.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_API_H
#define CTL_API_H

#include "ctl.h"

/*
 * One call.  path begins behind /api/v1, with its slash; body is NULL for
 * none.  *out is the caller's (NULL: not wanted).  A status that is no
 * success is an error: 404 is ERR_MISSING, 401 and 403 ERR_DENIED, other ones
 * below 500 ERR_INPUT; its text says what to do next where that is known.
 */
int	api_call(struct ctl *c, const char *method, const char *path,
	    const json_t *body, json_t **out, struct err *e);
/* api_call() by GET, without a body. */
int	api_get(struct ctl *c, const char *path, json_t **out, struct err *e);
/*
 * The same, of a list: its answer is an array for sure.
 */
int	api_list(struct ctl *c, const char *path, json_t **out,
	    struct err *e);
/*
 * Finds the token and asks the server for its status, into c->status; who
 * may not administrate it is refused.
 */
int	api_open(struct ctl *c, struct err *e);
/* The same, for a token that is being tried: it is not looked for. */
int	api_status(struct ctl *c, struct err *e);
/* A value in a query, or (path) an id in the path. */
const char *api_query(struct ctl *c, const char *value);
const char *api_path(struct ctl *c, const char *value);
/* A text of an answer; "" if it has none by that name. */
const char *api_str(const json_t *object, const char *path);

#endif
