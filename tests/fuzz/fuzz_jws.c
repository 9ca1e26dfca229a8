/*
 * Signed tokens: only what one secret has signed is believed, byte for byte.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/jws.h"

#define HEADER	"{\"alg\":\"HS256\"}"
#define SECRET	"secret"

/* Whatever it is, nobody has signed it with a secret that was never used. */
static void
check_foreign(struct arena *a, const char *text)
{
	struct err	e = ERR_INIT;
	struct jws	j;

	if (jws_read(a, text, &j, &e) == -1) {
		HOLDS(e.code == ERR_DENIED && e.text[0] != '\0');
		return;
	}
	HOLDS(!jws_signed_by(&j, "never used"));
	HOLDS(j.payload[j.payload_len] == '\0');
	HOLDS(j.signed_text.len < strlen(text));
}

/* What we sign comes back as it was, and to nobody else. */
static void
check_own(struct arena *a, const char *payload)
{
	struct err	 e = ERR_INIT;
	struct jws	 j;
	char		*token;

	token = jws_sign(a, JWS_HS256, HEADER, payload, SECRET);
	if (jws_read(a, token, &j, &e) == -1)
		return;	/* too long */
	HOLDS(jws_signed_by(&j, SECRET));
	HOLDS(!jws_signed_by(&j, "never used"));
	HOLDS(j.payload_len == strlen(payload));
	HOLDS(memcmp(j.payload, payload, j.payload_len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena	*a = arena_new();
	char		*s = arena_memdup(a, data, len);

	check_foreign(a, s);
	check_foreign(a, arena_printf(a, "eyJhbGciOiJIUzI1NiJ9.%s", s));
	check_own(a, s);
	arena_free(a);
	return 0;
}
