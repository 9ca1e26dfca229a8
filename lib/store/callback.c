/*
 * What BBB servers called back about, kept until its frontend has it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/callback.h"

#include <string.h>

#include "store/db.h"

/* In the order of the enum; the CHECK in sql/ knows the same words. */
static const char *const kinds[] = { "end", "recording", "analytics" };

int
callback_store(struct db *db, const struct callback *c, struct err *e)
{
	struct arena	*a = arena_new();
	struct rows	*r;
	int		 stored = -1;

	r = db_run(db, STMT_CALLBACK_STORE, e, c->frontend_id, kinds[c->kind],
	    c->url, c->query, c->body, c->token, c->once,
	    param_int(a, c->end.row), param_int(a, c->end.attempt),
	    param_int(a, c->end.nr));
	if (r != NULL)
		stored = rows_bool(r, 0, 0);
	rows_free(r);
	arena_free(a);
	return stored == -1 ? err_note(e, "store callback") : stored;
}

/* As STMT_CALLBACK_CLAIM of stmt.c selects them. */
enum { COL_ID, COL_LEASE, COL_ATTEMPTS, COL_RECEIVED, COL_KIND,
    COL_FRONTEND, COL_URL, COL_QUERY, COL_BODY, COL_TOKEN, COL_KEY,
    COL_SECRET, COL_SETTINGS };

static void
due_read(const struct rows *r, size_t row, struct arena *a,
    struct callback_due *d)
{
	struct callback	*c = &d->callback;
	const char	*kind = rows_str(r, row, COL_KIND);

	d->id = rows_int(r, row, COL_ID);
	d->lease = rows_dup(r, row, COL_LEASE, a);
	d->attempts = (int)rows_int(r, row, COL_ATTEMPTS);
	d->received_ms = rows_int(r, row, COL_RECEIVED);
	while (strcmp(kind, kinds[c->kind]) != 0 &&
	    c->kind < CALLBACK_ANALYTICS)
		c->kind++;
	c->frontend_id = rows_dup(r, row, COL_FRONTEND, a);
	c->url = rows_dup(r, row, COL_URL, a);
	c->query = rows_dup(r, row, COL_QUERY, a);
	c->body = rows_dup(r, row, COL_BODY, a);
	c->token = rows_dup(r, row, COL_TOKEN, a);
	d->frontend_key = rows_dup(r, row, COL_KEY, a);
	d->frontend_secret = rows_dup(r, row, COL_SECRET, a);
	d->settings = rows_dup(r, row, COL_SETTINGS, a);
}

/* It frees old rows too, so that no job of its own is needed for that. */
int
callback_claim(struct db *db, int max, int lease_s, int keep_s,
    struct arena *a, struct callback_dues *dues, struct err *e)
{
	struct rows	*r;
	size_t		 i;

	r = db_run(db, STMT_CALLBACK_CLAIM, e, param_int(a, max),
	    param_int(a, lease_s), param_int(a, keep_s));
	if (r == NULL)
		return err_note(e, "claim callbacks");
	dues->n = rows_len(r);
	dues->v = arena_zalloc(a, dues->n, sizeof(*dues->v));
	for (i = 0; i < dues->n; i++)
		due_read(r, i, a, &dues->v[i]);
	rows_free(r);
	return 0;
}

int
callback_next(struct db *db, int max_ms, struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_CALLBACK_NEXT, e)) == NULL)
		return err_note(e, "next callback");
	return rows_due_ms(r, max_ms);
}

/*
 * Without the caller's arena: it is called from the middle of a round, once
 * for each, and keeps nothing.
 */
int
callback_done(struct db *db, const struct callback_due *d,
    const struct callback_result *res, struct err *e)
{
	struct arena	*a = arena_new();
	struct rows	*r;
	int		 mine = -1;

	r = db_run(db, STMT_CALLBACK_DONE, e, param_int(a, d->id), d->lease,
	    res->ok ? "t" : "f", res->final ? "t" : "f",
	    param_int(a, res->status), res->error,
	    param_int(a, res->give_up_s));
	if (r != NULL)
		mine = rows_bool(r, 0, 0);
	rows_free(r);
	arena_free(a);
	return mine == -1 ? err_note(e, "callback %lld", d->id) : mine;
}

int
callback_retry(struct db *db, long long id, struct err *e)
{
	struct arena	*a = arena_new();
	struct rows	*r;
	int		 done = -1;

	r = db_run(db, STMT_CALLBACK_RETRY, e, param_int(a, id));
	if (r != NULL)
		done = rows_bool(r, 0, 0);
	rows_free(r);
	arena_free(a);
	return done == -1 ? err_note(e, "callback %lld", id) : done;
}

int
callback_each(struct db *db, const struct callback_filter *f,
    int (*fn)(const struct rows *r, void *ctx), void *ctx, struct err *e)
{
	const char *const	values[] = { f->account, f->frontend_key,
				    f->state, f->limit, f->offset };

	return db_each(db, STMT_CALLBACK_LIST, values, fn, ctx, e);
}

struct rows *
callback_show(struct db *db, const char *id, const char *account,
    struct err *e)
{
	return db_run(db, STMT_CALLBACK_SHOW, e, id, account);
}

int
callback_may_see(struct db *db, const char *id, const char *account,
    struct err *e)
{
	struct rows	*r = db_run(db, STMT_CALLBACK_MAY_SEE, e, id, account);
	int		 may;

	if (r == NULL)
		return err_note(e, "callback %s", id);
	may = rows_bool(r, 0, 0);
	rows_free(r);
	return may;
}

int
callback_meeting(struct db *db, const char *frontend_id,
    const char *backend_meeting_id, struct arena *a, char **meeting_id,
    struct err *e)
{
	struct rows	*r;
	int		 found;

	r = db_run(db, STMT_CALLBACK_MEETING, e, frontend_id,
	    backend_meeting_id);
	if (r == NULL)
		return err_note(e, "meeting of a callback");
	found = rows_len(r) > 0;
	if (found)
		*meeting_id = rows_dup(r, 0, 0, a);
	rows_free(r);
	return found;
}

int
callback_secrets(struct db *db, struct arena *a, char ***secrets, size_t *n,
    struct err *e)
{
	struct rows	*r;
	size_t		 i;

	if ((r = db_run(db, STMT_CALLBACK_SECRETS, e)) == NULL)
		return err_note(e, "secrets of the servers");
	*n = rows_len(r);
	*secrets = arena_zalloc(a, *n, sizeof(**secrets));
	for (i = 0; i < *n; i++)
		(*secrets)[i] = rows_dup(r, i, 0, a);
	rows_free(r);
	return 0;
}
