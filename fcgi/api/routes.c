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
	{ HTTP_GET, "/openapi.json", API_ANY, API_NO_TOKEN, api_openapi },

	{ HTTP_GET, "/frontends", API_ADMIN | API_USER, 0,
	    api_frontends_list },
	{ HTTP_POST, "/frontends", API_ADMIN, API_BODY, api_frontends_add },
	{ HTTP_GET, "/frontends/{id}", API_ADMIN | API_USER, API_UUID,
	    api_frontends_show },
	{ HTTP_PATCH, "/frontends/{id}", API_ADMIN | API_USER,
	    API_UUID | API_BODY, api_frontends_change },
	{ HTTP_DELETE, "/frontends/{id}", API_ADMIN, API_UUID,
	    api_frontends_remove },
	{ HTTP_POST, "/frontends/{id}/rotate-secret", API_ADMIN | API_USER,
	    API_UUID | API_BODY, api_rotation },
	{ HTTP_GET, "/frontends/{id}/settings", API_ADMIN | API_USER,
	    API_UUID, api_settings_all },
	{ HTTP_GET, "/frontends/{id}/settings/{name}", API_ADMIN | API_USER,
	    API_UUID, api_settings_get },
	{ HTTP_PUT, "/frontends/{id}/settings/{name}", API_ADMIN | API_USER,
	    API_UUID | API_BODY, api_settings_put },
	{ HTTP_DELETE, "/frontends/{id}/settings/{name}",
	    API_ADMIN | API_USER, API_UUID, api_settings_unset },
	{ HTTP_GET, "/settings", API_ANY, 0, api_settings_known },

	{ HTTP_GET, "/backends", API_ADMIN, 0, api_backends_list },
	{ HTTP_POST, "/backends", API_ADMIN | API_NODE, API_BODY,
	    api_backends_add },
	{ HTTP_GET, "/backends/{id}", API_ADMIN | API_NODE, API_UUID,
	    api_backends_show },
	{ HTTP_PATCH, "/backends/{id}", API_ADMIN | API_NODE,
	    API_UUID | API_BODY, api_backends_change },
	{ HTTP_DELETE, "/backends/{id}", API_ADMIN, API_UUID,
	    api_backends_remove },

	{ HTTP_GET, "/reservations", API_ADMIN, 0, api_reservations_list },
	{ HTTP_POST, "/reservations", API_ADMIN, API_BODY,
	    api_reservations_add },
	{ HTTP_GET, "/reservations/{id}", API_ADMIN, API_UUID,
	    api_reservations_show },
	{ HTTP_PATCH, "/reservations/{id}", API_ADMIN, API_UUID | API_BODY,
	    api_reservations_change },
	{ HTTP_DELETE, "/reservations/{id}", API_ADMIN, API_UUID,
	    api_reservations_remove },

	{ HTTP_GET, "/meetings", API_ADMIN, 0, api_meetings_list },
	{ HTTP_GET, "/meetings/{id}", API_ADMIN | API_NODE, 0,
	    api_meetings_show },
	{ HTTP_PATCH, "/meetings/{id}", API_ADMIN | API_NODE, API_BODY,
	    api_meeting_change },
	{ HTTP_DELETE, "/meetings/{id}", API_ADMIN | API_NODE, 0,
	    api_meetings_remove },
	{ HTTP_POST, "/meetings/{id}/end", API_ADMIN, API_BODY,
	    api_meetings_end },

	{ HTTP_GET, "/commands", API_ADMIN, 0, api_commands_list },
	{ HTTP_POST, "/commands", API_ADMIN, API_BODY, api_commands_add },
	{ HTTP_GET, "/commands/{id}", API_ADMIN, API_UUID,
	    api_commands_show },

	{ HTTP_POST, "/ctrl/migrate", API_ADMIN, API_BODY,
	    api_ctrl_migrate },

	{ HTTP_GET, "/audit", API_ADMIN, 0, api_audit_list },
	{ HTTP_GET, "/agent/backend", API_NODE, 0, api_agent_backend },
	{ HTTP_POST, "/agent/events", API_NODE, 0, api_agent_events },
	{ HTTP_POST, "/agent/heartbeat", API_NODE, API_BODY,
	    api_agent_heartbeat },
	{ HTTP_POST, "/agent/rpc", API_NODE, API_BODY, api_agent_rpc },
	{ HTTP_GET, "/callbacks", API_ADMIN | API_USER, 0,
	    api_callback_list },
	{ HTTP_GET, "/callbacks/{id}", API_ADMIN | API_USER, 0,
	    api_callback_show },
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

/* All that any row has; HEAD comes with GET. */
const char *
api_allowed(struct api *c, const char *path)
{
	static const struct {
		enum http_method	 method;
		const char		*text;
	} words[] = {
		{ HTTP_GET, "GET, HEAD" }, { HTTP_POST, "POST" },
		{ HTTP_PUT, "PUT" }, { HTTP_PATCH, "PATCH" },
		{ HTTP_DELETE, "DELETE" },
	};
	const char	*allow = NULL;
	size_t		 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (api_match(c, words[i].method, path) != NULL)
			allow = allow == NULL ? words[i].text :
			    arena_printf(c->arena, "%s, %s", allow,
			    words[i].text);
	return allow;
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
