/*
 * A body of any size: small in memory, large in an unlinked file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_SPOOL_H
#define PROTO_SPOOL_H

#include <stddef.h>

#include "base/err.h"

struct spool;

/* Above memory_max bytes it moves to a nameless file in dir (O_TMPFILE). */
struct spool	*spool_new(const char *dir, size_t memory_max);
void		 spool_free(struct spool *s);
/* After a failure the spool is good for spool_free only.  ERR_SYSTEM. */
int		 spool_write(struct spool *s, const void *p, size_t len,
		    struct err *e);
long long	 spool_len(const struct spool *s);
/*
 * Reads at an offset of its own, so each try on a server begins at 0.
 * Returns the bytes read, 0 at the end, -1 with e set.
 */
long long	 spool_read(struct spool *s, long long offset, void *p,
		    size_t len, struct err *e);
/* The bytes if they are in memory, else NULL. */
const char	*spool_data(const struct spool *s);

#endif
