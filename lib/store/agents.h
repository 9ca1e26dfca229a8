/*
 * Silent agents: who has fallen silent, who has come back.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_AGENTS_H
#define STORE_AGENTS_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct db;

enum agent_turn {
	AGENT_SILENT,	/* no new meetings for its server */
	AGENT_BACK,
	AGENT_ALARM,	/* more than half at once: nothing changes */
	AGENT_OVER	/* the alarm's end */
};

struct agent_news {
	enum agent_turn	 turn;
	char		*host;		/* NULL of the last two */
	long long	 n;		/* seconds since its last heartbeat;
					 * of the last two: silent agents */
};

/*
 * Notes what has changed since the last look, whoever took it; one
 * statement, so each change is told to one job only.
 */
int	agents_judge(struct db *db, int timeout_ms, struct arena *a,
	    struct agent_news **v, size_t *n, struct err *e);

#endif
