/*
 * URLs: their escapes, the path of a request, the address of a server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_URL_H
#define PROTO_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "proto/query.h"

/* Letters, digits, "-_.~" stay, blank is '+', all else %XX upper case. */
void	url_encode(struct buf *out, const char *p, size_t len);
/* The same with %20 for a blank: for a path segment. */
void	url_encode_path(struct buf *out, const char *p, size_t len);
/* The value of a hex digit, or -1. */
int	url_hexdigit(char c);
/*
 * Decodes %XX (plus: and '+' as a blank) into dst, which has v.len + 1 bytes;
 * ends it with a NUL and returns the length.  A '%' that begins no escape
 * stays a '%'.
 */
size_t	url_decode_into(char *dst, struct view v, bool plus);
/* The same into the arena; *outlen (may be NULL) is its length. */
char	*url_decode(struct arena *a, struct view v, bool plus, size_t *outlen);

/*
 * The path of a request: decoded, repeated slashes collapsed (bbb-api 2.1).
 * ERR_INPUT for a NUL, a control character, invalid UTF-8, a "." or ".."
 * segment, or one that begins with no slash.
 */
int	url_path(struct arena *a, const char *raw, char **path,
	    struct err *e);
/*
 * A BBB server's address as an operator types it, made to end in
 * "/bigbluebutton/api/" (bbb-api 2.1), scheme and host in lower case; http
 * and https only, no user, query or fragment.  ERR_INPUT says what is wrong
 * with it.
 */
int	url_backend(struct arena *a, const char *typed, char **url,
	    struct err *e);
/* An absolute http or https URL: what a browser may be redirected to. */
bool	url_is_http(const char *url);

#endif
