/*
 * All simulated servers and what they share.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_SIM_H
#define BBBSIM_SIM_H

#include "server.h"

struct sim {
	struct loop	 *loop;
	struct digests	 *digests;
	struct server	**servers;
	unsigned	  count;
};

#endif
