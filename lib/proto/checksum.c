/*
 * Checksums: one digest context for the life of the process.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/checksum.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <openssl/evp.h>

#include "base/log.h"
#include "proto/url.h"

#define NAME	 "checksum="
#define NAME_LEN (sizeof(NAME) - 1)

static const struct {
	const char	*name;
	size_t		 digits;
} hashes[CHECKSUM__MAX] = {
	[CHECKSUM_SHA1] = { "SHA1", 40 },
	[CHECKSUM_SHA256] = { "SHA256", 64 },
	[CHECKSUM_SHA384] = { "SHA384", 96 },
	[CHECKSUM_SHA512] = { "SHA512", 128 },
};

int
checksum_hash_by_len(size_t digits)
{
	int	h;

	for (h = 0; h < CHECKSUM__MAX; h++)
		if (hashes[h].digits == digits)
			return h;
	return -1;
}

/* Fetched once: a fetch by name costs more than the digest itself. */
static const EVP_MD *
hash_md(enum checksum_hash h)
{
	static EVP_MD	*md[CHECKSUM__MAX];

	if (md[h] == NULL)
		md[h] = EVP_MD_fetch(NULL, hashes[h].name, NULL);
	return md[h];
}

/*
 * Not an HMAC: BBB's checksum is a plain digest of name, query and secret
 * (bbb-api 3.1).
 */
size_t
checksum_make(enum checksum_hash h, const char *call, struct view query,
    const char *secret, char hex[CHECKSUM_HEX_MAX])
{
	static EVP_MD_CTX	*ctx;
	unsigned char		 digest[EVP_MAX_MD_SIZE];
	unsigned int		 len;

	if (ctx == NULL && (ctx = EVP_MD_CTX_new()) == NULL)
		log_fatal(EX_OSERR, "out of memory");
	/* FIPS builds of OpenSSL may lack SHA-1. */
	if (hash_md(h) == NULL || !EVP_DigestInit_ex2(ctx, hash_md(h), NULL) ||
	    !EVP_DigestUpdate(ctx, call, strlen(call)) ||
	    !EVP_DigestUpdate(ctx, query.p, query.len) ||
	    !EVP_DigestUpdate(ctx, secret, strlen(secret)) ||
	    !EVP_DigestFinal_ex(ctx, digest, &len)) {
		hex[0] = '\0';
		return 0;
	}
	str_hex(hex, digest, len);
	return hashes[h].digits;
}

/* U+0000 to U+001F and U+007F to U+009F, as bytes of UTF-8. */
static size_t
control_len(const char *p, const char *end)
{
	if ((unsigned char)*p < ' ' || *p == 0x7f)
		return 1;
	if (*p == '\xc2' && p + 1 < end && (unsigned char)p[1] < 0xa0)
		return 2;
	return 0;
}

/* Cuts each occurrence of before + "checksum=" + value + after. */
static size_t
cut_each(char *s, size_t len, const char *before, const char *value,
    const char *after)
{
	size_t		 vlen = strlen(value), blen = strlen(before);
	size_t		 cut = blen + NAME_LEN + vlen + strlen(after);
	const char	*r = s, *end = s + len;
	char		*w = s;

	while (r < end) {
		if ((size_t)(end - r) >= cut &&
		    memcmp(r, before, blen) == 0 &&
		    memcmp(r + blen, NAME, NAME_LEN) == 0 &&
		    memcmp(r + blen + NAME_LEN, value, vlen) == 0 &&
		    memcmp(r + blen + NAME_LEN + vlen, after,
		    strlen(after)) == 0)
			r += cut;
		else
			*w++ = *r++;
	}
	return (size_t)(w - s);
}

/*
 * As BBB does it: control characters go, then the parameter wherever it
 * stands, with the '&' before it if there is one.
 */
static struct view
strip_slowly(struct arena *a, struct view raw, const char *value)
{
	const char	*p = raw.p, *end = raw.p + raw.len;
	char		*s = arena_alloc(a, raw.len + 1);
	struct view	 v = { s, 0 };
	size_t		 skip;

	while (p < end)
		if ((skip = control_len(p, end)) > 0)
			p += skip;
		else
			s[v.len++] = *p++;
	v.len = cut_each(s, v.len, "&", value, "");
	v.len = cut_each(s, v.len, "", value, "&");
	v.len = cut_each(s, v.len, "", value, "");
	return str_trim(v);
}

/*
 * The usual case, "...&checksum=VALUE" as the only one and nothing to clean,
 * is answered with a view of raw.
 */
