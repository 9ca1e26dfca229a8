/*
 * Servers that are emptied, and those that are removed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_COMMAND_BACKEND_H
#define CORE_JOBS_COMMAND_BACKEND_H

#include "core/jobs/command.h"

/*
 * No new meetings; done when the server is empty.  After its end_after the
 * meetings that are left are ended.
 */
int	command_drain(struct command_run *r, struct err *e);
/* Removes the backend, unless people are on it: then the result is false. */
int	command_decommission(struct command_run *r, struct err *e);

#endif
