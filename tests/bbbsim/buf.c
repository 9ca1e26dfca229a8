/*
 * Bytes that grow.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

/* Makes room for len more bytes and the NUL behind them. */
static void
buf_room(struct buf *b, size_t len)
{
	size_t	cap;

	if (b->len + len < b->cap)
		return;
	cap = b->cap == 0 ? 256 : b->cap;
	while (cap <= b->len + len)
		cap *= 2;
	b->data = mem_grow(b->data, cap);
	b->cap = cap;
}

void
buf_bytes(struct buf *b, const void *p, size_t len)
{
	buf_room(b, len);
	if (len > 0)
		memcpy(b->data + b->len, p, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_text(struct buf *b, const char *s)
{
	buf_bytes(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_bytes(b, &c, 1);
}

void
buf_format(struct buf *b, const char *fmt, ...)
{
	va_list	ap;
	int	len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(len >= 0);
	buf_room(b, (size_t)len);
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
}

char *
buf_take(struct buf *b)
{
	char	*p;

	buf_room(b, 0);
	b->data[b->len] = '\0';
	p = b->data;
	*b = (struct buf){ 0 };
	return p;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}
