/*
 * Bytes that grow; data is always followed by a NUL.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

/* Open for reading.  A zeroed struct buf is an empty one. */
struct buf {
	char	*data;		/* NULL until the first byte is added */
	size_t	 len;
	size_t	 cap;
};

/* They grow it as needed; what is added must not be the buf's own bytes. */
void	buf_add(struct buf *b, const void *p, size_t len);
void	buf_addc(struct buf *b, char c);
void	buf_adds(struct buf *b, const char *s);
void	buf_printf(struct buf *b, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* "" when nothing was added yet; valid until the next change. */
const char *buf_str(const struct buf *b);

/* Forget the bytes, keep the memory. */
void	buf_reset(struct buf *b);
/* Give the memory back; the buf may be used again. */
void	buf_free(struct buf *b);

#endif
