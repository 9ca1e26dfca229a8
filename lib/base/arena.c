/*
 * The memory of one request or one job, given back in one go.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

/* What nearly every request fits in, and what those that do not add. */
#define FIRST_SIZE	(64 * 1024)
#define MORE_SIZE	(256 * 1024)

/*
 * Blocks beyond the first are mapped, not malloc'ed: malloc raises its
 * thresholds with use, and would keep what one big request made it take.
 */
struct block {
	struct block	*next;
	size_t		 size;		/* of the mapping */
	max_align_t	 data[];
};

struct arena {
	char		*pos;		/* free: pos to end */
	char		*end;
	struct block	*more;
	size_t		 used;
	max_align_t	 first[FIRST_SIZE / sizeof(max_align_t)];
};

static void
rewind_first(struct arena *a)
{
	a->pos = (char *)a->first;
	a->end = a->pos + FIRST_SIZE;
	a->used = 0;
	a->more = NULL;
}

struct arena *
arena_new(void)
{
	struct arena	*a = xmalloc(sizeof(*a));

	rewind_first(a);
	return a;
}

/*
 * The first block stays where it is; a request that fits in it costs no call
 * of the system.
 */
void
arena_reset(struct arena *a)
{
	struct block	*b;

	while ((b = a->more) != NULL) {
		a->more = b->next;
		munmap(b, b->size);
	}
	rewind_first(a);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	free(a);
}

/* Size bytes of a new block, whose rest is used on if it is the larger. */
static void *
block_take(struct arena *a, size_t size)
{
	struct block	*b;
	size_t		 need = sizeof(*b) + size;
	char		*p;

	if (size > PTRDIFF_MAX - sizeof(*b))
		log_fatal(EX_OSERR, "out of memory (%zu bytes)", size);
	if (need < MORE_SIZE)
		need = MORE_SIZE;
	b = mmap(NULL, need, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b == MAP_FAILED)
		log_fatal(EX_OSERR, "out of memory (%zu bytes)", need);
	b->size = need;
	b->next = a->more;
	a->more = b;
	p = (char *)b->data;
	if ((char *)b + need - (p + size) > a->end - a->pos) {
		a->pos = p + size;
		a->end = (char *)b + need;
	}
	a->used += size;
	return p;
}

/* Align is a power of two, 1 for text. */
static inline void *
take(struct arena *a, size_t size, size_t align)
{
	size_t	 pad = -(uintptr_t)a->pos & (align - 1);
	size_t	 left = (size_t)(a->end - a->pos);
	char	*p;

	if (pad > left || size > left - pad)
		return block_take(a, size);
	p = a->pos + pad;
	a->pos = p + size;
	a->used += size;
	return p;
}

/* Aligned for anything, as malloc(). */
void *
arena_alloc(struct arena *a, size_t size)
{
	return take(a, size, alignof(max_align_t));
}

void *
arena_zalloc(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > PTRDIFF_MAX / size)
		log_fatal(EX_OSERR, "out of memory (%zu * %zu bytes)", n, size);
	return memset(arena_alloc(a, n * size), 0, n * size);
}

char *
arena_memdup(struct arena *a, const void *p, size_t len)
{
	char	*copy;

	if (len >= PTRDIFF_MAX)
		log_fatal(EX_OSERR, "out of memory (%zu bytes)", len);
	copy = take(a, len + 1, 1);
	if (len > 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_memdup(a, s, strlen(s));
}

/* Tried in the room that is left: most texts fit, and are formatted once. */
char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	size_t	 left = (size_t)(a->end - a->pos);
	char	*p = a->pos;
	va_list	 again;
	int	 n;

	va_copy(again, ap);
	if ((n = vsnprintf(p, left, fmt, ap)) < 0)
		log_fatal(EX_SOFTWARE, "cannot format \"%s\"", fmt);
	if ((size_t)n < left) {
		a->pos += n + 1;
		a->used += (size_t)n + 1;
	} else {
		p = take(a, (size_t)n + 1, 1);
		vsnprintf(p, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list	 ap;
	char	*p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

char *
arena_take(struct arena *a, struct buf *b)
{
	char	*s = arena_memdup(a, buf_str(b), b->len);

	buf_free(b);
	return s;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
