/*
 * An answer on its way to the client.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "reply.h"
#include "xml.h"

#define TYPE_XML	"text/xml;charset=utf-8"
#define TYPE_JSON	"application/json;charset=utf-8"
#define TYPE_HTML	"text/html;charset=utf-8"

static void
reply_start(struct reply *r, unsigned status, const char *type)
{
	reply_clear(r);
	r->status = status;
	r->type = type;
	r->no_cache = true;
}

static void
reply_outcome(struct reply *r, const char *returncode, const char *key)
{
	r->returncode = returncode;
	(void)snprintf(r->key, sizeof r->key, "%s", key);
}

void
reply_begin(struct reply *r)
{
	reply_start(r, 200, TYPE_XML);
	reply_outcome(r, "SUCCESS", "");
	xml_open(&r->body, "response");
	xml_text(&r->body, "returncode", "SUCCESS");
}

void
reply_end(struct reply *r)
{
	buf_text(&r->body, "</response>");
}

static void
failed_json(struct reply *r, const char *key, const char *message)
{
	json_t	*j;

	j = json_pack("{s:{s:s,s:s,s:s}}", "response", "returncode", "FAILED",
	    "messageKey", key, "message", message);
	reply_start(r, 200, TYPE_JSON);
	reply_json_take(r, json_dumps(j, JSON_INDENT(4)));
	json_decref(j);
}

void
reply_failed(struct reply *r, const char *key, const char *message)
{
	if (r->json)
		failed_json(r, key, message);
	else {
		reply_start(r, 200, TYPE_XML);
		xml_open(&r->body, "response");
		xml_text(&r->body, "returncode", "FAILED");
		xml_text(&r->body, "messageKey", key);
		xml_text(&r->body, "message", message);
		reply_end(r);
	}
	reply_outcome(r, "FAILED", key);
}

void
reply_failed_list(struct reply *r, const char *key, const char *message)
{
	reply_start(r, 200, TYPE_XML);
	xml_open(&r->body, "response");
	xml_text(&r->body, "returncode", "FAILED");
	xml_open(&r->body, "errors");
	xml_open(&r->body, "error");
	xml_text(&r->body, "key", key);
	xml_text(&r->body, "message", message);
	xml_close(&r->body, "error");
	xml_close(&r->body, "errors");
	reply_end(r);
	reply_outcome(r, "FAILED", key);
}

void
reply_json_take(struct reply *r, char *json)
{
	reply_start(r, 200, TYPE_JSON);
	buf_text(&r->body, json);
	free(json);
}

void
reply_xml(struct reply *r, const char *returncode, const char *xml)
{
	reply_start(r, 200, TYPE_XML);
	buf_text(&r->body, xml);
	reply_outcome(r, returncode, "");
}

void
reply_redirect_take(struct reply *r, char *location)
{
	reply_start(r, 302, TYPE_HTML);
	r->location = location;
}

void
reply_html(struct reply *r, const char *title, const char *text)
{
	reply_start(r, 200, TYPE_HTML);
	buf_text(&r->body, "<!doctype html>\n<html>\n<head><title>");
	xml_escaped(&r->body, title);
	buf_text(&r->body, "</title></head>\n<body><p>");
	xml_escaped(&r->body, text);
	buf_text(&r->body, "</p></body>\n</html>\n");
}

void
reply_page(struct reply *r, unsigned status)
{
	reply_html(r, "Error", "An error has occurred");
	r->status = status;
}

void
reply_clear(struct reply *r)
{
	bool	json = r->json;

	free(r->location);
	free(r->cookie);
	buf_free(&r->body);
	*r = (struct reply){ .json = json };
}
