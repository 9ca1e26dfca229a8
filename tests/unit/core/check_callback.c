/*
 * Tests of core/callback: addresses of ours, and the URLs behind them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/callback.h"
#include "proto/jws.h"

#define FRONTEND	"7f3a0000-0000-4000-8000-000000000001"
#define HEADER		"{\"alg\":\"HS384\"}"

static struct arena	*a;
static struct err	 e = ERR_INIT;
static struct config	 conf;
static char		 api_url[] = "https://lb.example.org/";
static char		 secret[] = "a secret of ours";
static char		 none[] = "";

static void
setup(void)
{
	a = arena_new();
	err_clear(&e);
	memset(&conf, 0, sizeof(conf));
	conf.api_url = api_url;
	conf.api_jwt_secret = secret;
	conf.api_jwt_secret_previous = none;
}

static void
teardown(void)
{
	arena_free(a);
}

static void
refused(const char *token, const char *text)
{
	struct callback_token	t;

	err_clear(&e);
	ck_assert_int_eq(callback_token_read(a, &conf, token, &t, &e), -1);
	ck_assert_int_eq(e.code, ERR_DENIED);
	ck_assert_str_eq(e.text, text);
}

static char *
signed_claims(const char *claims)
{
	return jws_sign(a, JWS_HS384, HEADER, claims, secret);
}

static const char *
token_in(const char *address)
{
	const char	*base = "https://lb.example.org" CALLBACK_PATH;

	ck_assert_int_eq(strncmp(address, base, strlen(base)), 0);
	return address + strlen(base);
}

static char *
address_of(const char *url)
{
	const struct callback_token	t = { .frontend_id = FRONTEND,
					    .url = url };

	return callback_address(a, &conf, &t);
}

START_TEST(both_keys_are_needed)
{
	ck_assert(callback_wanted(&conf));
	conf.api_url = none;
	ck_assert(!callback_wanted(&conf));
	conf.api_url = api_url;
	conf.api_jwt_secret = none;
	ck_assert(!callback_wanted(&conf));
}
END_TEST

START_TEST(a_token_of_another_kind_is_refused)
{
	static const char *const	nameless[] = {
		"{\"scope\":\"b3scale:callback\"}",
		"{\"scope\":\"b3scale:callback\",\"sub\":\"x\"}",
		"{\"scope\":\"b3scale:callback\",\"sub\":\"x\",\"aud\":[]}",
		"{\"scope\":\"b3scale:callback\",\"sub\":\"x\",\"aud\":[1]}",
		"{\"scope\":\"b3scale:callback\",\"sub\":1,"
		"\"aud\":\"http://a/\"}",
		"{\"scope\":\"b3scale:callback\",\"sub\":\"x\","
		"\"aud\":\"ftp://a/\"}",
	};
	static const char *const	scopes[] = {
		"no JSON", "[]", "{}", "{\"scope\":1}",
		"{\"scope\":\"b3scale:admin b3scale\"}",
		"{\"scope\":\"xb3scale:callback b3scale:callbacks\"}",
	};
	size_t				i;

	for (i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		refused(signed_claims(scopes[i]),
		    "b3scale:callback scope required");
	for (i = 0; i < sizeof(nameless) / sizeof(nameless[0]); i++)
		refused(signed_claims(nameless[i]),
		    "the token names no frontend or no URL");
}
END_TEST

START_TEST(another_secret_is_refused)
{
	const char	*token = token_in(address_of(
			    "https://fe.example/"));
	char		 other[] = "another secret";
	struct callback_token	t;

	conf.api_jwt_secret = other;
	refused(token, "the token is not ours");
	/* until the old one is forgotten */
	conf.api_jwt_secret_previous = secret;
	ck_assert_int_eq(callback_token_read(a, &conf, token, &t, &e), 0);
}
END_TEST

START_TEST(what_is_signed_is_read)
{
	struct callback_token	t;
	const char		*url = "https://fe.example/e?a=%20\303\244&b#c";
	const char		*address, *again;

	address = address_of(url);
	ck_assert_int_eq(callback_token_read(a, &conf, token_in(address), &t,
	    &e), 0);
	ck_assert_str_eq(t.frontend_id, FRONTEND);
	ck_assert_str_eq(t.url, url);
	ck_assert_int_eq(t.end.row, 0);
	again = address_of(url);
	ck_assert_str_ne(address, again);
}
END_TEST

