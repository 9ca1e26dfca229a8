/*
 * A request read from the variables of a web server, and what is refused.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fcgi/env.h"

#define QUERY_MAX	100

static struct arena	*arena;
static struct http_req	 req;
static struct err	 err;

static void
setup(void)
{
	arena = arena_new();
	memset(&req, 0, sizeof(req));
	req.arena = arena;
	err = (struct err)ERR_INIT;
}

static void
teardown(void)
{
	arena_free(arena);
}

/* Reads one variable, or two. */
static int
read_vars(const char *first, const char *second)
{
	char	*envp[] = { arena_strdup(arena, first),
		    arena_strdup(arena, second), NULL };

	return env_read(envp, QUERY_MAX, &req, &err);
}

static int
read_uri(const char *uri)
{
	return read_vars(arena_printf(arena, "REQUEST_URI=%s", uri), NULL);
}

/* 'x' repeated n times behind a prefix. */
static char *
long_text(const char *prefix, size_t n)
{
	size_t	 len = strlen(prefix);
	char	*s = arena_alloc(arena, len + n + 1);

	memcpy(s, prefix, len);
	memset(s + len, 'x', n);
	s[len + n] = '\0';
	return s;
}

static const struct {
	const char	*first;
	const char	*second;
	const char	*text;
} bad[] = {
	{ "REQUEST_METHOD=GET", NULL,
	    "the web server sends no REQUEST_URI" },
	{ "REQUEST_URI=", NULL, "the web server sends no REQUEST_URI" },
	/* What a web server made of the path is not what was signed. */
	{ "SCRIPT_NAME=/bbb/a/join", "QUERY_STRING=a=b",
	    "the web server sends no REQUEST_URI" },
	{ "REQUEST_URI=/", "CONTENT_LENGTH=-1",
	    "Content-Length is not a number" },
	{ "REQUEST_URI=/", "CONTENT_LENGTH=1e3",
	    "Content-Length is not a number" },
	{ "REQUEST_URI=/", "CONTENT_LENGTH=99999999999999999999",
	    "Content-Length is not a number" },
};

START_TEST(what_is_no_request_gets_400)
{
	ck_assert_int_eq(read_vars(bad[_i].first, bad[_i].second), 400);
	ck_assert_int_eq(err.code, ERR_INPUT);
	ck_assert_str_eq(err.text, bad[_i].text);
	/* It can be logged nevertheless. */
	ck_assert_ptr_nonnull(req.path);
	ck_assert_str_eq(req.raw_query, "");
	ck_assert_str_eq(req.remote_addr, "");
}
END_TEST

static const char *const	bad_paths[] = {
	"bbb", "/a/../b", "/a/%2e%2e/b", "/./a", "/a%00b", "/a%0ab", "/%ff",
};

START_TEST(a_path_that_is_none_gets_400)
{
	ck_assert_int_eq(read_uri(bad_paths[_i]), 400);
	ck_assert_int_eq(err.code, ERR_INPUT);
	ck_assert_str_ne(err.text, "");
	/* It tells whose it was. */
	ck_assert_str_eq(req.raw_path, bad_paths[_i]);
}
END_TEST

START_TEST(a_long_path_gets_414)
{
	ck_assert_int_eq(read_uri(long_text("/", ENV_PATH_MAX)), 414);
	ck_assert_uint_eq(strlen(req.raw_path), ENV_PATH_MAX);
	ck_assert_int_eq(err.code, ERR_TOOBIG);
	ck_assert_str_eq(err.text, "the path is longer than 57344 bytes");
}
END_TEST

START_TEST(a_path_of_just_the_limit_is_taken)
{
	ck_assert_int_eq(read_uri(long_text("/", ENV_PATH_MAX - 1)), 0);
	ck_assert_uint_eq(strlen(req.path), ENV_PATH_MAX);
}
END_TEST

START_TEST(a_long_query_gets_414)
{
	ck_assert_int_eq(read_uri(long_text("/a?", QUERY_MAX + 1)), 414);
	ck_assert_int_eq(err.code, ERR_TOOBIG);
	ck_assert_str_eq(err.text, "the query is longer than 100 bytes");
	ck_assert_uint_eq(req.raw_query_len, 0);
}
END_TEST

