/*
 * What BigBlueButton does to text: cleaning, counting, checking, decoding.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

#define REPLACEMENT	"\xef\xbf\xbd"

/* Length of the control character at s: 0, 1 or (U+0080 to U+009F) 2. */
static size_t
control_len(const char *s)
{
	unsigned char	c = (unsigned char)*s;

	if ((c > 0 && c < 0x20) || c == 0x7f)
		return 1;
	if (c == 0xc2 && (unsigned char)s[1] >= 0x80 &&
	    (unsigned char)s[1] < 0xa0)
		return 2;
	return 0;
}

static bool
is_clean(const char *s)
{
	const char	*p;

	if (*s == ' ')
		return false;
	for (p = s; *p != '\0'; p++)
		if (control_len(p) > 0)
			return false;
	return p == s || p[-1] != ' ';
}

const char *
text_clean(const char *s, struct buf *scratch)
{
	const char	*p;
	char		*q;
	size_t		 n;

	if (is_clean(s))
		return s;
	buf_clear(scratch);
	buf_bytes(scratch, "", 0);
	for (p = s; *p != '\0';) {
		if ((n = control_len(p)) > 0)
			p += n;
		else
			buf_char(scratch, *p++);
	}
	while (scratch->len > 0 && scratch->data[scratch->len - 1] == ' ')
		scratch->data[--scratch->len] = '\0';
	for (q = scratch->data; *q == ' ';)
		q++;
	return q;
}

size_t
text_utf16_len(const char *s)
{
	size_t	n = 0;

	for (; *s != '\0'; s++) {
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
		if ((unsigned char)*s >= 0xf0)
			n++;
	}
	return n;
}

bool
text_is_boolean(const char *s)
{
	static const char *const words[] = { "", "true", "false", "0", "1" };
	size_t	i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return false;
}

bool
text_is_integer(const char *s)
{
	char	*end;

	/* strtoll(3) would skip blanks in front */
	if (strchr("+-0123456789", *s) == NULL || *s == '\0')
		return false;
	errno = 0;
	(void)strtoll(s, &end, 10);
	return errno == 0 && *end == '\0';
}

bool
text_is_url(const char *s)
{
	static const char *const schemes[] = {
		"http://", "https://", "ftp://", "file:", "jar:"
	};
	size_t	i, len;

	for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		len = strlen(schemes[i]);
		if (strncasecmp(s, schemes[i], len) == 0 && s[len] != '\0')
			return true;
	}
	return false;
}

bool
text_true(const char *s, bool fallback)
{
	return s == NULL ? fallback : strcasecmp(s, "true") == 0;
}

long
text_number(const char *s, long fallback)
{
	return s == NULL || !text_is_integer(s) ? fallback : strtol(s, NULL, 10);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Length of the valid UTF-8 character at s (1 to 4), or 0. */
static size_t
utf8_len(const unsigned char *s, size_t left)
{
	size_t	n, i;

	if (s[0] < 0x80)
		return s[0] != 0;
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || left < n)
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* no overlong forms, no surrogates, nothing above U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* Replaces from b->data[start] on what is no UTF-8. */
static void
utf8_mend(struct buf *b, size_t start)
{
	struct buf	 good = { 0 };
	size_t		 i, n;

	for (i = start; i < b->len; i += n)
		if ((n = utf8_len((unsigned char *)b->data + i,
		    b->len - i)) == 0)
			break;
	if (i == b->len)
		return;
	for (i = start; i < b->len; i += n > 0 ? n : 1) {
		n = utf8_len((unsigned char *)b->data + i, b->len - i);
		if (n == 0)
			buf_text(&good, REPLACEMENT);
		else
			buf_bytes(&good, b->data + i, n);
	}
	b->len = start;
	buf_bytes(b, good.data, good.len);
	buf_free(&good);
}

void
text_decode(struct buf *b, const char *s, size_t len)
{
	size_t	i, start = b->len;
	int	hi, lo;

	buf_bytes(b, "", 0);
	for (i = 0; i < len; i++) {
		if (s[i] == '%' && i + 2 < len &&
		    (hi = hex_digit(s[i + 1])) >= 0 &&
		    (lo = hex_digit(s[i + 2])) >= 0) {
			buf_char(b, (char)(hi * 16 + lo));
			i += 2;
		} else
			buf_char(b, s[i] == '+' ? ' ' : s[i]);
	}
	utf8_mend(b, start);
}

void
text_encode(struct buf *b, const char *s, const char *keep)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_.~";

	for (; *s != '\0'; s++)
		if (strchr(unreserved, *s) != NULL || strchr(keep, *s) != NULL)
			buf_char(b, *s);
		else
			buf_format(b, "%%%02X", (unsigned char)*s);
}
