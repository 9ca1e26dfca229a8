/*
 * Digests and the checksum of a call.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "buf.h"
#include "digest.h"
#include "mem.h"
#include "text.h"

/* A checksum's length tells its algorithm. */
static const struct {
	size_t		 hex_len;
	const char	*name;
} algorithms[] = {
	{ 40,	"SHA1" },
	{ 64,	"SHA256" },
	{ 96,	"SHA384" },
	{ 128,	"SHA512" },
};
#define ALGORITHMS	(sizeof algorithms / sizeof algorithms[0])

struct digests {
	EVP_MD		*md[ALGORITHMS];
	EVP_MD_CTX	*ctx;
};

struct digest {
	EVP_MD_CTX	*ctx;
};

struct digests *
digests_new(void)
{
	struct digests	*d = mem_alloc(sizeof *d);
	size_t		 i;

	for (i = 0; i < ALGORITHMS; i++) {
		d->md[i] = EVP_MD_fetch(NULL, algorithms[i].name, NULL);
		if (d->md[i] == NULL)
			errx(EX_UNAVAILABLE, "no %s", algorithms[i].name);
	}
	if ((d->ctx = EVP_MD_CTX_new()) == NULL)
		errx(EX_OSERR, "out of memory");
	return d;
}

void
digests_free(struct digests *d)
{
	size_t	i;

	if (d == NULL)
		return;
	for (i = 0; i < ALGORITHMS; i++)
		EVP_MD_free(d->md[i]);
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

static void
ctx_hex(EVP_MD_CTX *ctx, char *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char	raw[EVP_MAX_MD_SIZE];
	unsigned	len, i;

	if (EVP_DigestFinal_ex(ctx, raw, &len) != 1)
		errx(EX_SOFTWARE, "EVP_DigestFinal_ex");
	for (i = 0; i < len; i++) {
		*out++ = hex[raw[i] >> 4];
		*out++ = hex[raw[i] & 15];
	}
	*out = '\0';
}

static void
ctx_start(EVP_MD_CTX *ctx, const EVP_MD *md)
{
	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1)
		errx(EX_SOFTWARE, "EVP_DigestInit_ex2");
}

/* Removes every occurrence of a text. */
static void
remove_all(struct buf *b, const char *before, const char *value,
    const char *after)
{
	struct buf	 piece = { 0 };
	char		*at = b->data;

	buf_format(&piece, "%schecksum=%s%s", before, value, after);
	while ((at = strstr(at, piece.data)) != NULL) {
		memmove(at, at + piece.len, strlen(at + piece.len) + 1);
		b->len -= piece.len;
	}
	buf_free(&piece);
}

/* The query as it was before the checksum was added to it. */
static void
signed_query(struct buf *b, const struct checksum *c)
{
	buf_text(b, c->query);
	remove_all(b, "&", c->given, "");
	remove_all(b, "", c->given, "&");
	remove_all(b, "", c->given, "");
}

enum checksum_state
checksum_check(struct digests *d, const struct checksum *c)
{
	struct buf	 query = { 0 }, scratch = { 0 };
	const char	*text;
	char		 hex[DIGEST_HEX_MAX];
	size_t		 i, len;
	int		 differs;

	if (c->given == NULL || *c->given == '\0')
		return CHECKSUM_ABSENT;
	len = strlen(c->given);
	for (i = 0; i < ALGORITHMS && algorithms[i].hex_len != len; i++)
		;
	if (i == ALGORITHMS || (c->old && len > 64))
		return CHECKSUM_WRONG;
	signed_query(&query, c);
	text = text_clean(query.data, &scratch);
	ctx_start(d->ctx, d->md[i]);
	EVP_DigestUpdate(d->ctx, c->call, strlen(c->call));
	EVP_DigestUpdate(d->ctx, text, strlen(text));
	EVP_DigestUpdate(d->ctx, c->secret, strlen(c->secret));
	ctx_hex(d->ctx, hex);
	differs = c->old ? strcmp(c->given, hex) : strcasecmp(c->given, hex);
	buf_free(&query);
	buf_free(&scratch);
	return differs == 0 ? CHECKSUM_RIGHT : CHECKSUM_WRONG;
}

void
digest_sha1(struct digests *d, const char *s, char *out)
{
	ctx_start(d->ctx, d->md[0]);
	EVP_DigestUpdate(d->ctx, s, strlen(s));
	ctx_hex(d->ctx, out);
}

struct digest *
digest_sha256_new(struct digests *d)
{
	struct digest	*g = mem_alloc(sizeof *g);

	if ((g->ctx = EVP_MD_CTX_new()) == NULL)
		errx(EX_OSERR, "out of memory");
	ctx_start(g->ctx, d->md[1]);
	return g;
}

void
digest_add(struct digest *g, const void *p, size_t len)
{
	EVP_DigestUpdate(g->ctx, p, len);
}

void
digest_hex(struct digest *g, char *out)
{
	ctx_hex(g->ctx, out);
}

void
digest_free(struct digest *g)
{
	if (g == NULL)
		return;
	EVP_MD_CTX_free(g->ctx);
	free(g);
}
