/*
 * This worker's copy of the backends and their reservations.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_CLUSTER_H
#define CORE_CLUSTER_H

#include <stddef.h>

#include "base/err.h"
#include "store/backend.h"

struct cluster;
struct db;

struct cluster	*cluster_new(struct db *db);
void		 cluster_free(struct cluster *c);

/*
 * Makes sure the copy is at least of this version (see struct routes) and its
 * reservation periods cover now; reads it anew if not.  version 0: any copy
 * will do.  When it cannot be read: -1, and an old copy stays.
 */
int		 cluster_need(struct cluster *c, long long version,
		    struct err *e);
/* Reads it anew (a notice said that it changed). */
int		 cluster_reload(struct cluster *c, struct err *e);
/* The copy; its pointers hold until the next need or reload. */
const struct cluster_rows *cluster_rows(const struct cluster *c);
const struct backend	*cluster_backend(const struct cluster *c,
			    const char *id);

#endif
