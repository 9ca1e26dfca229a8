/*
 * Signs and verifies tokens with libjwt, which leaves their times to us.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/token.h"

#include <sys/random.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <jwt.h>

#include "base/log.h"

#define JTI_LEN		24

const char *
token_bearer(const char *authorization)
{
	static const char	scheme[] = "Bearer ";
	const char		*t;

	if (strncasecmp(authorization, scheme, sizeof(scheme) - 1) != 0)
		return NULL;
	t = authorization + sizeof(scheme) - 1;
	t += strspn(t, " ");
	return *t == '\0' ? NULL : t;
}

/* libjwt compares the signature in constant time. */
static jwt_t *
decode(const char *text, const char *secret)
{
	jwt_t	*jwt = NULL;

	if (secret == NULL || secret[0] == '\0' || jwt_decode(&jwt, text,
	    (const unsigned char *)secret, (int)strlen(secret)) != 0)
		return NULL;
	return jwt;
}

static json_t *
object_of(jwt_t *jwt)
{
	char	*grants = jwt_get_grants_json(jwt, NULL);
	json_t	*claims = grants == NULL ? NULL : json_loads(grants, 0, NULL);

	free(grants);
	if (json_is_object(claims))
		return claims;
	json_decref(claims);
	return NULL;
}

/* The claims of a token that is signed as it has to be, or NULL. */
static json_t *
claims_read(const char *text, const struct token_keys *keys, struct err *e)
{
	jwt_t	*jwt;
	json_t	*claims = NULL;

	if ((jwt = decode(text, keys->current)) == NULL)
		jwt = decode(text, keys->previous);
	if (jwt == NULL) {
		err_set(e, ERR_DENIED, "the token is none, or not signed"
		    " with api_jwt_secret");
		return NULL;
	}
	if (jwt_get_alg(jwt) != JWT_ALG_HS384)
		err_set(e, ERR_DENIED, "the token's algorithm is not HS384");
	else if ((claims = object_of(jwt)) == NULL)
		err_set(e, ERR_DENIED, "the token's claims are no object");
	jwt_free(jwt);
	return claims;
}

/* 1, 0: there is none, -1: it is no time. */
static int
claim_time(const json_t *claims, const char *name, double *when)
{
	const json_t	*j = json_object_get(claims, name);

	if (j == NULL)
		return 0;
	*when = json_number_value(j);
	return json_is_number(j) ? 1 : -1;
}

/*
 * Compared as real numbers: a NumericDate may have a fraction (RFC 7519 2).
 * now equal to exp has expired, as RFC 7519 4.1.4 has it.
 */
static int
check_times(const json_t *claims, long long now, struct token *t,
    struct err *e)
{
	double	exp = 0, nbf = 0;
	int	has_exp = claim_time(claims, "exp", &exp);
	int	has_nbf = claim_time(claims, "nbf", &nbf);

	if (has_exp == -1 || has_nbf == -1)
		return err_set(e, ERR_DENIED,
		    "exp or nbf of the token is no number");
	if (has_exp == 1 && exp <= (double)now)
		return err_set(e, ERR_DENIED, "the token has expired");
	if (has_nbf == 1 && nbf > (double)now)
		return err_set(e, ERR_DENIED, "the token is not valid yet");
	t->exp = exp >= 1 && exp < 1e15 ? (long long)exp : 0;
	return 0;
}

/* Of another type counts as absent: no scope is in it then. */
static const char *
claim_str(struct arena *a, const json_t *claims, const char *name)
{
	const char	*s = json_string_value(json_object_get(claims, name));

	return s == NULL ? "" : arena_strdup(a, s);
}

/* One text, or a list of them. */
static void
read_audience(struct arena *a, const json_t *j, struct token *t)
{
	size_t	n = json_is_array(j) ? json_array_size(j) : 1, i;

	if (j == NULL || json_is_null(j))
		return;
	t->aud = arena_zalloc(a, n, sizeof(*t->aud));
	for (i = 0; i < n; i++) {
		const char	*s = json_string_value(json_is_array(j) ?
				    json_array_get(j, i) : j);

		t->aud[t->naud++] = arena_strdup(a, s == NULL ? "" : s);
	}
}

int
token_verify(struct arena *a, const char *text, const struct token_keys *keys,
    long long now, struct token *t, struct err *e)
{
	json_t	*claims;
	int	 rc;

	memset(t, 0, sizeof(*t));
	if (strlen(text) > TOKEN_MAX_LEN)
		return err_set(e, ERR_DENIED,
		    "the token is longer than %d bytes", TOKEN_MAX_LEN);
	if ((claims = claims_read(text, keys, e)) == NULL)
		return -1;
	if ((rc = check_times(claims, now, t, e)) == 0) {
		t->scope = claim_str(a, claims, "scope");
		t->sub = claim_str(a, claims, "sub");
		read_audience(a, json_object_get(claims, "aud"), t);
	}
	json_decref(claims);
	return rc;
}

static void
random_id(char jti[JTI_LEN + 1])
{
	static const char	letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned char		bytes[JTI_LEN];
	int			i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		log_fatal(EX_OSERR, "the system has no random bytes");
	for (i = 0; i < JTI_LEN; i++)
		jti[i] = letters[bytes[i] & 63];
	jti[JTI_LEN] = '\0';
}

static json_t *
claims_make(const struct token *t, long long now)
{
	json_t	*claims = json_object(), *aud;
	char	 jti[JTI_LEN + 1];
	size_t	 i;

	random_id(jti);
	json_object_set_new(claims, "scope", json_string(t->scope));
	json_object_set_new(claims, "sub", json_string(t->sub));
	if (t->naud > 0) {
		aud = json_array();
		for (i = 0; i < t->naud; i++)
			json_array_append_new(aud, json_string(t->aud[i]));
		json_object_set_new(claims, "aud", aud);
	}
	if (t->exp != 0)
		json_object_set_new(claims, "exp", json_integer(t->exp));
	json_object_set_new(claims, "iat", json_integer(now));
	json_object_set_new(claims, "jti", json_string(jti));
	return claims;
}

char *
token_sign(struct arena *a, const struct token *t, const char *secret,
    long long now)
{
	json_t	*claims = claims_make(t, now);
	char	*grants = json_dumps(claims, JSON_COMPACT), *text, *copy;
	jwt_t	*jwt;

	if (jwt_new(&jwt) != 0 || jwt_add_grants_json(jwt, grants) != 0 ||
	    jwt_set_alg(jwt, JWT_ALG_HS384, (const unsigned char *)secret,
	    (int)strlen(secret)) != 0 || (text = jwt_encode_str(jwt)) == NULL)
		log_fatal(EX_SOFTWARE, "libjwt cannot sign a token");
	copy = arena_strdup(a, text);
	free(text);
	jwt_free(jwt);
	free(grants);
	json_decref(claims);
	return copy;
}

bool
token_has(const struct token *t, const char *scope)
{
	size_t		 len = strlen(scope), n;
	const char	*p;

	for (p = t->scope; *p != '\0'; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		if (n == len && memcmp(p, scope, n) == 0)
			return true;
	}
	return false;
}

/* Such a token is for one URL or one recording; it must not open the API. */
bool
token_has_purpose(const struct token *t)
{
	return t->naud > 0 || token_has(t, TOKEN_CALLBACK) ||
	    token_has(t, TOKEN_RECORDINGS);
}
