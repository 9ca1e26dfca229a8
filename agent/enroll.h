/*
 * Makes sure that the balancer knows this BBB server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_ENROLL_H
#define AGENT_ENROLL_H

#include <stdbool.h>
#include <stdint.h>

#include "api.h"

struct enroll;

struct enroll_opts {
	const struct api	*api;
	const char		*host;		/* of BBB's API */
	const char		*secret;
	double			 load_factor;	/* 0: none of its own */
	bool			 may_add;	/* told to register the host */
};

struct enroll	*enroll_new(const struct enroll_opts *o);
void		 enroll_free(struct enroll *n);
/*
 * Asks which backend this agent's token belongs to; one that is there gets
 * the load factor.  If it may, it adds one that is not there, and sees to
 * address and secret, too.  Tried again for ever, each failure logged once.
 */
void		 enroll_run(struct enroll *n, int64_t now_ms);
int64_t		 enroll_due_ms(const struct enroll *n);
bool		 enroll_is_done(const struct enroll *n);
/* The balancer knows the agent no longer. */
void		 enroll_again(struct enroll *n);

#endif
