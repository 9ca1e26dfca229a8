/*
 * Compact signed tokens (JWS), of the HMAC family only.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_JWS_H
#define PROTO_JWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum jws_alg { JWS_HS256, JWS_HS384, JWS_HS512 };

/* A token that was read and not yet believed; views into its text. */
struct jws {
	enum jws_alg	 alg;
	struct view	 signed_text;
	char		*mac;		/* decoded, like the payload */
	size_t		 mac_len;
	char		*payload;	/* ends with a NUL, may hold others */
	size_t		 payload_len;
};

/* header is JSON and must name the same algorithm. */
char	*jws_sign(struct arena *a, enum jws_alg alg, const char *header,
	    const char *payload, const char *secret);
/*
 * Three parts, a JSON header with one of the three algorithms, at most
 * 1 MiB; the text must live as long as j.  ERR_DENIED: it is none.
 */
int	 jws_read(struct arena *a, const char *token, struct jws *j,
	    struct err *e);
/* In constant time; an empty secret signs nothing. */
bool	 jws_signed_by(const struct jws *j, const char *secret);

#endif
