/*
 * How many calls of this node wait for one backend: slots in a shared file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_SLOTS_H
#define CORE_SLOTS_H

#include "base/err.h"

struct slots;

/*
 * The file `slots` in dir, made if missing; per bytes for each backend, each
 * under an OFD lock of its own while a call is in the air, so that a dead
 * worker frees its slot.  A byte holds its call's start time.
 */
struct slots	*slots_open(const char *dir, int per, struct err *e);
void		 slots_close(struct slots *s);

/*
 * A slot of the backend (struct backend's slot), waiting at most wait_ms; not
 * at all if every holder is older than wait_ms: such a server hangs.  Returns
 * a handle >= 0 for slots_leave, or -1: ERR_BUSY, or ERR_SYSTEM if the file
 * cannot be locked.
 */
int		 slots_enter(struct slots *s, int backend_slot, int wait_ms,
		    struct err *e);
void		 slots_leave(struct slots *s, int handle);

#endif
