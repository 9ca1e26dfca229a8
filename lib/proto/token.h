/*
 * The API's tokens: who asks, and what for.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_TOKEN_H
#define PROTO_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define TOKEN_USER		"b3scale"
#define TOKEN_ADMIN		"b3scale:admin"
#define TOKEN_NODE		"b3scale:node"
#define TOKEN_RECORDINGS	"b3scale:recordings"
#define TOKEN_CALLBACK		"b3scale:callback"

/* What a client is told, whatever the reason: it is not to learn it. */
#define TOKEN_MALFORMED		"missing or malformed jwt"
#define TOKEN_INVALID		"invalid or expired jwt"

/* A larger one is refused unread. */
#define TOKEN_MAX_LEN		8192

struct token {
	const char	 *scope;	/* words, a blank between */
	const char	 *sub;		/* account or agent; "" */
	const char	**aud;
	size_t		  naud;
	long long	  exp;		/* s since 1970; 0: never */
};

/* Two secrets are valid while one is exchanged for the other; NULL: none. */
struct token_keys {
	const char	*current;
	const char	*previous;
};

/* The token of an Authorization header, or NULL: it holds none. */
const char *token_bearer(const char *authorization);
/*
 * HS384, signed by one of the keys, within exp and nbf (now in s since 1970).
 * ERR_DENIED: it is not, and e says why, for the log.
 */
int	 token_verify(struct arena *a, const char *text,
	    const struct token_keys *keys, long long now, struct token *t,
	    struct err *e);
/* Signed with HS384; iat is now, jti is random.  An empty secret is none. */
char	*token_sign(struct arena *a, const struct token *t, const char *secret,
	    long long now);
/* Is it among the words of its scope? */
bool	 token_has(const struct token *t, const char *scope);
/*
 * Made for one purpose (it has an audience, or a scope of callbacks or
 * recordings): it opens nothing else.
 */
bool	 token_has_purpose(const struct token *t);

#endif
