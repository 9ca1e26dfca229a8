/*
 * The address that a BBB server calls instead of a frontend's own.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/callback.h"

#include <sys/random.h>

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/jws.h"
#include "proto/url.h"
#include "proto/xmlout.h"

#define HEADER	"{\"alg\":\"HS384\",\"typ\":\"JWT\"}"
#define SCOPE	"b3scale:callback"
#define NONCE	9
/* What a token is made of. */
#define TOKEN_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_."

bool
callback_wanted(const struct config *conf)
{
	return conf->api_url[0] != '\0' && conf->api_jwt_secret[0] != '\0';
}

/* The base of all addresses; a slash that an admin typed behind it goes. */
static char *
prefix(struct arena *a, const struct config *conf)
{
	size_t	len = strlen(conf->api_url);

	while (len > 0 && conf->api_url[len - 1] == '/')
		len--;
	return arena_printf(a, "%.*s" CALLBACK_PATH, (int)len, conf->api_url);
}

char *
callback_address(struct arena *a, const struct config *conf,
    const struct callback_token *t)
{
	unsigned char	 nonce[NONCE];
	char		 id[2 * NONCE + 1];
	json_t		*claims;
	char		*text, *token;

	/*
	 * Two meetings with one URL get two addresses, so one says nothing of
	 * the other.
	 */
	if (getrandom(nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
		log_fatal(EX_OSERR, "getrandom");
	str_hex(id, nonce, sizeof(nonce));
	claims = json_pack("{s:s, s:s, s:[s], s:I, s:s}", "scope", SCOPE,
	    "sub", t->frontend_id, "aud", t->url,
	    "iat", (json_int_t)(clock_wall_ms() / 1000), "jti", id);
	if (t->end.row > 0)
		json_object_set_new(claims, "end", json_pack("[I, i, i]",
		    (json_int_t)t->end.row, t->end.attempt, t->end.nr));
	/* NULL if the URL is no UTF-8, which the caller has seen to */
	text = json_dumps(claims, JSON_COMPACT);
	if (text == NULL)
		log_fatal(EX_SOFTWARE, "claims are no JSON");
	token = jws_sign(a, JWS_HS384, HEADER, text, conf->api_jwt_secret);
	free(text);
	json_decref(claims);
	return arena_printf(a, "%s%s", prefix(a, conf), token);
}

/* A list of words, as OAuth has it. */
static bool
has_scope(const char *scopes)
{
	const char	*at = scopes;
	size_t		 n;

	for (; at != NULL && *at != '\0'; at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		if (n == strlen(SCOPE) && strncmp(at, SCOPE, n) == 0)
			return true;
	}
	return false;
}

/* Tokens of the Go program have none. */
static void
end_read(json_t *claim, struct callback_end *end)
{
	json_int_t	row;

	memset(end, 0, sizeof(*end));
	if (json_unpack(claim, "[I, i, i]", &row, &end->attempt,
	    &end->nr) == 0)
		end->row = row;
}

/*
 * aud may be a text or a list (RFC 7519 4.1.3); the Go program's has one
 * entry.
 */
static int
claims_read(struct arena *a, json_t *claims, struct callback_token *t,
    struct err *e)
{
	json_t		*aud = json_object_get(claims, "aud");
	const char	*url, *sub;

	if (!has_scope(json_string_value(json_object_get(claims, "scope"))))
		return err_set(e, ERR_DENIED,
		    "b3scale:callback scope required");
	url = json_string_value(json_is_array(aud) ? json_array_get(aud, 0) :
	    aud);
	sub = json_string_value(json_object_get(claims, "sub"));
	if (sub == NULL || url == NULL || !url_is_http(url))
		return err_set(e, ERR_DENIED,
		    "the token names no frontend or no URL");
	t->frontend_id = arena_strdup(a, sub);
	t->url = arena_strdup(a, url);
	end_read(json_object_get(claims, "end"), &t->end);
	return 0;
}

int
callback_token_read(struct arena *a, const struct config *conf,
    const char *token, struct callback_token *t, struct err *e)
{
	struct jws	 j;
	json_t		*claims;
	int		 rc;

	if (jws_read(a, token, &j, e) == -1)
		return -1;
	if (!jws_signed_by(&j, conf->api_jwt_secret) &&
	    !jws_signed_by(&j, conf->api_jwt_secret_previous))
		return err_set(e, ERR_DENIED, "the token is not ours");
	claims = json_loadb(j.payload, j.payload_len, 0, NULL);
	rc = claims_read(a, claims, t, e);
	json_decref(claims);
	return rc;
}

char *
callback_json(struct arena *a, const char *text)
{
	json_t	*j = json_string(text);
	char	*quoted = json_dumps(j, JSON_ENCODE_ANY), *inside;

	json_decref(j);
	if (quoted == NULL)	/* no UTF-8 */
		return arena_strdup(a, text);
	inside = arena_memdup(a, quoted + 1, strlen(quoted) - 2);
	free(quoted);
	return inside;
}

static void
add_in_form(struct buf *out, struct arena *a, const char *url,
    enum callback_form form)
{
	switch (form) {
	case CALLBACK_XML:
		xml_escape(out, url, strlen(url));
		break;
	case CALLBACK_JSON:
		buf_adds(out, callback_json(a, url));
		break;
	}
}

/*
 * An address is found by its prefix and ends with the last byte that a token
 * may have; it is ours only if the signature says so.
 */
const char *
callback_put_back(struct arena *a, const struct config *conf,
    const char *text, enum callback_form form)
{
	struct callback_token	 t;
	struct err		 ignored = ERR_INIT;
	struct buf		 out = { 0 };
	const char		*base, *at;
	size_t			 n;

	if (!callback_wanted(conf))
		return text;
	base = prefix(a, conf);
	while ((at = strstr(text, base)) != NULL) {
		n = strspn(at + strlen(base), TOKEN_CHARS);
		buf_add(&out, text, (size_t)(at - text));
		text = at + strlen(base) + n;
		if (callback_token_read(a, conf, arena_memdup(a,
		    at + strlen(base), n), &t, &ignored) == 0)
			add_in_form(&out, a, t.url, form);
		else	/* of another balancer, or of an older secret */
			buf_add(&out, at, strlen(base) + n);
	}
	if (out.len == 0)
		return text;
	buf_adds(&out, text);
	return arena_take(a, &out);
}
