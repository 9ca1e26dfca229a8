/*
 * When each job last went well.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/success.h"

#include <stddef.h>

#include "store/db.h"

int
success_note(struct db *db, const char *job, struct err *e)
{
	struct rows	*r;

	if ((r = db_run(db, STMT_SUCCESS_NOTE, e, job)) == NULL)
		return -1;
	rows_free(r);
	return 0;
}
