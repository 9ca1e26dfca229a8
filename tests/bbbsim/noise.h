/*
 * Messages that change nothing: most of what a real server publishes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_NOISE_H
#define BBBSIM_NOISE_H

#include <stdint.h>

#include "meeting.h"

/*
 * Publishes one, which one the running number says, about a meeting that is
 * there, or about one that nobody knows.
 */
void	 noise_message(const struct meetings *, uint64_t number);

#endif
