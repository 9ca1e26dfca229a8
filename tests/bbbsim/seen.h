/*
 * What a server saw: its latest requests.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_SEEN_H
#define BBBSIM_SEEN_H

#include <jansson.h>
#include <stdint.h>

struct reply;
struct request;
struct seen_log;

struct seen_log *seen_new(void);
void	 seen_free(struct seen_log *);
void	 seen_clear(struct seen_log *);
/* Notes a request that has fully arrived; the answer is its number (> 0). */
uint64_t seen_add(struct seen_log *, const struct request *);
/* Notes what it was answered, if it is still kept; 0 is no request. */
void	 seen_answer(struct seen_log *, uint64_t number, const struct reply *);
/* Oldest first; of one call only, or of all if call is NULL. */
json_t	*seen_json(const struct seen_log *, const char *call);

#endif
