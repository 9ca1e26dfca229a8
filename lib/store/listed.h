/*
 * A getMeetings list as the JSON that functions in sql/ read.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_LISTED_H
#define STORE_LISTED_H

#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "proto/meeting.h"
#include "store/poll.h"

/*
 * A text from elsewhere; NULL is "".  Where it is no UTF-8, each byte of it
 * that is not ASCII becomes a question mark.
 */
json_t	*listed_text(struct arena *a, const char *s);
/* A count as columns hold it: 0 to 2^31 - 1. */
json_t	*listed_count(long long n);
/* In the arena; weights of the costs are the options'. */
char	*listed_json(struct arena *a, const struct poll_opts *o,
	    const struct bbb_meeting *m, size_t n);

#endif
