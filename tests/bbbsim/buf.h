/*
 * Bytes that grow.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_BUF_H
#define BBBSIM_BUF_H

#include <stddef.h>

/* All zero is an empty one; data, once it is there, ends with a NUL. */
struct buf {
	char	*data;
	size_t	 len;
	size_t	 cap;
};

void	 buf_bytes(struct buf *, const void *, size_t len);
void	 buf_text(struct buf *, const char *);
void	 buf_char(struct buf *, char);
void	 buf_format(struct buf *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* The content ("" if empty), which is now the caller's to free(). */
char	*buf_take(struct buf *);
/* Empties it and keeps the memory. */
void	 buf_clear(struct buf *);
void	 buf_free(struct buf *);

#endif
