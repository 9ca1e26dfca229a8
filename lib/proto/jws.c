/*
 * Compact signed tokens (JWS), of the HMAC family only.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/jws.h"

#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "base/log.h"
#include "proto/base64url.h"

#define TOKEN_MAX	((size_t)1024 * 1024)

static const struct {
	const char	*name;
	const EVP_MD	*(*md)(void);
} algorithms[] = {
	[JWS_HS256] = { "HS256", EVP_sha256 },
	[JWS_HS384] = { "HS384", EVP_sha384 },
	[JWS_HS512] = { "HS512", EVP_sha512 },
};

static unsigned int
mac(enum jws_alg alg, struct view text, const char *secret,
    unsigned char out[EVP_MAX_MD_SIZE])
{
	unsigned int	len = 0;

	if (HMAC(algorithms[alg].md(), secret, (int)strlen(secret),
	    (const unsigned char *)text.p, text.len, out, &len) == NULL)
		log_fatal(EX_SOFTWARE, "libcrypto computes no HMAC");
	return len;
}

char *
jws_sign(struct arena *a, enum jws_alg alg, const char *header,
    const char *payload, const char *secret)
{
	struct buf	 b = { 0 };
	unsigned char	 out[EVP_MAX_MD_SIZE];
	unsigned int	 len;

	base64url_add(&b, header, strlen(header));
	buf_addc(&b, '.');
	base64url_add(&b, payload, strlen(payload));
	len = mac(alg, (struct view){ b.data, b.len }, secret, out);
	buf_addc(&b, '.');
	base64url_add(&b, out, len);
	return arena_take(a, &b);
}

/*
 * Only what the table names: `none` and the public-key family, whose public
 * key might be taken for a secret, are not in it.
 */
static int
alg_read(const char *header, size_t len, enum jws_alg *alg)
{
	json_t		*root;
	const char	*name;
	size_t		 i;
	int		 rc = -1;

	root = json_loadb(header, len, JSON_REJECT_DUPLICATES, NULL);
	name = json_string_value(json_object_get(root, "alg"));
	for (i = 0; name != NULL &&
	    i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].name, name) == 0) {
			*alg = (enum jws_alg)i;
			rc = 0;
		}
	json_decref(root);
	return rc;
}

/*
 * Nothing of it is believed before jws_signed_by(): this only takes it apart.
 */
int
jws_read(struct arena *a, const char *token, struct jws *j, struct err *e)
{
	const char	*dot1 = strchr(token, '.'), *dot2;
	char		*header;
	size_t		 len;

	dot2 = dot1 == NULL ? NULL : strchr(dot1 + 1, '.');
	if (dot2 == NULL || strlen(token) > TOKEN_MAX)
		return err_set(e, ERR_DENIED, "not a signed token");
	header = base64url_read(a, (struct view){ token,
	    (size_t)(dot1 - token) }, &len);
	if (header == NULL || alg_read(header, len, &j->alg) == -1)
		return err_set(e, ERR_DENIED,
		    "the token's algorithm is not HS256, HS384 or HS512");
	j->signed_text = (struct view){ token, (size_t)(dot2 - token) };
	j->payload = base64url_read(a, (struct view){ dot1 + 1,
	    (size_t)(dot2 - dot1 - 1) }, &j->payload_len);
	j->mac = base64url_read(a, (struct view){ dot2 + 1, strlen(dot2 + 1) },
	    &j->mac_len);
	if (j->payload == NULL || j->mac == NULL)
		return err_set(e, ERR_DENIED, "not a signed token");
	return 0;
}

/*
 * The algorithm is the token's own choice, but each of the family takes the
 * same secret, so none is a way around another.
 */
bool
jws_signed_by(const struct jws *j, const char *secret)
{
	unsigned char	out[EVP_MAX_MD_SIZE];
	unsigned int	len;

	if (secret[0] == '\0')
		return false;
	len = mac(j->alg, j->signed_text, secret, out);
	return str_equal_ct(out, len, j->mac, j->mac_len);
}
