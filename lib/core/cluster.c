/*
 * This worker's copy of the backends and their reservations.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/cluster.h"
#include "store/db.h"

struct cluster {
	struct db		*db;
	struct arena		*arena;		/* the copy's; NULL: none yet */
	struct hash		*by_id;
	struct cluster_rows	 rows;
	unsigned		 generation;	/* of the its connection */
};

struct cluster *
cluster_new(struct db *db)
{
	struct cluster	*c = xcalloc(1, sizeof(*c));

	c->db = db;
	c->by_id = hash_new();
	return c;
}

void
cluster_free(struct cluster *c)
{
	if (c == NULL)
		return;
	hash_free(c->by_id);
	arena_free(c->arena);
	free(c);
}

/* The old copy goes only once the new one is whole. */
int
cluster_reload(struct cluster *c, struct err *e)
{
	struct arena		*a = arena_new();
	struct cluster_rows	 rows = { 0 };
	struct backend		*b;
	size_t			 i;

	if (backend_list(c->db, a, &rows, e) == -1) {
		arena_free(a);
		return err_note(e, "read the backends");
	}
	hash_free(c->by_id);
	arena_free(c->arena);
	c->by_id = hash_new();
	c->arena = a;
	c->rows = rows;
	c->generation = db_generation(c->db);
	for (i = 0; i < rows.nbackends; i++) {
		b = &rows.backends[i];
		hash_put(c->by_id, b->id, strlen(b->id), b);
	}
	return 0;
}

/*
 * Within one connection versions only rise.  Over another one a lower version
 * may be that of another epoch, as after a failover that lost something.
 */
static bool
covers(const struct cluster *c, long long version)
{
	if (version == 0 || version == c->rows.version)
		return true;
	return version < c->rows.version &&
	    c->generation == db_generation(c->db);
}

/*
 * Reservations are known for some days ahead only, so time alone makes a copy
 * too old.
 */
int
cluster_need(struct cluster *c, long long version, struct err *e)
{
	if (c->arena != NULL && covers(c, version) &&
	    clock_wall_ms() < c->rows.valid_until)
		return 0;
	return cluster_reload(c, e);
}

const struct cluster_rows *
cluster_rows(const struct cluster *c)
{
	return &c->rows;
}

const struct backend *
cluster_backend(const struct cluster *c, const char *id)
{
	return hash_get(c->by_id, id, strlen(id));
}
