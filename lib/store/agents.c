/*
 * Silent agents: who has fallen silent, who has come back.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/agents.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"

/* In the words of sql/. */
static const char *const turns[] = {
	[AGENT_SILENT] = "silent", [AGENT_BACK] = "back",
	[AGENT_ALARM] = "alarm", [AGENT_OVER] = "over"
};

static enum agent_turn
turn_read(const char *word)
{
	enum agent_turn	t = AGENT_OVER;

	while (t > AGENT_SILENT && strcmp(word, turns[t]) != 0)
		t--;
	return t;
}

int
agents_judge(struct db *db, int timeout_ms, struct arena *a,
    struct agent_news **v, size_t *n, struct err *e)
{
	struct rows	*r;
	char		 ms[16];
	size_t		 i;

	snprintf(ms, sizeof(ms), "%d", timeout_ms);
	if ((r = db_run(db, STMT_AGENTS_JUDGE, e, ms)) == NULL)
		return -1;
	*n = rows_len(r);
	*v = arena_zalloc(a, *n, sizeof(**v));
	for (i = 0; i < *n; i++) {
		(*v)[i].turn = turn_read(rows_str(r, i, 0));
		(*v)[i].host = rows_dup(r, i, 1, a);
		(*v)[i].n = rows_int(r, i, 2);
	}
	rows_free(r);
	return 0;
}
