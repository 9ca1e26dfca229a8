/*
 * The tokens by which a server signs what it calls.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "buf.h"
#include "jwt.h"
#include "mem.h"

/* Base64 for URLs, without padding. */
static void
add_base64(struct buf *b, const void *bytes, size_t len)
{
	unsigned char	*text = mem_alloc(len / 3 * 4 + 5);
	size_t		 i, n;

	n = (size_t)EVP_EncodeBlock(text, bytes, (int)len);
	for (i = 0; i < n && text[i] != '='; i++)
		buf_char(b, text[i] == '+' ? '-' : text[i] == '/' ? '_' :
		    (char)text[i]);
	free(text);
}

char *
jwt_sign(const char *alg, const char *header, const char *claims,
    const char *secret)
{
	const EVP_MD	*md = strcmp(alg, "HS512") == 0 ? EVP_sha512() :
	    EVP_sha256();
	unsigned char	 mac[EVP_MAX_MD_SIZE];
	unsigned	 len;
	struct buf	 b = { 0 };

	add_base64(&b, header, strlen(header));
	buf_char(&b, '.');
	add_base64(&b, claims, strlen(claims));
	if (HMAC(md, secret, (int)strlen(secret), (unsigned char *)b.data,
	    b.len, mac, &len) == NULL)
		errx(EX_SOFTWARE, "HMAC");
	buf_char(&b, '.');
	add_base64(&b, mac, len);
	return buf_take(&b);
}