START_TEST(a_query_of_just_the_limit_is_taken)
{
	ck_assert_int_eq(read_uri(long_text("/a?", QUERY_MAX)), 0);
	ck_assert_uint_eq(req.raw_query_len, QUERY_MAX);
}
END_TEST

static const struct {
	const char	*uri;
	const char	*path;
	const char	*query;
} uris[] = {
	{ "/", "/", "" },
	{ "/a?", "/a", "" },
	{ "/a?b?c", "/a", "b?c" },
	{ "/bbb/k/api/join?fullName=J%20D+x&a=%zz&checksum=1",
	    "/bbb/k/api/join", "fullName=J%20D+x&a=%zz&checksum=1" },
	{ "//bigbluebutton//api///create", "/bigbluebutton/api/create", "" },
	{ "/a%20b", "/a b", "" },
	{ "http://bbb.example.org/bbb/k/join?a=b", "/bbb/k/join", "a=b" },
	{ "HTTPS://bbb.example.org:443/x", "/x", "" },
};

/* The path is decoded, the query stays as it was sent: it is signed. */
START_TEST(the_uri_is_split)
{
	ck_assert_int_eq(read_uri(uris[_i].uri), 0);
	ck_assert_str_eq(req.path, uris[_i].path);
	ck_assert_str_eq(req.raw_query, uris[_i].query);
	ck_assert_uint_eq(req.raw_query_len, strlen(uris[_i].query));
}
END_TEST

static const struct {
	const char	*var;
	const char	*host;
} hosts[] = {
	{ "HTTP_HOST=BBB.Example.org", "bbb.example.org" },
	{ "HTTP_HOST=bbb.example.org:8443", "bbb.example.org" },
	{ "HTTP_HOST=[2001:DB8::1]:8443", "[2001:db8::1]" },
	{ "HTTP_HOST=[2001:db8::1]", "[2001:db8::1]" },
	{ "HTTP_HOST=[broken", "[broken" },
	{ "HTTP_HOST=", "" },
	{ "SERVER_NAME=Fallback.example.org", "fallback.example.org" },
	{ "REMOTE_ADDR=192.0.2.1", "" },
};

START_TEST(the_host_is_lower_case_without_port)
{
	ck_assert_int_eq(read_vars("REQUEST_URI=/", hosts[_i].var), 0);
	ck_assert_str_eq(req.host, hosts[_i].host);
}
END_TEST

START_TEST(the_host_goes_before_the_servers_name)
{
	ck_assert_int_eq(read_vars("SERVER_NAME=one", "HTTP_HOST=two"), 400);
	ck_assert_str_eq(req.host, "two");
}
END_TEST

static const struct {
	const char	*var;
	const char	*scheme;
} schemes[] = {
	{ "HTTPS=on", "https" }, { "HTTPS=1", "https" },
	{ "HTTPS=off", "http" }, { "HTTPS=", "http" },
	{ "REQUEST_SCHEME=https", "https" },
	{ "REQUEST_SCHEME=http", "http" },
	{ "HTTP_HTTPS=on", "http" },
};

START_TEST(the_scheme_is_known)
{
	ck_assert_int_eq(read_vars("REQUEST_URI=/", schemes[_i].var), 0);
	ck_assert_str_eq(req.scheme, schemes[_i].scheme);
}
END_TEST

static const struct {
	const char		*var;
	enum http_method	 method;
} methods[] = {
	{ "REQUEST_METHOD=GET", HTTP_GET },
	{ "REQUEST_METHOD=HEAD", HTTP_HEAD },
	{ "REQUEST_METHOD=POST", HTTP_POST },
	{ "REQUEST_METHOD=PUT", HTTP_PUT },
	{ "REQUEST_METHOD=PATCH", HTTP_PATCH },
	{ "REQUEST_METHOD=DELETE", HTTP_DELETE },
	{ "REQUEST_METHOD=OPTIONS", HTTP_OPTIONS },
	{ "REQUEST_METHOD=get", HTTP_OTHER },
	{ "REQUEST_METHOD=PROPFIND", HTTP_OTHER },
	{ "REQUEST_METHOD=", HTTP_OTHER },
};

