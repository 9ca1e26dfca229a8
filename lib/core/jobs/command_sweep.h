/*
 * The sweep at somebody's wish.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_COMMAND_SWEEP_H
#define CORE_JOBS_COMMAND_SWEEP_H

#include "core/jobs/command.h"

/* The command collect_garbage. */
int	command_sweep(struct command_run *r, struct err *e);

#endif
