/*
 * Rows of frontends, with the secrets that are valid now.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/frontend.h"

#include <jansson.h>

#include "base/clock.h"
#include "store/db.h"
#include "store/rows.h"

/* The columns FRONTEND_COLS of stmt.c. */
enum { COL_ID, COL_KEY, COL_SECRET, COL_FURTHER, COL_ACTIVE, COL_BARE_PATH,
    COL_HOSTS, COL_SETTINGS, COL_VERSION };

/*
 * One of [secret, until in ms or 0].  Those that have ended stay in the row
 * until the sweep.
 */
static void
secret_add(json_t *pair, int64_t now, struct arena *a, struct frontend *f)
{
	long long	 until = json_integer_value(json_array_get(pair, 1));

	if (until != 0 && until <= now)
		return;
	if (until != 0 && (f->secrets_until == 0 || until < f->secrets_until))
		f->secrets_until = until;
	f->secrets[f->nsecrets++] = arena_strdup(a,
	    json_string_value(json_array_get(pair, 0)));
}

void
frontend_secrets(const char *secret, const char *further, struct arena *a,
    struct frontend *f)
{
	json_t	*list = further == NULL ? NULL : json_loads(further, 0, NULL);
	json_t	*pair;
	size_t	 i;

	f->secrets = arena_zalloc(a, 1 + json_array_size(list),
	    sizeof(*f->secrets));
	f->secrets[0] = arena_strdup(a, secret);
	f->nsecrets = 1;
	f->secrets_until = 0;
	json_array_foreach(list, i, pair)
		secret_add(pair, clock_wall_ms(), a, f);
	json_decref(list);
}

/* Its own secret is always the first: that one signs what goes to it. */
int
frontend_row(const struct rows *r, size_t row, int col, struct arena *a,
    struct frontend *f, struct err *e)
{
	f->id = rows_dup(r, row, col + COL_ID, a);
	f->key = rows_dup(r, row, col + COL_KEY, a);
	frontend_secrets(rows_str(r, row, col + COL_SECRET),
	    rows_maybe(r, row, col + COL_FURTHER), a, f);
	f->active = rows_bool(r, row, col + COL_ACTIVE);
	f->bare_path = rows_bool(r, row, col + COL_BARE_PATH);
	if (rows_words(r, row, col + COL_HOSTS, a, &f->hosts,
	    &f->nhosts) == -1)
		return err_set(e, ERR_INTERNAL, "frontend %s: bad hosts",
		    f->key);
	f->settings = rows_dup(r, row, col + COL_SETTINGS, a);
	f->version = rows_int(r, row, col + COL_VERSION);
	return 0;
}

int
frontend_get(struct db *db, const char *id, struct arena *a,
    struct frontend *f, struct err *e)
{
	struct rows	*r;
	int		 rc;

	if ((r = db_run(db, STMT_FRONTEND_GET, e, id)) == NULL)
		return -1;
	rc = (int)rows_len(r);
	if (rc == 1 && frontend_row(r, 0, 0, a, f, e) == -1)
		rc = -1;
	rows_free(r);
	return rc;
}

struct all {
	int		(*fn)(const struct frontend *, void *);
	void		 *ctx;
	struct arena	 *arena;
	struct err	 *e;
};

/* One row's memory at a time. */
static int
each_frontend(const struct rows *r, void *ctx)
{
	struct all	*all = ctx;
	struct frontend	 f;
	int		 rc = -1;

	if (frontend_row(r, 0, 0, all->arena, &f, all->e) == 0)
		rc = all->fn(&f, all->ctx);
	arena_reset(all->arena);
	return rc;
}

int
frontend_all(struct db *db, int (*fn)(const struct frontend *f, void *ctx),
    void *ctx, struct err *e)
{
	struct all	all = { fn, ctx, arena_new(), e };
	int		rc;

	rc = db_each(db, STMT_FRONTEND_ALL, NULL, each_frontend, &all, e);
	arena_free(all.arena);
	return rc;
}

int
frontend_search(struct db *db, const struct frontend_filter *f,
    int (*fn)(const struct rows *, void *), void *ctx, struct err *e)
{
	const char	*values[] = { f->account, f->account_ref, f->key,
	    f->key_like, f->limit, f->offset };

	return db_each(db, STMT_FRONTEND_SEARCH, values, fn, ctx, e);
}

struct rows *
frontend_show(struct db *db, const char *id, const char *account,
    struct err *e)
{
	return db_run(db, STMT_FRONTEND_SHOW, e, id, account);
}

struct rows *
frontend_add(struct db *db, const char *who, const char *doc, struct err *e)
{
	return db_run(db, STMT_FRONTEND_ADD, e, who, doc);
}

struct rows *
frontend_change(struct db *db, const char *who, const char *id,
    const char *account, const char *doc, struct err *e)
{
	return db_run(db, STMT_FRONTEND_CHANGE, e, who, id, account, doc);
}

struct rows *
frontend_remove(struct db *db, const char *who, const char *id, struct err *e)
{
	return db_run(db, STMT_FRONTEND_REMOVE, e, who, id);
}

struct rows *
frontend_set(struct db *db, const char *who, const struct frontend_setting *s,
    struct err *e)
{
	return db_run(db, STMT_FRONTEND_SET, e, who, s->id, s->account,
	    s->name, s->value);
}

struct rows *
frontend_rotate(struct db *db, const char *who,
    const struct frontend_rotation *r, struct err *e)
{
	return db_run(db, STMT_FRONTEND_ROTATE, e, who, r->id, r->account,
	    r->secret, r->valid_s);
}
