/*
 * Which BBB runs on this host.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_VERSION_H
#define AGENT_VERSION_H

#include <stdint.h>

#include "calls.h"

struct version;

struct version_opts {
	struct calls	*calls;
	const char	*release;	/* path of BBB's release file */
	/* Where BBB's API is, asked in turn; "": none. */
	const char	*urls[2];
	int		 total_ms;
};

/* The options' strings are borrowed. */
struct version	*version_new(const struct version_opts *o);
void		 version_free(struct version *v);
/*
 * As the release file has it now, since BBB may be upgraded under a running
 * agent.  If it has none, as the API's root said last, which is then asked
 * anew each minute; "": neither has told.  The string lives until the next
 * call.
 */
const char	*version_now(struct version *v, int64_t now_ms);

#endif
