/*
 * The table of the REST API's routes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "fcgi/api/resources.h"

#define PREFIX		"/api/v1"

static const struct api_route routes[] = {
	{ HTTP_GET, "", API_ANY, 0, api_status },
	{ HTTP_GET, "/status", API_ANY, 0, api_status },
	{ HTTP_POST, "/agent/events", API_NODE, 0, api_agent_events },
	{ HTTP_POST, "/agent/heartbeat", API_NODE, API_BODY,
	    api_agent_heartbeat },
	{ HTTP_POST, "/agent/rpc", API_NODE, API_BODY, api_agent_rpc },
	{ HTTP_GET, "/callbacks", API_ADMIN | API_USER, 0,
	    api_callback_list },
	{ HTTP_POST, "/callbacks/{id}/retry", API_ADMIN | API_USER, 0,
	    api_callback_retry },
};

bool
api_takes(const char *path)
{
	size_t	n = sizeof(PREFIX) - 1;

	return strncmp(path, PREFIX, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

const struct api_route *
api_routes(size_t *n)
{
	*n = sizeof(routes) / sizeof(routes[0]);
	return routes;
}

/* Segment by segment; a {name} takes any one that is not empty. */
static bool
matches(struct api *c, const char *pattern, const char *path)
{
	size_t	want, got;

	c->nargs = 0;
	while (*pattern == '/' && *path == '/') {
		want = strcspn(++pattern, "/");
		got = strcspn(++path, "/");
		if (pattern[0] == '{' && got > 0)
			c->args[c->nargs++] = arena_memdup(c->arena, path,
			    got);
		else if (got != want || memcmp(pattern, path, got) != 0)
			return false;
		pattern += want;
		path += got;
	}
	return *pattern == '\0' && *path == '\0';
}

const struct api_route *
api_match(struct api *c, enum http_method method, const char *path)
{
	size_t	i;

	if (method == HTTP_HEAD)
		method = HTTP_GET;
	path += sizeof(PREFIX) - 1;
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (routes[i].method == method &&
		    matches(c, routes[i].path, path))
			return &routes[i];
	return NULL;
}
