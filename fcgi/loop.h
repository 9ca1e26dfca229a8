/*
 * A worker's life: accept, serve, retire.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_LOOP_H
#define FCGI_LOOP_H

#include <stdbool.h>

#include "core/worker.h"

/* Is fd 0 a listening socket, as a FastCGI program is started with? */
bool	loop_has_socket(void);
/*
 * Serves requests until a signal (TERM, USR1, USR2, QUIT) or max_requests
 * ends it; the request in hand is finished.  Returns the exit status.
 */
int	loop_run(struct worker *w);

#endif
