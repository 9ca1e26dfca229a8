/*
 * Opens what a process of ours needs for its whole life, and closes it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/worker.h"

#include <string.h>

#include "core/cluster.h"
#include "core/page.h"
#include "core/replica.h"
#include "core/slots.h"
#include "proto/client.h"
#include "store/db.h"

static struct db *
open_db(const struct config *conf, const char *name, struct err *e)
{
	struct db_opts	opts = {
		.conninfo = conf->db_url,
		.name = name,
		.connect_ms = conf->db_connect_timeout,
		.statement_ms = conf->db_timeout,
	};
	struct db	*db = db_new(&opts, e);

	if (db == NULL)
		err_note(e, "db_url");
	return db;
}

int
worker_check(const struct config *conf, struct err *e)
{
	struct db	*db = NULL;
	struct pages	*pages;
	int		 rc = -1;

	if ((pages = pages_load(conf->pages_dir, e)) == NULL)
		goto out;
	if ((db = open_db(conf, "b3scale", e)) == NULL)
		goto out;
	rc = 0;
out:
	db_free(db);
	pages_free(pages);
	return rc;
}

/*
 * What may fail for local reasons comes first: then nothing has been asked of
 * anybody.
 */
int
worker_open(struct worker *w, const struct config *conf, const char *name,
    struct err *e)
{
	memset(w, 0, sizeof(*w));
	w->conf = conf;
	if ((w->pages = pages_load(conf->pages_dir, e)) == NULL)
		goto fail;
	if ((w->slots = slots_open(conf->run_dir, conf->slots, e)) == NULL)
		goto fail;
	if ((w->db = open_db(conf, name, e)) == NULL)
		goto fail;
	w->client = client_new(name);
	w->cluster = cluster_new(w->db);
	if (conf->route_replica)
		w->replica = replica_new(w->db, w->cluster, conf->stale_max);
	return 0;
fail:
	worker_close(w);
	return -1;
}

/* In the reverse order: the replica knows the cluster, both the database. */
void
worker_close(struct worker *w)
{
	replica_free(w->replica);
	cluster_free(w->cluster);
	client_free(w->client);
	db_free(w->db);
	slots_close(w->slots);
	pages_free(w->pages);
	memset(w, 0, sizeof(*w));
}
