/*
 * How two JSON records differ, as a patch and in words.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_DIFF_H
#define CTL_DIFF_H

#include <stdbool.h>

#include <jansson.h>

#include "base/buf.h"

/*
 * What has to be sent so that `have` becomes `want` in all that want names;
 * objects are merged by the server.  whole: a map of parameters (its name
 * ends in _params) is to hold nothing else than is wanted, so the others are
 * sent empty.  A line for each member that changes is added to text, secrets
 * without their value.  NULL if nothing differs; else the caller's.
 */
json_t	*diff_make(const json_t *want, const json_t *have, bool whole,
	    struct buf *text);

#endif
