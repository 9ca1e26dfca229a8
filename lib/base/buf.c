/*
 * Bytes that grow; data is always followed by a NUL.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#define FIRST_CAP	256

/* Room for len more bytes and the NUL. */
static void
reserve(struct buf *b, size_t len)
{
	size_t	need, cap = b->cap == 0 ? FIRST_CAP : b->cap;

	if (len < b->cap - b->len)
		return;
	if (len >= PTRDIFF_MAX - b->len)
		log_fatal(EX_OSERR, "out of memory (%zu bytes)", len);
	need = b->len + len + 1;
	while (cap < need)
		cap *= 2;
	b->data = xrealloc(b->data, 1, cap);
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (len == 0)
		return;
	reserve(b, len);
	memcpy(b->data + b->len, p, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

/*
 * Formats into the room that is there first; only a text that did not fit is
 * formatted twice.
 */
void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list	ap;
	int	n;

	reserve(b, 0);
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		log_fatal(EX_SOFTWARE, "cannot format \"%s\"", fmt);
	if ((size_t)n >= b->cap - b->len) {
		reserve(b, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

const char *
buf_str(const struct buf *b)
{
	return b->len == 0 ? "" : b->data;
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_free(struct buf *b)
{
	if (b == NULL)
		return;
	free(b->data);
	memset(b, 0, sizeof(*b));
}
