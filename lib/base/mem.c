/*
 * Allocation that never fails: out of memory ends the process.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/mem.h"

void *
xmalloc(size_t size)
{
	return xrealloc(NULL, 1, size);
}

void *
xcalloc(size_t n, size_t size)
{
	void	*p = NULL;

	/* Never 0 bytes: that may be NULL without a failure. */
	if (n == 0 || size == 0)
		n = size = 1;
	if (n > PTRDIFF_MAX / size || (p = calloc(n, size)) == NULL)
		log_fatal(EX_OSERR, "out of memory (%zu * %zu bytes)", n, size);
	return p;
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	void	*q = NULL;

	if (n == 0 || size == 0)
		n = size = 1;
	if (n > PTRDIFF_MAX / size || (q = realloc(p, n * size)) == NULL)
		log_fatal(EX_OSERR, "out of memory (%zu * %zu bytes)", n, size);
	return q;
}

char *
xstrdup(const char *s)
{
	size_t	size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}
