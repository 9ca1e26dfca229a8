/*
 * Tests of proto/http: heads, streams, what a client accepts.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/http.h"

#include "unit.h"

/* Refuses from the piece `left` on. */
struct peer {
	struct buf	got;
	int		left;
};

static int
peer_write(void *io, const void *p, size_t len)
{
	struct peer	*peer = io;

	if (peer->left-- <= 0)
		return -1;
	buf_add(&peer->got, p, len);
	return 0;
}

START_TEST(a_peer_that_is_gone_stays_gone)
{
	struct peer		peer = { { NULL, 0, 0 }, 2 };
	struct http_reply	r = { .status = 200, .write = peer_write,
	    .io = &peer };

	ck_assert_int_eq(http_stream(&r, "abc", 3), 0);
	ck_assert_int_eq(http_stream(&r, "def", 3), -1);
	peer.left = 9;
	ck_assert_int_eq(http_stream(&r, "ghi", 3), -1);
	ck_assert(r.broken);
	ck_assert_uint_eq(r.sent, 3);
	check_bytes(peer.got.data, peer.got.len, "Status: 200 OK\r\n\r\nabc");
	buf_free(&peer.got);
}
END_TEST

START_TEST(a_head_that_is_refused_breaks_the_reply)
{
	struct peer		peer = { { NULL, 0, 0 }, 0 };
	struct http_reply	r = { .status = 200, .write = peer_write,
	    .io = &peer };

	ck_assert_int_eq(http_stream(&r, "", 0), -1);
	peer.left = 9;
	ck_assert_int_eq(http_stream(&r, "x", 1), -1);
	ck_assert_uint_eq(peer.got.len, 0);
}
END_TEST

START_TEST(the_head_goes_out_once_and_first)
{
	struct peer		peer = { { NULL, 0, 0 }, 9 };
	struct http_reply	r = { .status = 404, .write = peer_write,
	    .io = &peer };

	http_header_set(&r, "Content-Type", "text/xml");
	ck_assert_int_eq(http_stream(&r, "", 0), 0);
	ck_assert(r.streaming);
	ck_assert_int_eq(http_stream(&r, "ab", 2), 0);
	ck_assert_int_eq(http_stream(&r, "c", 1), 0);
	ck_assert_uint_eq(r.sent, 3);
	check_bytes(peer.got.data, peer.got.len, "Status: 404 Not Found\r\n"
	    "Content-Type: text/xml\r\n\r\nabc");
	buf_free(&peer.got);
}
END_TEST

START_TEST(a_value_makes_no_line_of_its_own)
{
	struct http_reply	r = { .status = 302 };
	struct buf		b = { NULL, 0, 0 };

	http_header_set(&r, "Location", "https://h/\r\nSet-Cookie: a\x01"
	    "\tb\xc3\xbc");
	http_head_write(&r, &b);
	check_bytes(b.data, b.len, "Status: 302 Found\r\n"
	    "Location: https://h/Set-Cookie: a\tb\xc3\xbc\r\n\r\n");
	buf_free(&b);
}
END_TEST

START_TEST(a_header_replaces_its_older_self)
{
	struct http_reply	r = { .status = 799 };
	struct buf		b = { NULL, 0, 0 };

	http_header_set(&r, "Content-Type", "a");
	http_header_set(&r, "X", "b");
	http_header_set(&r, "content-type", "c");
	http_head_write(&r, &b);
	check_bytes(b.data, b.len, "Status: 799 Status\r\n"
	    "content-type: c\r\nX: b\r\n\r\n");
	buf_free(&b);
}
END_TEST

START_TEST(statuses_have_their_reason)
{
	ck_assert_str_eq(http_reason(200), "OK");
	ck_assert_str_eq(http_reason(302), "Found");
	ck_assert_str_eq(http_reason(413), "Content Too Large");
	ck_assert_str_eq(http_reason(503), "Service Unavailable");
}
END_TEST

