/*
 * Meetings of the whole cluster, as admins see them and end them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/meetings.h"

#include "base/str.h"
#include "proto/resource.h"
#include "store/db.h"

int
meetings_search(struct db *db, const struct meetings_filter *f,
    int (*fn)(const struct rows *, void *), void *ctx, struct err *e)
{
	const char	*values[] = { f->backend_id, f->backend_host,
	    f->backend, f->frontend, f->running, f->text, f->limit,
	    f->offset };

	return db_each(db, STMT_MEETINGS_SEARCH, values, fn, ctx, e);
}

int
meetings_has_backend(struct db *db, const char *backend_id, const char *host,
    struct err *e)
{
	struct rows	*r;
	int		 has;

	r = db_run(db, STMT_MEETINGS_HAS_BACKEND, e, backend_id, host);
	if (r == NULL)
		return -1;
	has = rows_bool(r, 0, 0);
	rows_free(r);
	return has;
}

/* Either of the two ids that a path may hold, or NULL. */
static const char *
by_internal(const char *id)
{
	static const char	internal[] = "internal:";

	return str_starts(id, internal) ? id + sizeof(internal) - 1 : NULL;
}

static const char *
by_id(const char *id)
{
	return by_internal(id) == NULL ? id : NULL;
}

struct rows *
meetings_show(struct db *db, const char *id, const char *agent,
    struct err *e)
{
	return db_run(db, STMT_MEETINGS_SHOW, e, by_id(id), by_internal(id),
	    agent);
}

/* Weights go along: loads are counted anew in the same statement. */
int
meetings_change(struct db *db, struct arena *a, const char *who,
    const struct meetings_change *m, struct err *e)
{
	struct rows	*r;
	int		 changed;

	r = db_run(db, STMT_MEETINGS_CHANGE, e, who, by_id(m->id),
	    by_internal(m->id), m->agent, m->doc, m->sent,
	    arena_printf(a, "{%g,%g}", m->weight_voice, m->weight_video));
	if (r == NULL)
		return -1;
	changed = rows_bool(r, 0, 0);
	rows_free(r);
	return changed;
}

/* The columns of MEETING_TARGET stand behind those that are shown. */
void
meetings_target(const struct rows *r, struct arena *a,
    struct meetings_target *t)
{
	int	col = (int)meeting_record()->n;

	t->row = rows_dup(r, 0, col++, a);
	t->internal_id = rows_dup(r, 0, col++, a);
	t->id = rows_dup(r, 0, col++, a);
	t->moderator_pw = rows_dup(r, 0, col++, a);
	t->host = rows_dup(r, 0, col++, a);
	t->secret = rows_dup(r, 0, col, a);
}

int
meetings_end(struct db *db, const char *who, const char *action,
    const struct meetings_target *t, struct err *e)
{
	struct rows	*r;
	int		 ended;

	r = db_run(db, STMT_MEETINGS_END, e, t->row, t->internal_id, who,
	    action, t->id);
	if (r == NULL)
		return -1;
	ended = rows_bool(r, 0, 0);
	rows_free(r);
	return ended;
}
