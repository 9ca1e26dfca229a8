/*
 * The memory of one request or one job, given back in one go.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;
struct buf;

struct arena	*arena_new(void);
void		 arena_free(struct arena *a);

/*
 * Everything allocated so far becomes invalid.  One block is kept for the
 * next round; larger memory goes back to the system, so that one big request
 * does not stay in a worker's size.
 */
void	 arena_reset(struct arena *a);

/* Uninitialised; aligned for any type.  Never NULL. */
void	*arena_alloc(struct arena *a, size_t size);
/* n elements of zeroes; the product is checked for overflow. */
void	*arena_zalloc(struct arena *a, size_t n, size_t size);

/* Copies that end in a NUL; arena_strdup(NULL) is NULL. */
char	*arena_strdup(struct arena *a, const char *s);
char	*arena_memdup(struct arena *a, const void *p, size_t len);
char	*arena_printf(struct arena *a, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
char	*arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	    __attribute__((format(printf, 2, 0)));

/* What was written into b, with a NUL behind it; b is freed. */
char	*arena_take(struct arena *a, struct buf *b);

/* Bytes handed out since the last reset (for tests and figures). */
size_t	 arena_used(const struct arena *a);

#endif
