/*
 * Digests and the checksum of a call.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_DIGEST_H
#define BBBSIM_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_HEX_MAX	129	/* SHA-512 in hex and a NUL */

/* The algorithms, fetched once, and a context that is used again. */
struct digests;

/* A digest in progress. */
struct digest;

enum checksum_state {
	CHECKSUM_ABSENT,	/* not given, or given empty */
	CHECKSUM_WRONG,
	CHECKSUM_RIGHT
};

/* What a checksum is computed over. */
struct checksum {
	const char	*call;
	const char	*query;		/* raw, with its checksum parameter */
	const char	*secret;
	const char	*given;		/* decoded, or NULL */
	bool		 old;		/* BBB 2.4: lower case, SHA-1 and -256 */
};

struct digests *digests_new(void);
void	 digests_free(struct digests *);

enum checksum_state checksum_check(struct digests *, const struct checksum *);

/* SHA-1 of a string in lower-case hex; out has 41 bytes. */
void	 digest_sha1(struct digests *, const char *s, char *out);

/* SHA-256 piece by piece; out has 65 bytes and ends the digest. */
struct digest *digest_sha256_new(struct digests *);
void	 digest_add(struct digest *, const void *, size_t len);
void	 digest_hex(struct digest *, char *out);
void	 digest_free(struct digest *);

#endif
