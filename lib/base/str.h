/*
 * Small questions about text and bytes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A view of bytes that somebody else owns. */
struct view {
	const char	*p;
	size_t		 len;
};

/* Time depends on the lengths only, never on the bytes. */
bool	str_equal_ct(const void *a, size_t alen, const void *b, size_t blen);
/* Copies into a fixed array; -1 if it did not fit (dst is then cut). */
int	str_copy(char *dst, size_t size, const char *src);
/* Lower-case hex and a NUL: dst has 2 * len + 1 bytes. */
void	str_hex(char *dst, const void *src, size_t len);
bool	str_ieq(const char *a, const char *b);	/* ASCII case ignored */
bool	str_starts(const char *s, const char *prefix);
/* In its usual form: 36 characters, hexadecimal digits of either case. */
bool	str_is_uuid(const char *s);
struct view str_trim(struct view v);		/* outer blanks (<= ' ') */
/* Length in UTF-16 units, as BBB counts; bad UTF-8 bytes count one each. */
size_t	str_utf16_len(const char *s, size_t len);
bool	str_utf8_valid(const char *s, size_t len);
/*
 * Length of the UTF-8 character that s begins with, its code point in *cp;
 * 0 when there is none (len is 0, overlong, surrogate, cut short ...).
 */
size_t	str_utf8_next(const char *s, size_t len, unsigned int *cp);
/*
 * A copy in which U+FFFD stands for each byte that is no UTF-8, as BBB reads
 * it; s itself if there is none.
 */
const char *str_utf8_clean(struct arena *a, const char *s);
/* The longest n <= len that does not end inside a character of s. */
size_t	str_utf8_cut(const char *s, size_t len);
/* Whole decimal numbers only, no blanks, no sign but '-'; -1 if not one. */
int	str_to_ll(const char *s, long long *value);

#endif
