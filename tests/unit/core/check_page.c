/*
 * Tests of core/page: mistakes in templates named, values escaped, languages.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/page.h"

/* The files that this folder holds; see setup. */
static const char *const names[] = { "redirect.en", "redirect.de", "wait.en",
    "wait.de", "given_up.en", "given_up.de", "not_found.en", "not_found.de",
    "limit.en", "limit.de" };
#define NAMES	(sizeof(names) / sizeof(names[0]))

static char		 dir[] = "/tmp/check_page.XXXXXX";
static struct err	 e = ERR_INIT;
static struct pages	*p;
static struct http_reply reply;
static struct http_req	 req;

static const char *
path_of(const char *name)
{
	static char	path[128];

	snprintf(path, sizeof(path), "%s/%s.html", dir, name);
	return path;
}

static void
put_bytes(const char *name, const char *text, size_t len)
{
	FILE	*f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

static void
put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

/* Each template holds its own name. */
static void
setup(void)
{
	size_t	i;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (i = 0; i < NAMES; i++)
		put(names[i], names[i]);
	req.accept_language = "";
}

static void
teardown(void)
{
	size_t	i;

	pages_free(p);
	buf_free(&reply.body);
	for (i = 0; i < NAMES; i++)
		unlink(path_of(names[i]));
	ck_assert_int_eq(rmdir(dir), 0);
}

/* want is what follows the folder in the error's text. */
static void
refused(const char *want)
{
	char	text[256];

	snprintf(text, sizeof(text), "%s/%s", dir, want);
	ck_assert_ptr_null(pages_load(dir, &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_str_eq(e.text, text);
}

static const char *
fill(enum page which, const struct page_var *vars, size_t n)
{
	pages_free(p);
	p = pages_load(dir, &e);
	ck_assert_msg(p != NULL, "%s", e.text);
	page_reply(p, which, &req, 200, vars, n, &reply);
	return buf_str(&reply.body);
}

static const char *
header(const char *name)
{
	size_t	i;

	for (i = 0; i < reply.nheaders; i++)
		if (strcmp(reply.headers[i].name, name) == 0)
			return reply.headers[i].value;
	return "(none)";
}

START_TEST(an_english_page_must_be_there)
{
	unlink(path_of("limit.en"));
	refused("limit.en.html: No such file or directory");
}
END_TEST

START_TEST(a_folder_that_is_none_is_refused)
{
	ck_assert_ptr_null(pages_load("/nonexistent", &e));
	ck_assert_str_eq(e.text,
	    "/nonexistent/redirect.en.html: No such file or directory");
}
END_TEST

START_TEST(a_variable_of_another_page_is_refused)
{
	put("not_found.de", "<p>\n<p>\n<a href=\"{{url}}\">");
	refused("not_found.de.html:3: unknown variable {{url}}");
	put("not_found.de", "");
	put("redirect.en", "{{url}}{{seconds}}");
	refused("redirect.en.html:1: unknown variable {{seconds}}");
}
END_TEST

START_TEST(a_variable_is_named_exactly)
{
	put("wait.en", "{{ url }}");
	refused("wait.en.html:1: unknown variable {{ url }}");
	put("wait.en", "{{ur}}");
	refused("wait.en.html:1: unknown variable {{ur}}");
	put("wait.en", "{{}}");
	refused("wait.en.html:1: unknown variable {{}}");
}
END_TEST

START_TEST(an_open_variable_is_refused)
{
	put("wait.en", "\n{{url}\n}");
	refused("wait.en.html:2: {{ without }} on its line");
	put("wait.en", "\n\n{{url");
	refused("wait.en.html:3: {{ without }} on its line");
	put("wait.en", "{{\nurl}}");
	refused("wait.en.html:1: {{ without }} on its line");
}
END_TEST

START_TEST(bytes_of_no_text_are_refused)
{
	put("limit.de", "a\nb\n\xff");
	refused("limit.de.html:3: not UTF-8");
	put_bytes("limit.de", "a\nb\0c", 5);
	refused("limit.de.html:2: a NUL byte");
}
END_TEST

START_TEST(a_large_file_is_refused)
{
	size_t	 n = 64 * 1024;
	char	*text = calloc(1, n + 2);

	memset(text, 'x', n);
	put("limit.en", text);
	ck_assert_uint_eq(strlen(fill(PAGE_LIMIT, NULL, 0)), n);
	text[n] = 'x';
	put("limit.en", text);
	refused("limit.en.html: larger than 65536 bytes");
	free(text);
}
END_TEST

START_TEST(every_value_is_escaped)
{
	struct page_var	vars[] = {
		{ "try", "<b>" },
		{ "url", "/bbb/x?a=\"'&amp;<script>" },
		{ "seconds", "5" }
	};

	put("wait.en", "{{seconds}};url={{url}} {{try}}{{try}}\n");
	ck_assert_str_eq(fill(PAGE_WAIT, vars, 3),
	    "5;url=/bbb/x?a=&quot;&apos;&amp;amp;&lt;script&gt;"
	    " &lt;b&gt;&lt;b&gt;\n");
}
END_TEST

START_TEST(a_value_is_not_searched_for_variables)
{
	struct page_var	vars[] = { { "url", "{{url}}" } };

	put("redirect.en", "<{{url}}>");
	ck_assert_str_eq(fill(PAGE_REDIRECT, vars, 1), "<{{url}}>");
}
END_TEST

START_TEST(braces_of_a_style_sheet_stay)
{
	put("limit.en", "@media x {a {b: c}}\n{a}} {");
	ck_assert_str_eq(fill(PAGE_LIMIT, NULL, 0),
	    "@media x {a {b: c}}\n{a}} {");
}
END_TEST

START_TEST(the_language_is_the_readers)
{
	ck_assert_str_eq(fill(PAGE_LIMIT, NULL, 0), "limit.en");
	ck_assert_str_eq(header("Content-Language"), "en");
	req.accept_language = "fr, de;q=0.8, en;q=0.5";
	ck_assert_str_eq(fill(PAGE_LIMIT, NULL, 0), "limit.de");
	ck_assert_str_eq(header("Content-Language"), "de");
	req.accept_language = "fr";
	ck_assert_str_eq(fill(PAGE_LIMIT, NULL, 0), "limit.en");
}
END_TEST

START_TEST(a_missing_german_page_is_english)
{
	unlink(path_of("limit.de"));
	req.accept_language = "de";
	ck_assert_str_eq(fill(PAGE_LIMIT, NULL, 0), "limit.en");
	ck_assert_str_eq(header("Content-Language"), "en");
}
END_TEST

START_TEST(the_head_lets_nothing_in_and_nothing_be_kept)
{
	fill(PAGE_NOT_FOUND, NULL, 0);
	ck_assert_str_eq(header("Content-Type"), "text/html; charset=utf-8");
	ck_assert_str_eq(header("Cache-Control"), "no-store");
	ck_assert_str_eq(header("Content-Security-Policy"),
	    "default-src 'none'; style-src 'unsafe-inline'");
	ck_assert_str_eq(header("Referrer-Policy"), "no-referrer");
	page_reply(p, PAGE_NOT_FOUND, &req, 404, NULL, 0, &reply);
	ck_assert_int_eq(reply.status, 404);
	ck_assert_uint_eq(reply.nheaders, 5);
	ck_assert_str_eq(buf_str(&reply.body), "not_found.en");
}
END_TEST

/* What is installed, with each page's own variables in it. */
START_TEST(the_pages_of_ours_are_whole)
{
	static const char *const	langs[] = { "en", "de" };
	struct page_var			vars[] = {
		{ "url", "/bbb/k/join?a=1&b=\"" },
		{ "seconds", "8" },
		{ "try", "4" }
	};
	const char			*body, *html;
	int				 which;

	p = pages_load(SRCDIR "/www/pages", &e);
	ck_assert_msg(p != NULL, "%s", e.text);
	req.accept_language = langs[_i];
	html = _i == 0 ? "<html lang=\"en\">" : "<html lang=\"de\">";
	for (which = 0; which < PAGE__MAX; which++) {
		page_reply(p, (enum page)which, &req, 200, vars, 3, &reply);
		body = buf_str(&reply.body);
		ck_assert_ptr_nonnull(strstr(body, html));
		ck_assert_ptr_nonnull(strstr(body, "</html>\n"));
		ck_assert_ptr_null(strstr(body, "{{"));
		ck_assert_ptr_null(strstr(body, "<script"));
		ck_assert_ptr_null(strstr(body, "http://"));
		ck_assert_ptr_null(strstr(body, "https://"));
		ck_assert_str_eq(header("Content-Language"), langs[_i]);
	}
	page_reply(p, PAGE_WAIT, &req, 200, vars, 3, &reply);
	ck_assert_ptr_nonnull(strstr(buf_str(&reply.body),
	    "<meta http-equiv=\"refresh\""
	    " content=\"8; url=/bbb/k/join?a=1&amp;b=&quot;\">"));
	page_reply(p, PAGE_REDIRECT, &req, 302, vars, 3, &reply);
	ck_assert_ptr_nonnull(strstr(buf_str(&reply.body),
	    "<meta http-equiv=\"refresh\""
	    " content=\"0; url=/bbb/k/join?a=1&amp;b=&quot;\">"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("core/page");
	TCase	*t = tcase_create("page");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_english_page_must_be_there);
	tcase_add_test(t, a_folder_that_is_none_is_refused);
	tcase_add_test(t, a_variable_of_another_page_is_refused);
	tcase_add_test(t, a_variable_is_named_exactly);
	tcase_add_test(t, an_open_variable_is_refused);
	tcase_add_test(t, bytes_of_no_text_are_refused);
	tcase_add_test(t, a_large_file_is_refused);
	tcase_add_test(t, every_value_is_escaped);
	tcase_add_test(t, a_value_is_not_searched_for_variables);
	tcase_add_test(t, braces_of_a_style_sheet_stay);
	tcase_add_test(t, the_language_is_the_readers);
	tcase_add_test(t, a_missing_german_page_is_english);
	tcase_add_test(t, the_head_lets_nothing_in_and_nothing_be_kept);
	tcase_add_loop_test(t, the_pages_of_ours_are_whole, 0, 2);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
