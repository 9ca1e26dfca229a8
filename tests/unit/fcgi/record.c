/*
 * Writes and reads FastCGI records without libfcgi.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "record.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

enum { BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

#define HEADER	8
#define PIECE	8000
#define ID	1

static void
add(struct buf *to, int type, const void *p, size_t len)
{
	const unsigned char	head[HEADER] = { 1, (unsigned char)type, 0,
	    ID, (unsigned char)(len >> 8), (unsigned char)len, 0, 0 };

	buf_add(to, head, sizeof(head));
	if (len > 0)
		buf_add(to, p, len);
}

void
record_begin(struct buf *to, bool keep)
{
	const unsigned char	body[8] = { 0, 1, keep, 0, 0, 0, 0, 0 };

	add(to, BEGIN, body, sizeof(body));
}

static void
add_len(struct buf *to, size_t len)
{
	const unsigned char	four[4] = { (unsigned char)(len >> 24 | 0x80),
	    (unsigned char)(len >> 16), (unsigned char)(len >> 8),
	    (unsigned char)len };

	if (len < 128)
		buf_addc(to, (char)len);
	else
		buf_add(to, four, sizeof(four));
}

static void
add_pieces(struct buf *to, int type, const char *p, size_t len)
{
	size_t	n;

	for (; len > 0; p += n, len -= n) {
		n = len < PIECE ? len : PIECE;
		add(to, type, p, n);
	}
}

void
record_params(struct buf *to, const char *const *env)
{
	struct buf	 all = { NULL, 0, 0 };
	const char	*equals;

	for (; *env != NULL; env++) {
		equals = strchr(*env, '=');
		ck_assert_ptr_nonnull(equals);
		add_len(&all, (size_t)(equals - *env));
		add_len(&all, strlen(equals + 1));
		buf_add(&all, *env, (size_t)(equals - *env));
		buf_adds(&all, equals + 1);
	}
	add_pieces(to, PARAMS, all.data, all.len);
	add(to, PARAMS, NULL, 0);
	buf_free(&all);
}

void
record_stdin(struct buf *to, const char *p, size_t len)
{
	add_pieces(to, STDIN, p, len);
}

void
record_stdin_end(struct buf *to)
{
	add(to, STDIN, NULL, 0);
}

bool
record_stdout(const struct buf *from, struct buf *out)
{
	const unsigned char	*p = (const unsigned char *)from->data;
	size_t			 left = from->len, len;

	while (left >= HEADER) {
		len = (size_t)p[4] << 8 | p[5];
		if (left < HEADER + len + p[6])
			return false;
		if (p[1] == STDOUT)
			buf_add(out, p + HEADER, len);
		if (p[1] == END)
			return true;
		left -= HEADER + len + p[6];
		p += HEADER + len + p[6];
	}
	return false;
}
