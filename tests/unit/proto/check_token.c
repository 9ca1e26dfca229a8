/*
 * Tokens: every way in which one is no good, and what a good one says.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>

#include "proto/jws.h"
#include "proto/token.h"
#include "unit.h"

#define SECRET	"a secret of the cluster"
#define NOW	1700000000LL
#define HS384	"{\"alg\":\"HS384\",\"typ\":\"JWT\"}"

static const struct token_keys	keys = { SECRET, "the one before" };

static int
verify(const char *text, struct token *t)
{
	err_clear(&err);
	return token_verify(arena, text, &keys, NOW, t, &err);
}

static void
refused(const char *text, const char *why)
{
	struct token	t;

	ck_assert_int_eq(verify(text, &t), -1);
	ck_assert_int_eq(err.code, ERR_DENIED);
	ck_assert_str_eq(err.text, why);
}

static char *
with(const char *claims, const char *secret)
{
	return jws_sign(arena, JWS_HS384, HS384, claims, secret);
}

START_TEST(bearer_is_found)
{
	ck_assert_str_eq(token_bearer("Bearer abc"), "abc");
	ck_assert_str_eq(token_bearer("bEARER  abc"), "abc");
	ck_assert_ptr_null(token_bearer(""));
	ck_assert_ptr_null(token_bearer("Bearer"));
	ck_assert_ptr_null(token_bearer("Bearer "));
	ck_assert_ptr_null(token_bearer("Basic abc"));
	ck_assert_ptr_null(token_bearer("Bearerabc"));
}
END_TEST

START_TEST(what_we_sign_we_take)
{
	const char	*aud[] = { "https://x/", "two" };
	struct token	 made = { TOKEN_ADMIN, "me", aud, 2, NOW + 60 }, t;

	ck_assert_int_eq(verify(token_sign(arena, &made, SECRET, NOW), &t),
	    0);
	ck_assert_str_eq(t.scope, TOKEN_ADMIN);
	ck_assert_str_eq(t.sub, "me");
	ck_assert_uint_eq(t.naud, 2);
	ck_assert_str_eq(t.aud[0], "https://x/");
	ck_assert_str_eq(t.aud[1], "two");
	ck_assert_int_eq(t.exp, NOW + 60);
	/* No two are the same: the id is random. */
	ck_assert_str_ne(token_sign(arena, &made, SECRET, NOW),
	    token_sign(arena, &made, SECRET, NOW));
}
END_TEST

START_TEST(both_secrets_are_valid)
{
	struct token	t;

	ck_assert_int_eq(verify(with("{\"sub\":\"a\"}", SECRET), &t), 0);
	ck_assert_str_eq(t.scope, "");
	ck_assert_int_eq(verify(with("{\"sub\":\"b\"}", "the one before"),
	    &t), 0);
	ck_assert_str_eq(t.sub, "b");
	refused(with("{}", "another"),
	    "the token is none, or not signed with api_jwt_secret");
}
END_TEST

START_TEST(no_secret_verifies_nothing)
{
	static const struct token_keys	none = { "", NULL };
	struct token			t;

	ck_assert_int_eq(token_verify(arena, with("{}", ""), &none, NOW, &t,
	    &err), -1);
}
END_TEST

START_TEST(an_audience_may_be_one_text)
{
	struct token	t;

	ck_assert_int_eq(verify(with("{\"aud\":\"x\"}", SECRET), &t), 0);
	ck_assert_uint_eq(t.naud, 1);
	ck_assert_str_eq(t.aud[0], "x");
	ck_assert(token_has_purpose(&t));
}
END_TEST

static const char none_text[] =
    "the token is none, or not signed with api_jwt_secret";

START_TEST(no_tokens)
{
	static const char *const	texts[] = {
		"", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.e30",
	};
	char				*good = with("{}", SECRET);
	size_t				 i;

	for (i = 0; i < COUNT(texts); i++)
		refused(texts[i], none_text);
	/* Cut anywhere. */
	for (i = strlen(good); i-- > 0;) {
		good[i] = '\0';
		refused(good, none_text);
	}
}
END_TEST

