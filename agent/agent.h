/*
 * The agent itself: one loop over Redis, HTTP calls and signals.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "base/err.h"
#include "settings.h"

struct agent;

/*
 * Reads BBB's files; nothing is connected yet.  s is borrowed.  NULL with
 * ERR_CONFIG if a file or a key is missing or wrong.
 */
struct agent	*agent_new(const struct settings *s, struct err *e);
void		 agent_free(struct agent *a);
/* Until SIGTERM or SIGINT; those two are blocked from now on. */
int		 agent_run(struct agent *a, struct err *e);

#endif
