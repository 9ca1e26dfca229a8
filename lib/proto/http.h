/*
 * An HTTP request and its reply as data, whoever carries them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_HTTP_H
#define PROTO_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct spool;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH,
    HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };

/* Strings live in the arena and are never NULL ("" when absent). */
struct http_req {
	enum http_method	 method;
	const char		*method_name;
	const char		*path;		/* decoded, slashes collapsed */
	const char		*raw_path;	/* as sent */
	const char		*raw_query;	/* as sent, without '?' */
	size_t			 raw_query_len;
	const char		*host;		/* lower case, without port */
	const char		*scheme;	/* "http" or "https" */
	const char		*accept;
	const char		*accept_language;
	const char		*content_type;	/* as sent */
	const char		*user_agent;
	const char		*authorization;
	const char		*origin;	/* of a browser's page */
	const char		*remote_addr;
	long long		 content_length; /* -1: none was sent */
	struct arena		*arena;
	/*
	 * Reads the whole body once, into memory or an unlinked file, and
	 * returns it (owned by the request); later calls return the same.
	 * NULL with e set: too large (ERR_TOOBIG), cut short (ERR_INPUT).
	 */
	struct spool		*(*body)(struct http_req *, struct err *);
	void			*io;		/* of whoever carries it */
};

struct http_header {
	const char	*name;
	const char	*value;
};

#define HTTP_HEADERS_MAX 16

/*
 * A reply is either whole (status, headers, body), or streamed: then
 * http_stream() sends the head and each piece, and body stays empty.
 */
struct http_reply {
	int			 status;
	struct http_header	 headers[HTTP_HEADERS_MAX];
	size_t			 nheaders;
	struct buf		 body;
	bool			 streaming;	/* head is out */
	bool			 broken;	/* a piece could not be sent */
	size_t			 sent;		/* bytes of body streamed */
	int			(*write)(void *io, const void *p, size_t len);
	void			*io;
};

/* name is static, value lives until the reply is out. Replaces an old one. */
void	 http_header_set(struct http_reply *r, const char *name,
	    const char *value);
/* "type" without parameters, lower case, e.g. "application/xml". */
char	*http_media_type(struct arena *a, const char *content_type);
const char *http_reason(int status);
/*
 * Sends the head if it is not out, then the bytes.  -1 once the client is
 * gone (and from then on).
 */
int	 http_stream(struct http_reply *r, const void *p, size_t len);
/* The head as CGI wants it: "Status: 200 OK\r\n...\r\n\r\n". */
void	 http_head_write(const struct http_reply *r, struct buf *out);
/* 1 if text/html is among what Accept names (q=0 not counted). */
bool	 http_accepts_html(const struct http_req *req);
/* Whether Accept names application/json before XML and before anything. */
bool	 http_prefers_json(const struct http_req *req);
/* Best of langs (NULL-ended, first is the default) by Accept-Language. */
const char *http_language(const struct http_req *req,
	    const char *const *langs);

#endif
