/*
 * Tokens: nothing that strangers make up is taken.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/jws.h"
#include "proto/token.h"

#define SECRET	"nobody can guess this one"
#define NOW	1700000000LL

/* The bytes as claims that we signed ourselves: any claims may come. */
static void
check_claims(struct arena *a, const char *claims)
{
	const struct token_keys	 keys = { "another", SECRET };
	struct token		 t;
	struct err		 e = ERR_INIT;
	char			*text = jws_sign(a, JWS_HS384,
				    "{\"alg\":\"HS384\",\"typ\":\"JWT\"}",
				    claims, SECRET);

	if (token_verify(a, text, &keys, NOW, &t, &e) == -1) {
		HOLDS(e.code == ERR_DENIED && e.text[0] != '\0');
		return;
	}
	HOLDS(t.scope != NULL && t.sub != NULL);
	HOLDS(t.exp == 0 || t.exp > NOW);
	token_has(&t, TOKEN_ADMIN);
	token_has_purpose(&t);
	/* Its last character holds bits that the signature needs. */
	text[strlen(text) - 2] ^= 1;
	HOLDS(token_verify(a, text, &keys, NOW, &t, &e) == -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct token_keys	 keys = { SECRET, NULL };
	struct arena		*a = arena_new();
	char			*text = arena_memdup(a, data, len);
	struct token		 t;
	struct err		 e = ERR_INIT;

	HOLDS(token_verify(a, text, &keys, NOW, &t, &e) == -1);
	HOLDS(e.code == ERR_DENIED);
	token_bearer(text);
	check_claims(a, text);
	arena_free(a);
	return 0;
}
