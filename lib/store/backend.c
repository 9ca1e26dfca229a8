/*
 * Rows of backends, and the list of all with their reservations.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/backend.h"

#include <string.h>

#include <jansson.h>

#include "store/db.h"
#include "store/rows.h"

/* The columns BACKEND_COLS of stmt.c. */
enum { COL_ID, COL_HOST, COL_SECRET, COL_ADMIN_STATE, COL_NODE_STATE,
    COL_LOAD_FACTOR, COL_TAGS, COL_SLOT, COL_VERSION };

/* In the order of the enums; the CHECKs in sql/ know the same words. */
static const char *const admin_states[] = { "init", "ready", "stopped",
    "decommissioned" };
static const char *const node_states[] = { "init", "ready", "error" };

static int
word_index(const char *word, const char *const *words, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -1;
}

/*
 * A state that this program does not know is an error rather than a guess: a
 * server must not get meetings by mistake.
 */
int
backend_row(const struct rows *r, size_t row, int col, struct arena *a,
    struct backend *b, struct err *e)
{
	int	admin, node;

	b->id = rows_dup(r, row, col + COL_ID, a);
	b->host = rows_dup(r, row, col + COL_HOST, a);
	b->secret = rows_dup(r, row, col + COL_SECRET, a);
	admin = word_index(rows_str(r, row, col + COL_ADMIN_STATE),
	    admin_states, sizeof(admin_states) / sizeof(admin_states[0]));
	node = word_index(rows_str(r, row, col + COL_NODE_STATE),
	    node_states, sizeof(node_states) / sizeof(node_states[0]));
	if (admin == -1 || node == -1)
		return err_set(e, ERR_INTERNAL, "backend %s: unknown state",
		    b->host);
	b->admin_state = (enum admin_state)admin;
	b->node_state = (enum node_state)node;
	b->load_factor = rows_real(r, row, col + COL_LOAD_FACTOR);
	/* What an admin wrote there and is no list of words counts as none. */
	if (rows_words(r, row, col + COL_TAGS, a, &b->tags, &b->ntags) == -1)
		b->ntags = 0;
	b->slot = (int)rows_int(r, row, col + COL_SLOT);
	b->version = rows_int(r, row, col + COL_VERSION);
	return 0;
}

/* NULL for null: json_string_value() of it, and arena_strdup() of that. */
static char *
text(struct arena *a, json_t *j)
{
	return arena_strdup(a, json_string_value(j));
}

/* [backend, tag, [frontend, ...], [[from, until], ...]] */
static void
reservation_read(json_t *j, struct arena *a, struct reservation *r)
{
	json_t	*frontends = json_array_get(j, 2);
	json_t	*periods = json_array_get(j, 3);
	size_t	 i;

	r->backend_id = text(a, json_array_get(j, 0));
	r->tag = text(a, json_array_get(j, 1));
	r->nfrontends = json_array_size(frontends);
	r->frontend_ids = arena_zalloc(a, r->nfrontends,
	    sizeof(*r->frontend_ids));
	for (i = 0; i < r->nfrontends; i++)
		r->frontend_ids[i] = text(a, json_array_get(frontends, i));
	r->nperiods = json_array_size(periods);
	r->periods = arena_zalloc(a, r->nperiods, sizeof(*r->periods));
	for (i = 0; i < r->nperiods; i++) {
		r->periods[i][0] = json_integer_value(json_array_get(
		    json_array_get(periods, i), 0));
		r->periods[i][1] = json_integer_value(json_array_get(
		    json_array_get(periods, i), 1));
	}
}

/* "" where there is none: no list then. */
static void
reservations_read(const char *json, struct arena *a, struct cluster_rows *c)
{
	json_t	*list = json_loads(json, 0, NULL);
	size_t	 i;

	c->nreservations = json_array_size(list);
	c->reservations = arena_zalloc(a, c->nreservations,
	    sizeof(*c->reservations));
	for (i = 0; i < c->nreservations; i++)
		reservation_read(json_array_get(list, i), a,
		    &c->reservations[i]);
	json_decref(list);
}

int
backend_list(struct db *db, struct arena *a, struct cluster_rows *c,
    struct err *e)
{
	enum { LIST_VERSION, LIST_UNTIL, LIST_RESERVATIONS, LIST_BACKEND };
	struct rows	*r;
	size_t		 i;
	int		 rc = -1;

	memset(c, 0, sizeof(*c));
	if ((r = db_run(db, STMT_BACKEND_LIST, e)) == NULL)
		return -1;
	if (rows_len(r) == 0) {
		err_set(e, ERR_INTERNAL, "backend_list: no version");
		goto out;
	}
	c->version = rows_int(r, 0, LIST_VERSION);
	c->valid_until = rows_int(r, 0, LIST_UNTIL);
	reservations_read(rows_str(r, 0, LIST_RESERVATIONS), a, c);
	/* An empty table still gives a row: the version's. */
	if (!rows_null(r, 0, LIST_BACKEND))
		c->nbackends = rows_len(r);
	c->backends = arena_zalloc(a, c->nbackends, sizeof(*c->backends));
	for (i = 0; i < c->nbackends; i++)
		if (backend_row(r, i, LIST_BACKEND, a, &c->backends[i],
		    e) == -1)
			goto out;
	rc = 0;
out:
	rows_free(r);
	return rc;
}

int
backend_get(struct db *db, const char *id, struct arena *a,
    struct backend *b, struct err *e)
{
	struct rows	*r;
	int		 rc;

	if ((r = db_run(db, STMT_BACKEND_GET, e, id)) == NULL)
		return -1;
	rc = (int)rows_len(r);
	if (rc == 1 && backend_row(r, 0, 0, a, b, e) == -1)
		rc = -1;
	rows_free(r);
	return rc;
}

int
backend_call_failed(struct db *db, const char *id, const char *error,
    struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_BACKEND_CALL_FAILED, e, id, error)) == NULL)
		return -1;
	rows_free(r);
	return 0;
}

int
backend_search(struct db *db, const struct backend_filter *f,
    int (*fn)(const struct rows *, void *), void *ctx, struct err *e)
{
	const char	*values[] = { f->timeout_ms, f->host, f->host_like,
	    f->host_ilike, f->limit, f->offset };

	return db_each(db, STMT_BACKEND_SEARCH, values, fn, ctx, e);
}

struct rows *
backend_show(struct db *db, const struct backend_key *k, struct err *e)
{
	return db_run(db, STMT_BACKEND_SHOW, e, k->id, k->agent,
	    k->timeout_ms);
}

struct rows *
backend_of_agent(struct db *db, const char *agent, const char *timeout_ms,
    struct err *e)
{
	return db_run(db, STMT_BACKEND_OF_AGENT, e, agent, timeout_ms);
}

struct rows *
backend_add(struct db *db, const char *who, const struct backend_key *k,
    const char *doc, struct err *e)
{
	return db_run(db, STMT_BACKEND_ADD, e, who, k->agent, doc,
	    k->timeout_ms);
}

struct rows *
backend_change(struct db *db, const char *who, const struct backend_key *k,
    const char *doc, struct err *e)
{
	return db_run(db, STMT_BACKEND_CHANGE, e, who, k->id, k->agent, doc,
	    k->timeout_ms);
}

struct rows *
backend_remove(struct db *db, const char *who, const struct backend_key *k,
    bool force, struct err *e)
{
	return db_run(db, STMT_BACKEND_REMOVE, e, who, k->id,
	    force ? "true" : "false", k->timeout_ms);
}
