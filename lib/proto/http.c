/*
 * What is the same for every request and reply, whoever carries them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

static const struct {
	int		 status;
	const char	*reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

void
http_header_set(struct http_reply *r, const char *name, const char *value)
{
	size_t	i;

	for (i = 0; i < r->nheaders; i++)
		if (str_ieq(r->headers[i].name, name))
			break;
	assert(i < HTTP_HEADERS_MAX);
	if (i == r->nheaders)
		r->nheaders++;
	r->headers[i].name = name;
	r->headers[i].value = value;
}

static struct view
trim_to(const char *p, size_t len)
{
	struct view	 v = { p, len };

	return str_trim(v);
}

static char *
lower_copy(struct arena *a, struct view v)
{
	char	*s = arena_memdup(a, v.p, v.len), *p;

	for (p = s; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return s;
}

/* Types are compared without case and parameters (RFC 9110 8.3.1). */
char *
http_media_type(struct arena *a, const char *content_type)
{
	return lower_copy(a, trim_to(content_type,
	    strcspn(content_type, ";")));
}

const char *
http_reason(int status)
{
	size_t	i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

int
http_stream(struct http_reply *r, const void *p, size_t len)
{
	struct buf	head = { NULL, 0, 0 };

	if (!r->streaming && !r->broken) {
		r->streaming = true;
		http_head_write(r, &head);
		r->broken = r->write(r->io, head.data, head.len) != 0;
		buf_free(&head);
	}
	if (!r->broken && len > 0)
		r->broken = r->write(r->io, p, len) != 0;
	if (r->broken)
		return -1;
	r->sent += len;
	return 0;
}

/* A value may come from a frontend: no line of its own making. */
static void
value_write(struct buf *out, const char *value)
{
	size_t	run;

	for (; *value != '\0'; value += run) {
		for (run = 0; (unsigned char)value[run] >= ' ' ||
		    value[run] == '\t'; run++)
			continue;
		buf_add(out, value, run);
		if (value[run] != '\0')
			value++;
	}
}

void
http_head_write(const struct http_reply *r, struct buf *out)
{
	size_t	i;

	buf_printf(out, "Status: %d %s\r\n", r->status,
	    http_reason(r->status));
	for (i = 0; i < r->nheaders; i++) {
		buf_adds(out, r->headers[i].name);
		buf_adds(out, ": ");
		value_write(out, r->headers[i].value);
		buf_adds(out, "\r\n");
	}
	buf_adds(out, "\r\n");
}

/* One member of a list as Accept and Accept-Language have them. */
struct choice {
	struct view	name;
	double		q;	/* 0 to 1 */
};

/* The weight among the parameters of [p, end); 1 if none is given. */
static double
weight(const char *p, const char *end)
{
	struct view	 v;
	double		 q;

	while (p < end && (p = memchr(p, ';', (size_t)(end - p))) != NULL) {
		p++;
		v = trim_to(p, (size_t)(end - p));
		if (v.len < 2 || (v.p[0] != 'q' && v.p[0] != 'Q') ||
		    v.p[1] != '=')
			continue;
		q = strtod(v.p + 2, NULL);
		return q >= 0 && q <= 1 ? q : 0;
	}
	return 1;
}

/* Reads one member off *p; false at the end of the list. */
static bool
choice_next(const char **p, struct choice *c)
{
	const char	*begin = *p;
	size_t		 len;

	if (*begin == '\0')
		return false;
	len = strcspn(begin, ",");
	*p += len + (begin[len] == ',');
	c->name = trim_to(begin, strcspn(begin, ",;"));
	c->q = weight(begin, begin + len);
	return true;
}

static bool
view_ieq(struct view v, const char *s)
{
	return v.len == strlen(s) && strncasecmp(v.p, s, v.len) == 0;
}

bool
http_accepts_html(const struct http_req *req)
{
	const char	*p = req->accept;
	struct choice	 c;

	while (choice_next(&p, &c))
		if (view_ieq(c.name, "text/html") && c.q > 0)
			return true;
	return false;
}

bool
http_prefers_json(const struct http_req *req)
{
	const char	*p = req->accept;
	struct choice	 c;

	while (choice_next(&p, &c)) {
		if (c.q == 0)
			continue;
		if (view_ieq(c.name, "application/json"))
			return true;
		if (view_ieq(c.name, "text/xml") || view_ieq(c.name, "*/*") ||
		    view_ieq(c.name, "application/xml"))
			return false;
	}
	return false;
}

/* "de-AT" is served by "de"; "*" by the default. */
static bool
language_serves(const char *lang, bool is_default, struct view range)
{
	const char	*dash = memchr(range.p, '-', range.len);

	if (view_ieq(range, "*"))
		return is_default;
	if (view_ieq(range, lang))
		return true;
	if (dash == NULL)
		return false;
	range.len = (size_t)(dash - range.p);
	return view_ieq(range, lang);
}

const char *
http_language(const struct http_req *req, const char *const *langs)
{
	const char	*p = req->accept_language, *best = langs[0];
	struct choice	 c;
	double		 best_q = 0;
	size_t		 i;

	while (choice_next(&p, &c))
		for (i = 0; langs[i] != NULL; i++)
			if (c.q > best_q &&
			    language_serves(langs[i], i == 0, c.name)) {
				best = langs[i];
				best_q = c.q;
			}
	return best;
}
