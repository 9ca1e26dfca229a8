/*
 * Reads a request from the variables that the web server sends.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/env.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "proto/url.h"

/* The variables that count; NULL when absent.  They point into the request. */
struct vars {
	const char	*method;
	const char	*uri;
	const char	*host;
	const char	*server_name;
	const char	*https;
	const char	*scheme;
	const char	*accept;
	const char	*accept_language;
	const char	*origin;
	const char	*content_type;
	const char	*content_length;
	const char	*user_agent;
	const char	*authorization;
	const char	*remote_addr;
};

#define VAR(name, member) { name, sizeof(name) - 1,			\
	offsetof(struct vars, member) }

static const struct {
	const char	*name;
	size_t		 len;
	size_t		 offset;
} names[] = {
	VAR("REQUEST_METHOD",		method),
	VAR("REQUEST_URI",		uri),
	VAR("HTTP_HOST",		host),
	VAR("SERVER_NAME",		server_name),
	VAR("HTTPS",			https),
	VAR("REQUEST_SCHEME",		scheme),
	VAR("HTTP_ACCEPT",		accept),
	VAR("HTTP_ACCEPT_LANGUAGE",	accept_language),
	VAR("CONTENT_TYPE",		content_type),
	VAR("CONTENT_LENGTH",		content_length),
	VAR("HTTP_USER_AGENT",		user_agent),
	VAR("HTTP_AUTHORIZATION",	authorization),
	VAR("HTTP_ORIGIN",		origin),
	VAR("REMOTE_ADDR",		remote_addr),
};

/* The first of a name counts. */
static void
vars_add(struct vars *v, const char *entry)
{
	const char	**to;
	size_t		  i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (entry[0] != names[i].name[0] ||
		    strncmp(entry, names[i].name, names[i].len) != 0 ||
		    entry[names[i].len] != '=')
			continue;
		to = (const char **)(void *)((char *)v + names[i].offset);
		if (*to == NULL)
			*to = entry + names[i].len + 1;
		return;
	}
}

/* The request's own memory goes when it ends, the log line comes later. */
static const char *
copy(struct arena *a, const char *s)
{
	return s == NULL || *s == '\0' ? "" : arena_strdup(a, s);
}

static enum http_method
method_of(const char *name)
{
	static const char *const	words[] = {
		[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD",
		[HTTP_POST] = "POST", [HTTP_PUT] = "PUT",
		[HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
		[HTTP_OPTIONS] = "OPTIONS",
	};
	int				i;

	for (i = 0; i < HTTP_OTHER; i++)
		if (strcmp(words[i], name) == 0)
			return (enum http_method)i;
	return HTTP_OTHER;
}

/* "Host:8080" and "[::1]:8080" without the port, in lower case. */
static const char *
host_of(struct arena *a, const char *host)
{
	size_t	 len;
	char	*s, *p;

	/* What is no text is no name that a frontend could have. */
	if (host == NULL || !str_utf8_valid(host, strlen(host)))
		return "";
	len = strcspn(host, host[0] == '[' ? "]" : ":");
	if (host[0] == '[' && host[len] == ']')
		len++;
	s = arena_memdup(a, host, len);
	for (p = s; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return s;
}

/*
 * nginx and lighttpd say HTTPS=on, some only name the scheme; a header of the
 * client's is not asked.
 */
static const char *
scheme_of(const struct vars *v)
{
	if (v->https != NULL && *v->https != '\0' && !str_ieq(v->https, "off"))
		return "https";
	return v->scheme != NULL && str_ieq(v->scheme, "https") ?
	    "https" : "http";
}

/* Where the path of "https://host/path" begins; proxies may send these. */
static const char *
skip_authority(const char *uri)
{
	const char	*p;

	if (!url_is_http(uri))
		return uri;
	p = strstr(uri, "://") + 3;
	return p + strcspn(p, "/?");
}

/* Too long a path is kept cut, for the log. */
static int
read_uri(const struct vars *v, size_t max_query, struct http_req *req,
    struct err *e)
{
	const char	*uri;
	size_t		 path_len;
	char		*path;

	if (v->uri == NULL || *v->uri == '\0') {
		err_set(e, ERR_INPUT, "the web server sends no REQUEST_URI");
		return 400;
	}
	uri = skip_authority(v->uri);
	path_len = strcspn(uri, "?");
	req->raw_path = arena_memdup(req->arena, uri,
	    path_len > ENV_PATH_MAX ? ENV_PATH_MAX : path_len);
	if (path_len > ENV_PATH_MAX) {
		err_set(e, ERR_TOOBIG, "the path is longer than %d bytes",
		    ENV_PATH_MAX);
		return 414;
	}
	if (uri[path_len] == '?') {
		req->raw_query_len = strlen(uri + path_len + 1);
		if (req->raw_query_len > max_query) {
			req->raw_query_len = 0;
			err_set(e, ERR_TOOBIG,
			    "the query is longer than %zu bytes", max_query);
			return 414;
		}
		req->raw_query = arena_memdup(req->arena, uri + path_len + 1,
		    req->raw_query_len);
	}
	if (url_path(req->arena, req->raw_path, &path, e) < 0)
		return 400;
	req->path = path;
	return 0;
}

/* No length and a length of 0 are told apart: a chunked body has none. */
static int
read_length(const char *text, long long *length, struct err *e)
{
	*length = -1;
	if (text == NULL || *text == '\0')
		return 0;
	if (str_to_ll(text, length) == 0 && *length >= 0)
		return 0;
	*length = -1;
	err_set(e, ERR_INPUT, "Content-Length is not a number");
	return 400;
}

int
env_read(char *const *envp, size_t max_query, struct http_req *req,
    struct err *e)
{
	struct vars	 v;
	struct arena	*a = req->arena;
	int		 status;

	memset(&v, 0, sizeof(v));
	for (; *envp != NULL; envp++)
		vars_add(&v, *envp);
	req->method_name = copy(a, v.method);
	req->method = method_of(req->method_name);
	req->path = "";
	req->raw_path = "";
	req->raw_query = "";
	req->raw_query_len = 0;
	req->host = host_of(a, v.host != NULL && *v.host != '\0' ?
	    v.host : v.server_name);
	req->scheme = scheme_of(&v);
	req->accept = copy(a, v.accept);
	req->accept_language = copy(a, v.accept_language);
	req->origin = copy(a, v.origin);
	req->content_type = copy(a, v.content_type);
	req->user_agent = copy(a, v.user_agent);
	req->authorization = copy(a, v.authorization);
	req->remote_addr = copy(a, v.remote_addr);
	if ((status = read_uri(&v, max_query, req, e)) != 0)
		return status;
	return read_length(v.content_length, &req->content_length, e);
}
