/*
 * Memory that is there or ends the program.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_MEM_H
#define BBBSIM_MEM_H

#include <stddef.h>

/* Zeroed memory; release with free(). */
void	*mem_alloc(size_t size);
/* As realloc(3). */
void	*mem_grow(void *p, size_t size);
/* A copy of a string; NULL gives NULL. */
char	*mem_dup(const char *s);
/* A copy of len bytes with a NUL behind them. */
char	*mem_dupn(const char *s, size_t len);

#endif
