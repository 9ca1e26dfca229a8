/*
 * Small questions about text and bytes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

bool
str_equal_ct(const void *a, size_t alen, const void *b, size_t blen)
{
	/* Volatile, or the compiler may stop at the first difference. */
	const volatile unsigned char	*p = a, *q = b;
	unsigned char			 diff = 0;
	size_t				 i;

	if (alen != blen)
		return false;
	for (i = 0; i < alen; i++)
		diff |= p[i] ^ q[i];
	return diff == 0;
}

int
str_copy(char *dst, size_t size, const char *src)
{
	size_t	len = strlen(src);

	if (size == 0)
		return -1;
	if (len >= size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -1;
	}
	memcpy(dst, src, len + 1);
	return 0;
}

void
str_hex(char *dst, const void *src, size_t len)
{
	static const char	 digits[] = "0123456789abcdef";
	const unsigned char	*p = src;
	size_t			 i;

	for (i = 0; i < len; i++) {
		*dst++ = digits[p[i] >> 4];
		*dst++ = digits[p[i] & 0xf];
	}
	*dst = '\0';
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool
str_ieq(const char *a, const char *b)
{
	/* Not strcasecmp, whose answer is the locale's. */
	for (; *a != '\0' && (*a == *b || lower(*a) == lower(*b)); a++, b++)
		continue;
	return *a == '\0' && *b == '\0';
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_is_uuid(const char *s)
{
	size_t	i;

	for (i = 0; s[i] != '\0' && i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' :
		    strchr("0123456789abcdefABCDEF", s[i]) == NULL)
			return false;
	return i == 36 && s[i] == '\0';
}

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

struct view
str_trim(struct view v)
{
	for (; v.len > 0 && is_blank(v.p[0]); v.p++)
		v.len--;
	while (v.len > 0 && is_blank(v.p[v.len - 1]))
		v.len--;
	return v;
}

/* How long the character is that the byte begins; 0: none begins so. */
static size_t
utf8_want(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

size_t
str_utf8_next(const char *s, size_t len, unsigned int *cp)
{
	/* The lowest code point of each length, and the bits of byte 1. */
	static const unsigned int	 least[] = {
		0, 0, 0x80, 0x800, 0x10000
	};
	static const unsigned char	 mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char		*p = (const unsigned char *)s;
	size_t				 i, want;

	if (len == 0 || (want = utf8_want(*p)) == 0 || want > len)
		return 0;
	*cp = *p & mask[want];
	for (i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if (*cp < least[want] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return want;
}

const char *
str_utf8_clean(struct arena *a, const char *s)
{
	static const char	 unknown[] = "\xef\xbf\xbd";
	size_t			 left = strlen(s), n;
	unsigned int		 cp;
	char			*clean, *d;

	if (str_utf8_valid(s, left))
		return s;
	clean = d = arena_alloc(a, left * strlen(unknown) + 1);
	for (; left > 0; s += n, left -= n)
		if ((n = str_utf8_next(s, left, &cp)) > 0) {
			memcpy(d, s, n);
			d += n;
		} else {
			d = stpcpy(d, unknown);
			n = 1;
		}
	*d = '\0';
	return clean;
}

size_t
str_utf8_cut(const char *s, size_t len)
{
	size_t	back;

	/* Is the last character that begins here whole? */
	for (back = 1; back <= 4 && back <= len; back++) {
		if (((unsigned char)s[len - back] & 0xc0) == 0x80)
			continue;
		if (utf8_want((unsigned char)s[len - back]) > back)
			return len - back;
		break;
	}
	return len;
}

bool
str_utf8_valid(const char *s, size_t len)
{
	unsigned int	cp;
	size_t		n;

	for (; len > 0; s += n, len -= n)
		if ((n = str_utf8_next(s, len, &cp)) == 0)
			return false;
	return true;
}

size_t
str_utf16_len(const char *s, size_t len)
{
	unsigned int	cp;
	size_t		n, units = 0;

	for (; len > 0; s += n, len -= n) {
		if ((n = str_utf8_next(s, len, &cp)) == 0) {
			n = 1;
			cp = 0;
		}
		units += cp > 0xffff ? 2 : 1;
	}
	return units;
}

int
str_to_ll(const char *s, long long *value)
{
	bool		negative = *s == '-';
	long long	n = 0;

	if (negative)
		s++;
	if (*s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		/* Downwards, since the lowest number has no positive twin. */
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, *s - '0', &n))
			return -1;
	}
	if (!negative && __builtin_sub_overflow(0LL, n, &n))
		return -1;
	*value = n;
	return 0;
}