START_TEST(the_method_is_known)
{
	ck_assert_int_eq(read_vars("REQUEST_URI=/", methods[_i].var), 0);
	ck_assert_int_eq(req.method, methods[_i].method);
	ck_assert_str_eq(req.method_name,
	    strchr(methods[_i].var, '=') + 1);
}
END_TEST

START_TEST(absent_variables_are_empty)
{
	ck_assert_int_eq(read_uri("/"), 0);
	ck_assert_str_eq(req.method_name, "");
	ck_assert_str_eq(req.host, "");
	ck_assert_str_eq(req.accept, "");
	ck_assert_str_eq(req.accept_language, "");
	ck_assert_str_eq(req.content_type, "");
	ck_assert_str_eq(req.user_agent, "");
	ck_assert_str_eq(req.authorization, "");
	ck_assert_str_eq(req.remote_addr, "");
	ck_assert_int_eq(req.content_length, -1);
}
END_TEST

/* Copies: libfcgi frees its own while the request is still logged. */
START_TEST(all_variables_are_copied)
{
	char	*envp[] = {
		strdup("REQUEST_URI=/a?b"), strdup("REQUEST_METHOD=POST"),
		strdup("HTTP_ACCEPT=text/html"),
		strdup("HTTP_ACCEPT_LANGUAGE=de"),
		strdup("CONTENT_TYPE=text/xml"), strdup("CONTENT_LENGTH=12"),
		strdup("HTTP_USER_AGENT=curl"),
		strdup("HTTP_AUTHORIZATION=Bearer x"),
		strdup("REMOTE_ADDR=192.0.2.7"), NULL
	};
	size_t	 i;

	ck_assert_int_eq(env_read(envp, QUERY_MAX, &req, &err), 0);
	for (i = 0; envp[i] != NULL; i++) {
		memset(envp[i], '#', strlen(envp[i]));
		free(envp[i]);
	}
	ck_assert_str_eq(req.path, "/a");
	ck_assert_str_eq(req.raw_query, "b");
	ck_assert_str_eq(req.method_name, "POST");
	ck_assert_str_eq(req.accept, "text/html");
	ck_assert_str_eq(req.accept_language, "de");
	ck_assert_str_eq(req.content_type, "text/xml");
	ck_assert_int_eq(req.content_length, 12);
	ck_assert_str_eq(req.user_agent, "curl");
	ck_assert_str_eq(req.authorization, "Bearer x");
	ck_assert_str_eq(req.remote_addr, "192.0.2.7");
}
END_TEST

START_TEST(the_first_of_a_name_counts)
{
	ck_assert_int_eq(read_vars("REQUEST_URI=/one", "REQUEST_URI=/two"),
	    0);
	ck_assert_str_eq(req.path, "/one");
}
END_TEST

#define LOOP(t, test, rows)						\
	tcase_add_loop_test(t, test, 0, sizeof(rows) / sizeof(rows[0]))

int
main(void)
{
	Suite	*s = suite_create("env");
	TCase	*t = tcase_create("env");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	LOOP(t, what_is_no_request_gets_400, bad);
	LOOP(t, a_path_that_is_none_gets_400, bad_paths);
	tcase_add_test(t, a_long_path_gets_414);
	tcase_add_test(t, a_path_of_just_the_limit_is_taken);
	tcase_add_test(t, a_long_query_gets_414);
	tcase_add_test(t, a_query_of_just_the_limit_is_taken);
	LOOP(t, the_uri_is_split, uris);
	LOOP(t, the_host_is_lower_case_without_port, hosts);
	tcase_add_test(t, the_host_goes_before_the_servers_name);
	LOOP(t, the_scheme_is_known, schemes);
	LOOP(t, the_method_is_known, methods);
	tcase_add_test(t, absent_variables_are_empty);
	tcase_add_test(t, all_variables_are_copied);
	tcase_add_test(t, the_first_of_a_name_counts);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
