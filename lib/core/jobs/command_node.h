/*
 * Servers that are polled at somebody's wish.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_COMMAND_NODE_H
#define CORE_JOBS_COMMAND_NODE_H

#include "core/jobs/command.h"

/* Polls the servers now; how that went is each one's result. */
int	command_node(struct command_run *r, struct err *e);

#endif
