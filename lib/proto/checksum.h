/*
 * The signature of a BBB call: bbb-api chapter 3.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_CHECKSUM_H
#define PROTO_CHECKSUM_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "proto/query.h"

enum checksum_hash { CHECKSUM_SHA1, CHECKSUM_SHA256, CHECKSUM_SHA384,
    CHECKSUM_SHA512, CHECKSUM__MAX };

#define CHECKSUM_HEX_MAX (128 + 1)

/* By the number of hex digits; -1 if no hash has so many. */
int	checksum_hash_by_len(size_t digits);
/*
 * Lower-case hex of H(call, query, secret) into hex; returns its length, or 0
 * if this machine's OpenSSL does not offer the hash.
 */
size_t	checksum_make(enum checksum_hash h, const char *call,
	    struct view query, const char *secret,
	    char hex[CHECKSUM_HEX_MAX]);
/*
 * The raw query with every `checksum=VALUE` cut out as bbb-web cuts it
 * (bbb-api 3.1) and control characters and outer blanks gone.  value is the
 * decoded first checksum parameter.
 */
struct view checksum_strip(struct arena *a, struct view raw,
	    const char *value);
/*
 * Constant time, case of the digits ignored.  An empty secret never matches.
 */
bool	checksum_ok(const char *call, struct view query, const char *secret,
	    const char *given);
/* The "rebuilt query" of a form POST, bbb-api 3.2. */
struct view checksum_rebuilt(struct arena *a, const struct query *form);
/*
 * Appends "call?QUERY&checksum=HEX" ("call?checksum=HEX" without parameters)
 * to out: what is put behind a server's base URL.  q holds no checksum, and
 * the secret is not empty.
 */
void	checksum_sign(struct buf *out, const char *call,
	    const struct query *q, const char *secret, enum checksum_hash h);

#endif
