/*
 * The program's side of the schema's version.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/schema.h"

#include "store/db.h"

int
schema_check(struct db *db, struct err *e)
{
	struct rows	*r;
	long long	 version, from;
	int		 rc = -1;

	if ((r = db_run(db, STMT_SCHEMA_VERSION, e)) == NULL) {
		if (e->code == ERR_SCHEMA)
			err_set(e, ERR_SCHEMA, "the database holds no schema:"
			    " run b3scale-schema apply");
		return -1;
	}
	version = rows_len(r) == 0 ? 0 : rows_int(r, 0, 0);
	from = rows_len(r) == 0 ? 0 : rows_int(r, 0, 1);
	if (version < SCHEMA_VERSION)
		err_set(e, ERR_SCHEMA, "the database's schema is version %lld,"
		    " this program needs %d: run b3scale-schema apply",
		    version, SCHEMA_VERSION);
	else if (from > SCHEMA_VERSION)
		err_set(e, ERR_SCHEMA, "the database's schema is version %lld"
		    " and serves programs from %lld on, this one is %d:"
		    " install the newer b3scale, then run b3scale-reload",
		    version, from, SCHEMA_VERSION);
	else
		rc = 0;
	rows_free(r);
	return rc;
}
