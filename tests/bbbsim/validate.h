/*
 * BBB's rules for a request and its choice of the one error to report.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_VALIDATE_H
#define BBBSIM_VALIDATE_H

#include <stdbool.h>

struct request;

struct broken {
	const char	*key;
	const char	*message;
};

/* The rule reported as broken, or false if all hold or none applies. */
bool	 validate(const struct request *, struct broken *);

#endif
