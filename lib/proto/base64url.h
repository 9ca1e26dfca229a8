/*
 * The base64 alphabet that is safe in URLs (RFC 4648, section 5).
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_BASE64URL_H
#define PROTO_BASE64URL_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Without padding. */
void	base64url_add(struct buf *out, const void *bytes, size_t len);
/*
 * Into the arena, a NUL behind that *len does not count.  NULL: padding, a
 * character that is none of the 64, or a lone one at the end.
 */
char	*base64url_read(struct arena *a, struct view text, size_t *len);

#endif
