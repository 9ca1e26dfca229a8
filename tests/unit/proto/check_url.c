/*
 * Tests of proto/url: escapes, paths, server addresses.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "proto/url.h"
#include "unit.h"

START_TEST(a_bad_path_is_refused)
{
	static const struct {
		const char	*raw;
		const char	*text;
	} t[] = {
		{ "", "the path does not begin with a slash" },
		{ "*", "the path does not begin with a slash" },
		{ "http://h/x", "the path does not begin with a slash" },
		{ "/a%00b", "the path holds a control character" },
		{ "/a%0ab", "the path holds a control character" },
		{ "/a\x7f", "the path holds a control character" },
		{ "/a%C2%85b", "the path holds a control character" },
		{ "/%ff", "the path is not UTF-8" },
		{ "/%c3", "the path is not UTF-8" },
		{ "/%ed%a0%80", "the path is not UTF-8" },
		{ "/%c0%af", "the path is not UTF-8" },
		{ "/.", "the path holds a \".\" or \"..\" segment" },
		{ "/..", "the path holds a \".\" or \"..\" segment" },
		{ "/../", "the path holds a \".\" or \"..\" segment" },
		{ "/a/./b", "the path holds a \".\" or \"..\" segment" },
		{ "/a/../b", "the path holds a \".\" or \"..\" segment" },
		{ "/a//..//b", "the path holds a \".\" or \"..\" segment" },
		{ "/a/%2e%2e/b", "the path holds a \".\" or \"..\" segment" },
		{ "/a%2f..%2Fb", "the path holds a \".\" or \"..\" segment" },
	};
	char	*path;
	size_t	 i;

	for (i = 0; i < COUNT(t); i++) {
		path = NULL;
		err_clear(&err);
		ck_assert_int_eq(url_path(arena, t[i].raw, &path, &err), -1);
		ck_assert_int_eq(err.code, ERR_INPUT);
		ck_assert_str_eq(err.text, t[i].text);
		ck_assert_ptr_null(path);
	}
}
END_TEST

START_TEST(a_path_is_decoded_and_its_slashes_collapsed)
{
	static const struct {
		const char	*raw;
		const char	*path;
	} t[] = {
		{ "/", "/" },
		{ "//", "/" },
		{ "/bigbluebutton//api/create", "/bigbluebutton/api/create" },
		{ "///bigbluebutton/api//", "/bigbluebutton/api/" },
		{ "/a%2f%2fb", "/a/b" },
		{ "/a+b%20c", "/a+b c" },
		{ "/%C3%BCbung", "/\xc3\xbc" "bung" },
		{ "/%C2%A0", "/\xc2\xa0" },
		{ "/50%", "/50%" },
		{ "/%zz", "/%zz" },
		{ "/...", "/..." },
		{ "/a..b/.c/d.", "/a..b/.c/d." },
	};
	char	*path;
	size_t	 i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_int_eq(url_path(arena, t[i].raw, &path, &err), 0);
		ck_assert_str_eq(path, t[i].path);
	}
}
END_TEST

START_TEST(an_address_that_is_none_is_refused)
{
	static const struct {
		const char	*typed;
		const char	*text;
	} t[] = {
#define SCHEME	"the address does not begin with http:// or https://"
#define HOST	"the address has no valid host and port"
#define CHAR	"the path of the address holds a character that does not" \
		" belong there"
		{ "", SCHEME },
		{ "bbb1.example.org", SCHEME },
		{ "ftp://bbb1.example.org", SCHEME },
		{ "https:/bbb1.example.org", SCHEME },
		{ "javascript:alert(1)", SCHEME },
		{ "https://", HOST },
		{ "https:///bigbluebutton", HOST },
		{ "https://h:", HOST },
		{ "https://h:0", HOST },
		{ "https://h:65536", HOST },
		{ "https://h:123456", HOST },
		{ "https://h:80x/", HOST },
		{ "https://h h/", HOST },
		{ "https://[::1", HOST },
		{ "https://[]/", HOST },
		{ "https://[::1]x/", HOST },
		{ "https://\xc3\xbc.example.org", HOST },
		{ "https://u:p@h/", "the address holds a user" },
		{ "https://h/?a=b",
		    "the address holds a query or a fragment" },
		{ "https://h/#x",
		    "the address holds a query or a fragment" },
		{ "https://h/a b", CHAR },
		{ "https://h/a\"b", CHAR },
		{ "https://h/a\\b", CHAR },
		{ "https://h/a\nb", CHAR },
		{ "https://h/../x", "the path of the address holds a \".\" or"
		    " \"..\" segment" },
		{ "https://h/bigbluebutton/api/create", "the path of the"
		    " address goes on after /bigbluebutton/api" },
		{ "https://h/bigbluebutton/x", "the path of the"
		    " address goes on after /bigbluebutton/api" },
#undef SCHEME
#undef HOST
#undef CHAR
	};
	char	*url;
	size_t	 i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_msg(url_backend(arena, t[i].typed, &url,
		    &err) == -1, "%s was taken", t[i].typed);
		ck_assert_int_eq(err.code, ERR_INPUT);
		ck_assert_str_eq(err.text, t[i].text);
	}
}
END_TEST

START_TEST(an_address_ends_in_the_api_path)
{
	static const struct {
		const char	*typed;
		const char	*url;
	} t[] = {
#define H "https://bbb1.example.org"
		{ H, H "/bigbluebutton/api/" },
		{ H "/", H "/bigbluebutton/api/" },
		{ H "/bigbluebutton", H "/bigbluebutton/api/" },
		{ H "/bigbluebutton/", H "/bigbluebutton/api/" },
		{ H "/bigbluebutton/api", H "/bigbluebutton/api/" },
		{ H "/bigbluebutton/api/", H "/bigbluebutton/api/" },
		{ H "//bigbluebutton//api//", H "/bigbluebutton/api/" },
		{ " " H "/bigbluebutton\n", H "/bigbluebutton/api/" },
		{ H "/front/b1", H "/front/b1/bigbluebutton/api/" },
		{ H "/b1/bigbluebutton", H "/b1/bigbluebutton/api/" },
		{ "HTTPS://BBB1.example.ORG/B1",
		    H "/B1/bigbluebutton/api/" },
		{ "http://10.0.0.1:8090",
		    "http://10.0.0.1:8090/bigbluebutton/api/" },
		{ "http://[FE80::1]:81/",
		    "http://[fe80::1]:81/bigbluebutton/api/" },
		{ "https://h:65535", "https://h:65535/bigbluebutton/api/" },
#undef H
	};
	char	*url;
	size_t	 i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_msg(url_backend(arena, t[i].typed, &url, &err) == 0,
		    "%s: %s", t[i].typed, err.text);
		ck_assert_str_eq(url, t[i].url);
	}
}
END_TEST

START_TEST(a_browser_goes_to_http_only)
{
	static const char *const	bad[] = {
		"", "/x", "//h/x", "http:", "http:/h", "http://",
		"https:///x", "https://?x", "https://:80", "https://@h",
		"javascript:alert(1)", "data:text/html,x", "ftp://h/",
		" https://h/", "https://h/ x", "https://h/\r\nA: b",
		"https://h\\@evil/", "https://h/\"x", "https://h/<x>",
		"https://h/\x7f",
	};
	static const char *const	good[] = {
		"http://h", "HTTPS://h/", "https://h/x?a=b&c=d#e",
		"https://h/\xc3\xbc",
	};
	size_t				i;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!url_is_http(bad[i]), "%s", bad[i]);
	for (i = 0; i < COUNT(good); i++)
		ck_assert_msg(url_is_http(good[i]), "%s", good[i]);
}
END_TEST

START_TEST(each_byte_is_encoded_as_the_header_says)
{
	static const char	stays[] = "-_.~0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char			want[8];
	struct buf		b = { NULL, 0, 0 };
	int			c;

	for (c = 0; c < 256; c++) {
		if (c != 0 && strchr(stays, c) != NULL)
			snprintf(want, sizeof(want), "%c", c);
		else if (c == ' ')
			snprintf(want, sizeof(want), "+");
		else
			snprintf(want, sizeof(want), "%%%02X", c);
		buf_reset(&b);
		url_encode(&b, &(char){ (char)c }, 1);
		check_bytes(buf_str(&b), b.len, want);
	}
	buf_reset(&b);
	url_encode(&b, "a b/\xc3\xa4", 6);
	check_bytes(buf_str(&b), b.len, "a+b%2F%C3%A4");
	buf_reset(&b);
	url_encode_path(&b, "a b/+", 5);
	check_bytes(buf_str(&b), b.len, "a%20b%2F%2B");
	buf_reset(&b);
	url_encode(&b, "", 0);
	ck_assert_uint_eq(b.len, 0);
	buf_free(&b);
}
END_TEST

START_TEST(decoding_keeps_what_is_no_escape)
{
	static const struct {
		const char	*raw;
		const char	*form;		/* with plus */
		const char	*path;
	} t[] = {
		{ "", "", "" },
		{ "a+b", "a b", "a+b" },
		{ "%41%c3%Bc", "A\xc3\xbc", "A\xc3\xbc" },
		{ "%", "%", "%" },
		{ "%4", "%4", "%4" },
		{ "100%", "100%", "100%" },
		{ "%4g%g4", "%4g%g4", "%4g%g4" },
		{ "%%41", "%A", "%A" },
		{ "%2541", "%41", "%41" },
		{ "%2B", "+", "+" },
	};
	char	*s;
	size_t	 i, len;

	for (i = 0; i < COUNT(t); i++) {
		s = url_decode(arena, view_of(t[i].raw), true, &len);
		check_bytes(s, len, t[i].form);
		s = url_decode(arena, view_of(t[i].raw), false, NULL);
		ck_assert_str_eq(s, t[i].path);
	}
	s = url_decode(arena, VIEW("a%00b"), true, &len);
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(s, "a\0b", 4);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_bad_path_is_refused,
		a_path_is_decoded_and_its_slashes_collapsed,
		an_address_that_is_none_is_refused,
		an_address_ends_in_the_api_path,
		a_browser_goes_to_http_only,
		each_byte_is_encoded_as_the_header_says,
		decoding_keeps_what_is_no_escape,
	};

	return unit_run("url", tests, COUNT(tests));
}
