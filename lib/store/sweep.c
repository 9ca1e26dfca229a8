/*
 * What is thrown away when it is old, a few rows at a time.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/sweep.h"

#include <stdio.h>

#include "store/db.h"

static long long
count(struct rows *r, struct err *e)
{
	long long	n;

	if (r == NULL)
		return err_note(e, "sweep");
	n = rows_int(r, 0, 0);
	rows_free(r);
	return n;
}

/*
 * Few rows a statement: locks are short, and a job that is killed has lost
 * little.
 */
long long
sweep_batch(struct db *db, const struct sweep_opts *o, struct err *e)
{
	char	ended[16], commands[16], audit[16], reservations[16];
	char	batch[16];

	snprintf(ended, sizeof(ended), "%d", o->ended_days);
	snprintf(commands, sizeof(commands), "%d", o->commands_days);
	snprintf(audit, sizeof(audit), "%d", o->audit_days);
	snprintf(reservations, sizeof(reservations), "%d",
	    o->reservations_days);
	snprintf(batch, sizeof(batch), "%d", o->batch);
	return count(db_run(db, STMT_SWEEP, e, ended, commands, audit,
	    reservations, batch), e);
}

long long
sweep_backends(struct db *db, int deadline_s, struct err *e)
{
	char	seconds[16];

	snprintf(seconds, sizeof(seconds), "%d", deadline_s);
	return count(db_run(db, STMT_SWEEP_BACKENDS, e, seconds), e);
}
