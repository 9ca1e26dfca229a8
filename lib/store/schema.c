/*
 * The program's side of the schema's version.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/schema.h"

#include <string.h>

#include "store/db.h"

/*
 * Both directions, since a node may be upgraded before the database or after
 * it: the schema may be newer than the program as long as it says that it
 * still serves it.
 */
static int
fits(long long version, long long from, struct err *e)
{
	if (version < SCHEMA_VERSION)
		return err_set(e, ERR_SCHEMA, "the database's schema is"
		    " version %lld, this program needs %d:"
		    " run b3scale-schema apply", version, SCHEMA_VERSION);
	if (from > SCHEMA_VERSION)
		return err_set(e, ERR_SCHEMA, "the database's schema is"
		    " version %lld and serves programs from %lld on, this one"
		    " is %d: install the newer b3scale, then run"
		    " b3scale-reload", version, from, SCHEMA_VERSION);
	return 0;
}

/* The table of versions itself is missing: nothing is installed. */
static int
no_schema(struct err *e)
{
	return err_set(e, ERR_SCHEMA, "the database holds no schema:"
	    " run b3scale-schema apply");
}

int
schema_check(struct db *db, struct err *e)
{
	struct rows	*r;
	int		 rc;

	if ((r = db_run(db, STMT_SCHEMA_VERSION, e)) == NULL)
		return e->code == ERR_SCHEMA ? no_schema(e) : -1;
	rc = rows_len(r) == 0 ? fits(0, 0, e) :
	    fits(rows_int(r, 0, 0), rows_int(r, 0, 1), e);
	rows_free(r);
	return rc;
}

static int
schema_read(const struct rows *r, struct arena *a, struct schema_status *s,
    struct err *e)
{
	enum { COL_DATABASE, COL_VERSION, COL_NAME, COL_APPLIED, COL_FROM };

	if (rows_len(r) == 0)
		return fits(0, 0, e);
	s->database = rows_dup(r, 0, COL_DATABASE, a);
	s->version = (int)rows_int(r, 0, COL_VERSION);
	s->name = rows_dup(r, 0, COL_NAME, a);
	s->applied_us = rows_int(r, 0, COL_APPLIED);
	return fits(s->version, rows_int(r, 0, COL_FROM), e);
}

/*
 * Runs on a schema of any version, and on none: that is what an admin asks
 * about when nothing else works.
 */
void
schema_status(struct db *db, struct arena *a, struct schema_status *s)
{
	struct err	 e = ERR_INIT;
	struct rows	*r;

	memset(s, 0, sizeof(*s));
	s->database = s->name = "";
	if ((r = db_run(db, STMT_SCHEMA_STATUS, &e)) != NULL)
		s->migrated = schema_read(r, a, s, &e) == 0;
	else if (e.code == ERR_SCHEMA)
		no_schema(&e);
	rows_free(r);
	s->available = r != NULL || e.code == ERR_SCHEMA;
	s->pending = s->version < SCHEMA_VERSION ?
	    SCHEMA_VERSION - s->version : 0;
	if (e.code != ERR_NONE)
		s->error = arena_strdup(a, e.text);
}
