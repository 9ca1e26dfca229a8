/*
 * Waiting for what takes long; a terminal is told how many meetings are left.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_WAIT_H
#define CTL_WAIT_H

#include "ctl.h"

/*
 * Both outlast a server that is started anew meanwhile.
 *
 * Until a command about the backend has been done, or was not: see the state
 * of *out, which is the caller's.
 */
int	wait_command(struct ctl *c, const json_t *command,
	    const json_t *backend, json_t **out, struct err *e);
/* Until a decommissioned backend is gone; ERR_CONFLICT: it stays, after all. */
int	wait_gone(struct ctl *c, const json_t *backend, struct err *e);

#endif
