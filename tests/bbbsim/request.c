/*
 * One request to a simulated server, from its first line to its answer.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "call.h"
#include "mem.h"
#include "request.h"
#include "server.h"

#define FORM_MAX	((size_t)2 * 1024 * 1024)
#define API		"/bigbluebutton/api"

/* The web server in front of BBB makes one slash of many. */
static void
collapse_slashes(char *path)
{
	char	*to = path, *from;

	for (from = path; *from != '\0'; from++)
		if (*from != '/' || to == path || to[-1] != '/')
			*to++ = *from;
	*to = '\0';
}

static const struct call *
route(const char *path, const char **name)
{
	static const struct {
		const char	*path;
		enum call_id	 call;
	} fixed[] = {
		{ API,				CALL_INDEX },
		{ API "/",			CALL_INDEX },
		{ "/bigbluebutton",		CALL_INDEX },
		{ "/bigbluebutton/",		CALL_INDEX },
		{ "/html5client",		CALL_CLIENT },
		{ "/html5client/",		CALL_CLIENT },
		{ "/html5client/join",		CALL_CLIENT },
	};
	size_t	i;

	*name = "";
	for (i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		if (strcmp(fixed[i].path, path) == 0)
			return call_of(fixed[i].call);
	if (strncmp(path, API "/", sizeof API) != 0)
		return call_of(CALL_OTHER);
	*name = path + sizeof API;
	return call_find(*name);
}

struct request *
request_new(struct server *s, struct MHD_Connection *conn, const char *uri)
{
	struct request	*r = mem_alloc(sizeof *r);
	const char	*q = strchr(uri, '?');

	r->server = s;
	r->conn = conn;
	r->path = q == NULL ? mem_dup(uri) : mem_dupn(uri, (size_t)(q - uri));
	r->query = mem_dup(q == NULL ? "" : q + 1);
	collapse_slashes(r->path);
	r->call = route(r->path, &r->call_name);
	return r;
}

const char *
request_header(const struct request *r, const char *name)
{
	return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

const char *
request_param(const struct request *r, const char *name)
{
	return params_get(&r->params, name);
}

bool
request_has_type(const struct request *r, const char *type)
{
	const char	*given = request_header(r, "Content-Type");
	size_t		 len = strlen(type);

	if (given == NULL || strncasecmp(given, type, len) != 0)
		return false;
	given += len;
	given += strspn(given, " \t");
	return *given == '\0' || *given == ';';
}

bool
request_is(const struct request *r, const char *method)
{
	return strcmp(r->method, method) == 0;
}

/* Failures go out as JSON to a program that asks for that first of all. */
static bool
wants_json(const struct request *r)
{
	static const char *const browsers[] = {
		"Gecko", "WebKit", "Presto", "Trident"
	};
	const char	*accept = request_header(r, "Accept");
	const char	*agent = request_header(r, "User-Agent");
	size_t		 i;

	if (accept == NULL || strncasecmp(accept, "application/json", 16) != 0)
		return false;
	for (i = 0; agent != NULL && i < sizeof browsers / sizeof browsers[0];
	    i++)
		if (strstr(agent, browsers[i]) != NULL)
			return false;
	return true;
}

static bool
has_form(const struct request *r)
{
	return request_has_type(r, "application/x-www-form-urlencoded");
}

void
request_open(struct request *r, const char *method)
{
	r->method = method;
	r->reply.json = wants_json(r);
	if (!request_is(r, "POST") || has_form(r))
		return;
	if (r->call->id == CALL_CREATE || r->call->id == CALL_INSERT_DOCUMENT)
		r->xml = body_xml_new(r->server->digests);
}

void
request_feed(struct request *r, const char *data, size_t len)
{
	if (r->body_digest == NULL)
		r->body_digest = digest_sha256_new(r->server->digests);
	digest_add(r->body_digest, data, len);
	r->body_len += len;
	if (r->xml != NULL)
		body_xml_feed(r->xml, data, len);
	else if (has_form(r) && r->form.len + len <= FORM_MAX)
		buf_bytes(&r->form, data, len);
	else if (has_form(r))
		r->too_large = true;
}

void
request_close(struct request *r)
{
	struct checksum	c = { .call = r->call_name, .query = r->query,
	    .secret = r->server->secret };

	if (r->body_digest != NULL)
		digest_hex(r->body_digest, r->body_sha256);
	params_parse(&r->params, r->query, strlen(r->query));
	if (r->form.len > 0)
		params_parse(&r->params, r->form.data, r->form.len);
	c.given = request_param(r, "checksum");
	c.old = r->server->settings.series < SERIES_3_0;
	r->checksum = checksum_check(r->server->digests, &c);
}

void
request_free(struct request *r)
{
	free(r->path);
	free(r->query);
	params_free(&r->params);
	digest_free(r->body_digest);
	buf_free(&r->form);
	body_xml_free(r->xml);
	reply_clear(&r->reply);
	plan_free(&r->plan);
	free(r);
}
