/*
 * The queue of commands, as admins see it and add to it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/commands.h"

#include "store/db.h"

int
commands_search(struct db *db, const char *state, const char *limit,
    const char *offset, int (*fn)(const struct rows *, void *), void *ctx,
    struct err *e)
{
	const char	*values[] = { state, limit, offset };

	return db_each(db, STMT_COMMANDS_SEARCH, values, fn, ctx, e);
}

struct rows *
commands_show(struct db *db, const char *id, struct err *e)
{
	return db_run(db, STMT_COMMANDS_SHOW, e, id);
}

struct rows *
commands_add(struct db *db, const struct commands_new *c, struct err *e)
{
	struct rows	*added, *r = NULL;

	added = db_run(db, STMT_COMMANDS_ADD, e, c->who, c->action,
	    c->params, c->deadline_s);
	if (added != NULL)
		r = commands_show(db, rows_str(added, 0, 0), e);
	rows_free(added);
	return r;
}
