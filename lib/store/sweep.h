/*
 * What is thrown away when it is old, a few rows at a time.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_SWEEP_H
#define STORE_SWEEP_H

#include "base/err.h"

struct db;

struct sweep_opts {
	int	ended_days;	/* ended meetings and their ids */
	int	commands_days;	/* finished commands */
	int	audit_days;	/* who changed what */
	int	reservations_days;	/* those that are over */
	int	batch;		/* rows of each kind at once */
};

/* Returns how many rows went: none, and it is done; -1. */
long long	sweep_batch(struct db *db, const struct sweep_opts *o,
		    struct err *e);
/*
 * Decommissioned servers without people on them get the command that removes
 * them.  Returns how many; -1.
 */
long long	sweep_backends(struct db *db, int deadline_s, struct err *e);

#endif
