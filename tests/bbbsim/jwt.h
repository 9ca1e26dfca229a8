/*
 * The tokens by which a server signs what it calls.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_JWT_H
#define BBBSIM_JWT_H

/* The token of a header and claims in JSON, for free(); alg: HS256, HS512. */
char	*jwt_sign(const char *alg, const char *header, const char *claims,
	    const char *secret);

#endif
