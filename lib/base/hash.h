/*
 * Pointers found by a key of bytes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

struct hash;

/* Empty; the caller's, by hash_free(). */
struct hash	*hash_new(void);
/* Values are not freed: they are the caller's. */
void		 hash_free(struct hash *h);
size_t		 hash_len(const struct hash *h);

/* The value, or NULL.  Bytes are compared, so a key's padding counts. */
void	*hash_get(const struct hash *h, const void *key, size_t len);
/*
 * The key is borrowed and must live as long as the entry (usually it is part
 * of the value).  Returns the value that was replaced (its key is forgotten
 * too), or NULL.
 */
void	*hash_put(struct hash *h, const void *key, size_t len, void *value);
/* The value that was there, or NULL; its key is no longer needed. */
void	*hash_del(struct hash *h, const void *key, size_t len);
/* Calls fn for each value; fn must not change the hash. */
void	 hash_each(struct hash *h, void (*fn)(void *value, void *ctx),
	    void *ctx);

#endif