START_TEST(no_other_algorithm)
{
	const char	other[] = "the token's algorithm is not HS384";

	refused(jws_sign(arena, JWS_HS256,
	    "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{}", SECRET), other);
	refused(jws_sign(arena, JWS_HS512,
	    "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", "{}", SECRET), other);
	/* {"alg":"none"} without and with a signature */
	refused("eyJhbGciOiJub25lIn0.e30.", none_text);
	refused(jws_sign(arena, JWS_HS384, "{\"alg\":\"none\"}", "{}",
	    SECRET), none_text);
	refused(jws_sign(arena, JWS_HS384, "{\"alg\":\"RS384\"}", "{}",
	    SECRET), none_text);
	/* Signed by HS384 and said to be HS256, and the other way round. */
	refused(jws_sign(arena, JWS_HS384, "{\"alg\":\"HS256\"}", "{}",
	    SECRET), none_text);
	refused(jws_sign(arena, JWS_HS256, HS384, "{}", SECRET), none_text);
	refused(jws_sign(arena, JWS_HS384, "{}", "{}", SECRET), none_text);
}
END_TEST

static const struct {
	const char	*claims;
	const char	*why;		/* NULL: it is good */
} times[] = {
	{ "{\"exp\":1700000001}", NULL },
	{ "{\"exp\":1700000000.5}", NULL },
	{ "{\"exp\":1700000000}", "the token has expired" },
	{ "{\"exp\":0}", "the token has expired" },
	{ "{\"exp\":-1e300}", "the token has expired" },
	{ "{\"exp\":1e300}", NULL },
	{ "{\"exp\":\"1900000000\"}",
	    "exp or nbf of the token is no number" },
	{ "{\"exp\":null}", "exp or nbf of the token is no number" },
	{ "{\"nbf\":1700000000}", NULL },
	{ "{\"nbf\":1700000001}", "the token is not valid yet" },
	{ "{\"nbf\":true}", "exp or nbf of the token is no number" },
	/* When it was made does not count. */
	{ "{\"iat\":1900000000}", NULL },
};

START_TEST(times_count)
{
	struct token	t;
	size_t		i;

	for (i = 0; i < COUNT(times); i++)
		if (times[i].why != NULL)
			refused(with(times[i].claims, SECRET), times[i].why);
		else
			ck_assert_msg(verify(with(times[i].claims, SECRET),
			    &t) == 0, "%s: %s", times[i].claims, err.text);
}
END_TEST

START_TEST(claims_are_an_object)
{
	refused(with("[]", SECRET), "the token's claims are no object");
	refused(with("7", SECRET), none_text);
	refused(with("{", SECRET), none_text);
}
END_TEST

START_TEST(a_large_one_is_refused)
{
	char	*claims = arena_alloc(arena, TOKEN_MAX_LEN + 1);

	memset(claims, ' ', TOKEN_MAX_LEN);
	claims[0] = '{';
	claims[TOKEN_MAX_LEN - 1] = '}';
	claims[TOKEN_MAX_LEN] = '\0';
	refused(with(claims, SECRET), "the token is longer than 8192 bytes");
}
END_TEST

START_TEST(scopes_are_words)
{
	struct token	t = { .scope = "b3scale:admin  b3scale" };

	ck_assert(token_has(&t, TOKEN_USER));
	ck_assert(token_has(&t, TOKEN_ADMIN));
	ck_assert(!token_has(&t, TOKEN_NODE));
	ck_assert(!token_has(&t, "b3scale:adm"));
	ck_assert(!token_has_purpose(&t));
	t.scope = "b3scale:adminx";
	ck_assert(!token_has(&t, TOKEN_ADMIN));
	t.scope = "";
	ck_assert(!token_has(&t, TOKEN_USER));
	t.scope = "b3scale:admin b3scale:callback";
	ck_assert(token_has_purpose(&t));
	t.scope = TOKEN_RECORDINGS;
	ck_assert(token_has_purpose(&t));
}
END_TEST

int
main(void)
{
	const TTest *const	tests[] = {
		bearer_is_found, what_we_sign_we_take, both_secrets_are_valid,
		no_secret_verifies_nothing, an_audience_may_be_one_text,
		no_tokens, no_other_algorithm, times_count,
		claims_are_an_object, a_large_one_is_refused,
		scopes_are_words,
	};

	return unit_run("token", tests, COUNT(tests));
}
