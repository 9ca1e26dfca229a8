/*
 * What a BBB server would call goes to us instead, who sign anew.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_REDIRECT_H
#define CORE_GATEWAY_REDIRECT_H

#include <stddef.h>

#include "core/gateway/call.h"
#include "store/meeting.h"

/*
 * The addresses in a create's query, a copy for one server, become ours.
 * They name the meeting's placement, by which an end is known again.
 */
void	redirect_callbacks(const struct call *c, const struct meeting *m,
	    struct query *q);
/*
 * The frontend's own URLs of those that tell of the end, "" where there is
 * none; 0: none at all, or servers call them themselves.
 */
size_t	redirect_ends(const struct call *c, const char *const **urls);

#endif
