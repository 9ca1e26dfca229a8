/*
 * The long-lived things of one process, opened in main and closed there.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_WORKER_H
#define CORE_WORKER_H

#include "base/err.h"
#include "core/config.h"

struct client;
struct cluster;
struct db;
struct pages;
struct replica;
struct slots;

struct worker {
	const struct config	*conf;
	struct db		*db;
	struct client		*client;
	struct cluster		*cluster;	/* backends and reservations */
	struct replica		*replica;	/* NULL: route_replica = off */
	struct slots		*slots;
	struct pages		*pages;
};

/*
 * Opens all of it; the database is not waited for.  -1: something local is
 * missing (templates, run directory), e says what.
 */
int	worker_open(struct worker *w, const struct config *conf,
	    const char *name, struct err *e);
void	worker_close(struct worker *w);
/*
 * What worker_open would find wrong with the configuration itself; it makes
 * no file and no connection.
 */
int	worker_check(const struct config *conf, struct err *e);

#endif
