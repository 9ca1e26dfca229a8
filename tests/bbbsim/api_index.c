/*
 * The index, and what is not there at all.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <jansson.h>

#include "api.h"
#include "server.h"
#include "xml.h"

#define PLUGIN_SDK	"0.0.95"

static void
index_json(struct request *r, const char *websocket, const char *rest)
{
	json_t	*j;

	j = json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s}}", "response",
	    "returncode", "SUCCESS", "version", "2.0", "apiVersion", "2.0",
	    "bbbVersion", r->server->settings.bbb_version,
	    "graphqlWebsocketUrl", websocket, "graphqlApiUrl", rest,
	    "html5PluginSdkVersion", PLUGIN_SDK);
	reply_json_take(&r->reply, json_dumps(j, JSON_INDENT(4)));
	json_decref(j);
}

void
api_index(struct request *r)
{
	struct buf	*b = &r->reply.body, websocket = { 0 }, rest = { 0 };
	bool		 is_3_0 = r->server->settings.series >= SERIES_3_0;

	buf_format(&websocket, "%s/graphql", r->server->origin);
	buf_format(&rest, "%s/api/rest", r->server->origin);
	if (is_3_0 && request_has_type(r, "application/json")) {
		index_json(r, websocket.data, rest.data);
		goto out;
	}
	reply_begin(&r->reply);
	xml_text(b, "version", "2.0");
	xml_text(b, "apiVersion", "2.0");
	xml_text(b, "bbbVersion", r->server->settings.bbb_version);
	if (is_3_0) {
		xml_text(b, "html5PluginSdkVersion", PLUGIN_SDK);
		xml_text(b, "graphqlWebsocketUrl", websocket.data);
		xml_text(b, "graphqlApiUrl", rest.data);
	}
	reply_end(&r->reply);
out:
	buf_free(&websocket);
	buf_free(&rest);
}

void
api_not_found(struct request *r)
{
	reply_page(&r->reply, 404);
}
