/*
 * Stages entered in order and left in reverse.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_CHAIN_H
#define CORE_GATEWAY_CHAIN_H

#include <stddef.h>

#include "core/gateway/call.h"

struct stage {
	const char	*name;
	unsigned	 flags;		/* entered by calls that have one of
					 * these; 0: by all */
	enum verdict	(*enter)(struct call *, struct err *);
	/* The reply passes back; FAILED replaces it by an error. */
	enum verdict	(*leave)(struct call *, struct err *);
};

/* Who answers ends it; whoever was entered leaves.  Always ANSWERED/FAILED. */
enum verdict	chain_run(const struct stage *stages, size_t n,
		    struct call *c, struct err *e);

#endif
