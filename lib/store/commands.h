/*
 * The queue of commands, as admins see it and add to it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_COMMANDS_H
#define STORE_COMMANDS_H

#include "base/err.h"

struct db;
struct rows;

/*
 * Rows are as command_record() of proto/resource.h, where a command that a
 * job has taken still is "requested".  state, limit and offset are text or
 * NULL; column 0 is the number of all, see fcgi/api/api.h.  Oldest first.
 */
int	commands_search(struct db *db, const char *state, const char *limit,
	    const char *offset, int (*fn)(const struct rows *, void *),
	    void *ctx, struct err *e);
/* No row: no such command.  The caller frees; NULL with e set. */
struct rows *commands_show(struct db *db, const char *id, struct err *e);

struct commands_new {
	const char	*who;		/* see audit.h */
	const char	*action;
	const char	*params;	/* JSON, or NULL */
	const char	*deadline_s;
};
/*
 * As queue_enqueue() of queue.h, with a row of the audit; then it is shown.
 * Two statements.
 */
struct rows *commands_add(struct db *db, const struct commands_new *c,
	    struct err *e);

#endif
