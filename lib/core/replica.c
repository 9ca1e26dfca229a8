/*
 * What a join needs, in this worker's memory, kept current by NOTIFY.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/cluster.h"
#include "core/replica.h"
#include "core/replica_fe.h"
#include "core/replica_mt.h"
#include "store/db.h"
#include "store/notify.h"

/* Until something is tried again that failed although the database is up. */
#define RETRY_MS	1000
/* After a try in vain, as many times as long as it took without another. */
#define HANG_SHARE	4

struct replica {
	struct db		*db;		/* both borrowed */
	struct cluster		*cluster;
	struct replica_fe	*fe;
	struct replica_mt	*mt;
	struct arena		*arena;		/* of one notice, one row */
	int			 stale_max_ms;
	bool			 loaded;	/* once at least */
	unsigned		 generation;	/* of the connection that
						 * listens for it */
	bool			 cluster_due;	/* it changed */
	int64_t			 synced_at;	/* last known to be current */
	int64_t			 retry_at;
};

struct replica *
replica_new(struct db *db, struct cluster *cluster, int stale_max_ms)
{
	struct replica	*r = xcalloc(1, sizeof(*r));

	r->db = db;
	r->cluster = cluster;
	r->fe = replica_fe_new();
	r->mt = replica_mt_new(stale_max_ms);
	r->arena = arena_new();
	r->stale_max_ms = stale_max_ms;
	return r;
}

void
replica_free(struct replica *r)
{
	if (r == NULL)
		return;
	replica_fe_free(r->fe);
	replica_mt_free(r->mt);
	arena_free(r->arena);
	free(r);
}

/* The lists come row by row, each of its own memory: nothing is held twice. */
static int
load_frontend(const struct frontend *f, void *ctx)
{
	replica_fe_load(ctx, f);
	return 0;
}

static int
load_meeting(const struct meeting *m, void *ctx)
{
	replica_mt_load(ctx, m);
	return 0;
}

static int
load_frontends(struct replica *r, struct err *e)
{
	replica_fe_begin(r->fe);
	if (frontend_all(r->db, load_frontend, r->fe, e) == -1)
		return err_note(e, "load the frontends");
	replica_fe_end(r->fe);
	return 0;
}

static int
load_meetings(struct replica *r, struct err *e)
{
	replica_mt_begin(r->mt);
	if (meeting_routes(r->db, load_meeting, r->mt, e) == -1)
		return err_note(e, "load the meetings");
	replica_mt_end(r->mt);
	return 0;
}

/*
 * Listens first and reads then, so that no change falls in between; what was
 * notified meanwhile is applied afterwards.  The lists replace whatever is
 * held, of any version: this may be another epoch of the database, and even
 * in the same one a crash may have lost what had been notified.
 */
static int
load(struct replica *r, struct err *e)
{
	unsigned	 generation = db_generation(r->db);
	char		*epoch;

	arena_reset(r->arena);
	if (notify_listen(r->db, r->arena, &epoch, e) == -1)
		return err_note(e, "listen");
	if (load_frontends(r, e) == -1 || load_meetings(r, e) == -1 ||
	    cluster_reload(r->cluster, e) == -1)
		return -1;
	/* A read that was tried again came over one that does not listen. */
	if (db_generation(r->db) != generation)
		return err_set(e, ERR_STORE,
		    "the connection was lost while loading");
	r->generation = generation;
	r->loaded = true;
	r->cluster_due = false;
	log_info("route replica: loaded %zu frontends, %zu meetings"
	    " (epoch %s)", replica_fe_len(r->fe), replica_mt_len(r->mt),
	    epoch);
	return 0;
}

static void
apply(struct replica *r, const struct notice *n)
{
	struct meeting	m;

	switch (n->kind) {
	case NOTICE_FRONTEND:
		if (n->deleted)
			replica_fe_del(r->fe, n->id);
		else
			replica_fe_changed(r->fe, n->id, n->version);
		break;
	case NOTICE_CLUSTER:
		/* Many servers may change at once: one reload for all. */
		r->cluster_due = true;
		break;
	case NOTICE_MEETING:
		m = n->meeting;
		m.version = n->version;
		if (n->deleted)
			replica_mt_gone(r->mt, m.row, m.version);
		else
			replica_mt_put(r->mt, &m);
		break;
	case NOTICE_MEETING_ID:
		/* This version itself still counts, as the database has it. */
		replica_mt_gone(r->mt, n->meeting.row,
		    n->deleted ? n->version : n->version - 1);
		break;
	}
}

