/*
 * Memory that is there or ends the program.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "mem.h"

void *
mem_alloc(size_t size)
{
	void	*p;

	if ((p = calloc(1, size)) == NULL)
		err(EX_OSERR, "out of memory");
	return p;
}

void *
mem_grow(void *p, size_t size)
{
	void	*q;

	if ((q = realloc(p, size)) == NULL)
		err(EX_OSERR, "out of memory");
	return q;
}

char *
mem_dup(const char *s)
{
	return s == NULL ? NULL : mem_dupn(s, strlen(s));
}

char *
mem_dupn(const char *s, size_t len)
{
	char	*p;

	p = mem_alloc(len + 1);
	memcpy(p, s, len);
	return p;
}