START_TEST(a_media_type_is_bare_and_lower_case)
{
	static const char *const	t[][2] = {
		{ "", "" }, { "text/xml", "text/xml" },
		{ " Application/XML ; charset=utf-8", "application/xml" },
		{ "multipart/form-data;boundary=X;y", "multipart/form-data" },
		{ ";x", "" },
	};
	size_t				i;

	for (i = 0; i < COUNT(t); i++)
		ck_assert_str_eq(http_media_type(arena, t[i][0]), t[i][1]);
}
END_TEST

START_TEST(html_counts_only_if_it_is_named)
{
	static const struct {
		const char	*accept;
		bool		 html;
	} t[] = {
		{ "", false }, { "*/*", false }, { "text/*", false },
		{ "text/xml, application/xml", false },
		{ "text/htmlx", false }, { "xtext/html", false },
		{ "text/html;q=0", false }, { "text/html; q=0.0", false },
		{ "text/html;level=1;q=0", false },
		{ "text/html;q=x", false }, { "text/html;q=-1", false },
		{ "text/html;q=2", false },
		{ "text/html", true }, { "Text/HTML", true },
		{ "text/html;q=0.1", true }, { "text/html;level=1", true },
		{ "text/html,application/xhtml+xml,application/xml;q=0.9,"
		    "*/*;q=0.8", true },
		{ ",, */* , text/html ", true },
	};
	struct http_req	req = { .accept = "" };
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		req.accept = t[i].accept;
		ck_assert_msg(http_accepts_html(&req) == t[i].html, "%s",
		    t[i].accept);
	}
}
END_TEST

START_TEST(json_counts_only_before_xml)
{
	static const struct {
		const char	*accept;
		bool		 json;
	} t[] = {
		{ "", false }, { "*/*", false }, { "text/html", false },
		{ "application/json", true }, { "Application/JSON", true },
		{ "application/json, text/plain, */*", true },
		{ "text/plain, application/json", true },
		{ "text/xml, application/json, text/plain, */*", false },
		{ "application/xml;q=0.9,application/json", false },
		{ "application/json;q=0", false },
		{ "text/xml;q=0,application/json", true },
		{ "*/*, application/json", false },
	};
	struct http_req	req = { .accept = "" };
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		req.accept = t[i].accept;
		ck_assert_msg(http_prefers_json(&req) == t[i].json, "%s",
		    t[i].accept);
	}
}
END_TEST

START_TEST(the_language_that_weighs_most_is_taken)
{
	static const char *const	langs[] = { "en", "de", NULL };
	static const char *const	t[][2] = {
		{ "", "en" }, { "fr", "en" }, { "*", "en" },
		{ "de", "de" }, { "DE", "de" }, { "de-AT", "de" },
		{ "de;q=0", "en" }, { "de-;q=0.1", "de" },
		{ "en,de", "en" }, { "de,en", "de" },
		{ "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de" },
		{ "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en" },
		{ "fr, de;q=0.7, en;q=0.3", "de" },
		{ "en;q=0.1, de;q=0.2", "de" },
		{ "en ; q=0.5 , de ; q=0.5", "en" },
		{ "de;q=0.3,*;q=0.5", "en" },
		{ "deu, den, d", "en" },
		{ "de;q=abc", "en" },
		{ ",;,;;q=,de", "de" },
	};
	struct http_req			req = { .accept = "" };
	size_t				i;

	for (i = 0; i < COUNT(t); i++) {
		req.accept_language = t[i][0];
		ck_assert_msg(strcmp(http_language(&req, langs), t[i][1]) ==
		    0, "%s: not %s", t[i][0], t[i][1]);
	}
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_peer_that_is_gone_stays_gone,
		a_head_that_is_refused_breaks_the_reply,
		the_head_goes_out_once_and_first,
		a_value_makes_no_line_of_its_own,
		a_header_replaces_its_older_self,
		statuses_have_their_reason,
		a_media_type_is_bare_and_lower_case,
		html_counts_only_if_it_is_named,
		json_counts_only_before_xml,
		the_language_that_weighs_most_is_taken,
	};

	return unit_run("http", tests, COUNT(tests));
}
