/*
 * A hash table from a string to a pointer.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_TABLE_H
#define BBBSIM_TABLE_H

#include <stddef.h>

struct table;

struct table *table_new(void);
/*
 * The key is borrowed and must live as long as its entry. A key that is
 * there already gets the new value.
 */
void	 table_set(struct table *, const char *key, void *value);
/* The value, or NULL. */
void	*table_get(const struct table *, const char *key);
void	 table_del(struct table *, const char *key);
size_t	 table_count(const struct table *);
void	 table_free(struct table *);

#endif