/* 0: all that arrived is applied; -1: the connection is lost. */
static int
drain(struct replica *r)
{
	struct notice	n;
	int		rc;

	do {
		arena_reset(r->arena);
		if ((rc = notify_next(r->db, r->arena, &n)) == 1)
			apply(r, &n);
	} while (rc == 1);
	return rc;
}

/* Frontends that changed, or of which a secret has ended. */
static int
read_due(struct replica *r, struct err *e)
{
	struct frontend	 f;
	const char	*id;
	bool		 all;
	int		 rc;

	while ((id = replica_fe_due(r->fe, &all)) != NULL || all) {
		if (all) {
			if (load_frontends(r, e) == -1)
				return -1;
			continue;
		}
		arena_reset(r->arena);
		rc = frontend_get(r->db, id, r->arena, &f, e);
		if (rc == -1)
			return err_note(e, "read frontend %s", id);
		if (rc == 1)
			replica_fe_load(r->fe, &f);
		else
			replica_fe_del(r->fe, id);
	}
	return 0;
}

static int
refresh(struct replica *r, struct err *e)
{
	/* Another connection has missed whatever was notified in between. */
	if (!r->loaded || r->generation != db_generation(r->db))
		if (load(r, e) == -1)
			return -1;
	if (drain(r) == -1)
		return err_set(e, ERR_STORE, "the connection is lost");
	if (r->cluster_due) {
		if (cluster_reload(r->cluster, e) == -1)
			return -1;
		r->cluster_due = false;
	}
	return read_due(r, e);
}

void
replica_sync(struct replica *r)
{
	struct err	e = ERR_INIT;
	int64_t		now = clock_mono_ms(), took;

	if (!db_up(r->db) || now < r->retry_at)
		return;
	/* The time before it: what changed while it ran may be missing. */
	if (refresh(r, &e) == 0) {
		r->synced_at = now;
		return;
	}
	/*
	 * One that takes connections and then says nothing costs a statement's
	 * deadline each time: calls that memory can answer pay it seldom.
	 */
	took = clock_mono_ms() - now;
	r->retry_at = now + took + HANG_SHARE * took;
	/* That the database is away is told by whoever connects to it. */
	if (!db_up(r->db))
		return;
	log_warnx("route replica: %s", e.text);
	if (r->retry_at < now + RETRY_MS)
		r->retry_at = now + RETRY_MS;
}

/*
 * Everything that is notified has been applied up to synced_at, so what is
 * served is at most that old.
 */
bool
replica_usable(const struct replica *r)
{
	return r->loaded &&
	    clock_mono_ms() - r->synced_at <= r->stale_max_ms;
}

/* The route of a frontend; false: the meeting, or its server, is not held. */
static bool
fill(const struct replica *r, const struct frontend *f,
    const char *meeting_id, struct route *route)
{
	const struct meeting	*m;
	const struct backend	*b;

	/* Shallow copies: all text stays the tables' own. */
	memset(route, 0, sizeof(*route));
	route->fe = *f;
	if (meeting_id == NULL)
		return true;
	if ((m = replica_mt_find(r->mt, f->id, meeting_id)) == NULL ||
	    (b = cluster_backend(r->cluster, m->backend_id)) == NULL)
		return false;
	route->has_meeting = true;
	route->meeting = *m;
	route->backend = *b;
	return true;
}

bool
replica_route(struct replica *r, const char *key, const char *host,
    const char *meeting_id, struct arena *a, struct routes *out)
{
	const struct frontend	*v[REPLICA_FE_MAX];
	bool			 found = false;
	size_t			 i;

	memset(out, 0, sizeof(*out));
	if (!replica_usable(r))
		return false;
	out->backends_version = cluster_rows(r->cluster)->version;
	out->n = replica_fe_find(r->fe, key, host, v);
	if (out->n == 0)
		return false;
	out->v = arena_alloc(a, out->n * sizeof(*out->v));
	for (i = 0; i < out->n; i++)
		if (fill(r, v[i], meeting_id, &out->v[i]))
			found = true;
	return found;
}

/* A miss is paid once: the next call for the same meeting finds it here. */
void
replica_keep(struct replica *r, const struct route *route)
{
	if (!r->loaded)
		return;
	replica_fe_put(r->fe, &route->fe);
	if (route->has_meeting)
		replica_mt_put(r->mt, &route->meeting);
}
