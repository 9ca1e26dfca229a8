/*
 * The base64 alphabet that is safe in URLs.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/base64url.h"

#include <string.h>

#define DIGITS	64

static const char digits[DIGITS + 1] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789-_";

void
base64url_add(struct buf *out, const void *bytes, size_t len)
{
	const unsigned char	*p = bytes;
	unsigned int		 bits = 0, n = 0;

	for (; len > 0; len--) {
		bits = bits << 8 | *p++;
		for (n += 8; n >= 6; n -= 6)
			buf_addc(out, digits[bits >> (n - 6) & 63]);
	}
	if (n > 0)
		buf_addc(out, digits[bits << (6 - n) & 63]);
}

/* Bits left over are ignored; RFC 4648 3.5 leaves that to the reader. */
char *
base64url_read(struct arena *a, struct view text, size_t *len)
{
	char		*out = arena_alloc(a, text.len / 4 * 3 + 4), *to = out;
	const char	*at;
	unsigned int	 bits = 0, n = 0;
	size_t		 i;

	if (text.len % 4 == 1)
		return NULL;
	for (i = 0; i < text.len; i++) {
		if ((at = memchr(digits, text.p[i], DIGITS)) == NULL)
			return NULL;
		bits = bits << 6 | (unsigned int)(at - digits);
		if ((n += 6) >= 8) {
			n -= 8;
			*to++ = (char)(bits >> n & 255);
		}
	}
	*to = '\0';
	*len = (size_t)(to - out);
	return out;
}