struct view
checksum_strip(struct arena *a, struct view raw, const char *value)
{
	size_t		 tail = NAME_LEN + strlen(value);
	struct view	 head = raw;
	const char	*p, *end;

	if (raw.len < tail ||
	    memcmp(raw.p + raw.len - tail, NAME, NAME_LEN) != 0 ||
	    memcmp(raw.p + raw.len - strlen(value), value,
	    strlen(value)) != 0)
		return strip_slowly(a, raw, value);
	head.len -= tail;
	if (head.len > 0 && head.p[--head.len] != '&')
		return strip_slowly(a, raw, value);
	for (p = head.p, end = p + head.len; p < end; p++)
		if (*p == ' ' || control_len(p, end) > 0)
			return strip_slowly(a, raw, value);
	if (memmem(head.p, head.len, NAME, NAME_LEN) != NULL)
		return strip_slowly(a, raw, value);
	return head;
}

/* Hex digits of either case; the length tells the hash. */
bool
checksum_ok(const char *call, struct view query, const char *secret,
    const char *given)
{
	char	 hex[CHECKSUM_HEX_MAX], lower[CHECKSUM_HEX_MAX];
	size_t	 i, len = strlen(given);
	int	 h;

	if (secret[0] == '\0' || (h = checksum_hash_by_len(len)) == -1)
		return false;
	if (checksum_make((enum checksum_hash)h, call, query, secret,
	    hex) != len)
		return false;
	for (i = 0; i < len; i++)
		lower[i] = given[i] >= 'A' && given[i] <= 'F' ?
		    (char)(given[i] - 'A' + 'a') : given[i];
	return str_equal_ct(hex, len, lower, len);
}

static int
by_name(const void *va, const void *vb)
{
	const struct param	*a = *(const struct param *const *)va;
	const struct param	*b = *(const struct param *const *)vb;
	size_t			 len;
	int			 cmp;

	len = a->name_len < b->name_len ? a->name_len : b->name_len;
	if ((cmp = memcmp(a->name, b->name, len)) != 0)
		return cmp;
	if (a->name_len != b->name_len)
		return a->name_len < b->name_len ? -1 : 1;
	/* Values of one name keep the order in which they were sent. */
	return a < b ? -1 : a > b;
}

/* As Java's form encoding: '*' stays, '~' does not. */
static void
form_encode(struct buf *out, const char *p, size_t len)
{
	size_t	i, run = 0;

	for (i = 0; i < len; i++) {
		if (p[i] != '*' && p[i] != '~')
			continue;
		url_encode(out, p + run, i - run);
		buf_adds(out, p[i] == '*' ? "*" : "%7E");
		run = i + 1;
	}
	url_encode(out, p + run, len - run);
}

/* Of bbb-api 3.2, the old rule: names unencoded, values form-encoded. */
struct view
checksum_rebuilt(struct arena *a, const struct query *form)
{
	const struct param	**sorted;
	struct buf		  out = { NULL, 0, 0 };
	struct view		  v;
	size_t			  i, n = 0;

	sorted = arena_zalloc(a, form->n + 1, sizeof(*sorted));
	for (i = 0; i < form->n; i++)
		if (strcmp(form->v[i].name, "checksum") != 0)
			sorted[n++] = &form->v[i];
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&out, '&');
		buf_add(&out, sorted[i]->name, sorted[i]->name_len);
		buf_addc(&out, '=');
		form_encode(&out, sorted[i]->value, sorted[i]->value_len);
	}
	v.len = out.len;
	v.p = arena_memdup(a, buf_str(&out), out.len);
	buf_free(&out);
	return v;
}

/*
 * What is signed is what was written, byte for byte: no second writing can
 * differ from it.
 */
void
checksum_sign(struct buf *out, const char *call, const struct query *q,
    const char *secret, enum checksum_hash h)
{
	char		 hex[CHECKSUM_HEX_MAX];
	struct view	 signed_part;
	size_t		 start;

	assert(query_find(q, "checksum") == NULL && secret[0] != '\0');
	buf_adds(out, call);
	buf_addc(out, '?');
	start = out->len;
	query_write(q, out);
	signed_part.p = out->data + start;
	signed_part.len = out->len - start;
	if (checksum_make(h, call, signed_part, secret, hex) == 0)
		log_fatal(EX_SOFTWARE, "OpenSSL offers no %s", hashes[h].name);
	buf_printf(out, "%s" NAME "%s", signed_part.len > 0 ? "&" : "", hex);
}