START_TEST(an_end_is_known_again)
{
	const struct callback_token	end = { FRONTEND, "https://fe/",
					    { 1LL << 40, 3, 2 } };
	struct callback_token		t;

	ck_assert_int_eq(callback_token_read(a, &conf,
	    token_in(callback_address(a, &conf, &end)), &t, &e), 0);
	ck_assert_str_eq(t.url, "https://fe/");
	ck_assert_int_eq(t.end.row, 1LL << 40);
	ck_assert_int_eq(t.end.attempt, 3);
	ck_assert_int_eq(t.end.nr, 2);
	ck_assert_int_eq(callback_token_read(a, &conf, signed_claims(
	    "{\"scope\":\"b3scale:callback\",\"sub\":\"f\","
	    "\"aud\":\"http://fe/\",\"end\":[7,\"x\",1]}"), &t, &e), 0);
	ck_assert_int_eq(t.end.row, 0);
}
END_TEST

START_TEST(the_go_programs_tokens_are_read)
{
	struct callback_token	t;

	ck_assert_int_eq(callback_token_read(a, &conf, signed_claims(
	    "{\"scope\":\"x b3scale:callback\",\"sub\":\"f\","
	    "\"aud\":\"http://fe.example/\",\"iat\":1,\"jti\":\"j\"}"), &t,
	    &e), 0);
	ck_assert_str_eq(t.url, "http://fe.example/");
}
END_TEST

START_TEST(urls_are_put_back)
{
	const char	*one, *two, *text;

	one = address_of("https://fe/?a=1&b='2'");
	two = address_of("https://fe/two");
	text = arena_printf(a, "<a>%s</a><b>x</b><c>%s</c>", one, two);
	ck_assert_str_eq(callback_put_back(a, &conf, text, CALLBACK_XML),
	    "<a>https://fe/?a=1&amp;b=&apos;2&apos;</a><b>x</b>"
	    "<c>https://fe/two</c>");
	text = arena_printf(a, "{\"u\": \"%s\"}", one);
	ck_assert_str_eq(callback_put_back(a, &conf, text, CALLBACK_JSON),
	    "{\"u\": \"https://fe/?a=1&b='2'\"}");
}
END_TEST

START_TEST(what_is_not_ours_stays)
{
	static const char *const	texts[] = {
		"", "<a>https://fe.example/</a>",
		"<a>https://lb.example.org" CALLBACK_PATH "</a>",
		"<a>https://lb.example.org" CALLBACK_PATH "a.b.c</a>",
		"https://lb.example.org" CALLBACK_PATH "eyJhbGciOiJIUzM4NCJ9",
	};
	const char			*address;
	size_t				 i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_str_eq(callback_put_back(a, &conf, texts[i],
		    CALLBACK_XML), texts[i]);
	address = address_of("https://fe/");
	conf.api_jwt_secret = none;
	ck_assert_str_eq(callback_put_back(a, &conf, address, CALLBACK_XML),
	    address);
}
END_TEST

START_TEST(text_is_quoted_for_json)
{
	ck_assert_str_eq(callback_json(a, ""), "");
	ck_assert_str_eq(callback_json(a, "a\"b\\\n\303\244"),
	    "a\\\"b\\\\\\n\303\244");
	ck_assert_str_eq(callback_json(a, "\xff"), "\xff");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("callback");
	TCase	*t = tcase_create("callback");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, both_keys_are_needed);
	tcase_add_test(t, a_token_of_another_kind_is_refused);
	tcase_add_test(t, another_secret_is_refused);
	tcase_add_test(t, what_is_signed_is_read);
	tcase_add_test(t, an_end_is_known_again);
	tcase_add_test(t, the_go_programs_tokens_are_read);
	tcase_add_test(t, urls_are_put_back);
	tcase_add_test(t, what_is_not_ours_stays);
	tcase_add_test(t, text_is_quoted_for_json);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
