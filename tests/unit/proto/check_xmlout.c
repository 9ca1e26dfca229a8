/*
 * Tests of proto/xmlout: a writer that remembers its first failure.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/xmlout.h"

#include "proto/xmlread.h"
#include "unit.h"

static struct buf	buf;
static struct xmlout	x;

static void
begin(void)
{
	buf_reset(&buf);
	xmlout_begin(&x, &buf);
}

/* Collects what is handed on; refuses from the piece `left` on. */
struct sink {
	struct buf	got;
	int		left;
	int		pieces;
};

static int
sink_take(void *ctx, struct buf *b)
{
	struct sink	*s = ctx;

	if (s->left-- == 0)
		return -1;
	buf_add(&s->got, b->data, b->len);
	s->pieces++;
	return 0;
}

START_TEST(what_was_not_closed_has_failed)
{
	begin();
	out_open(&x, "a");
	ck_assert_int_eq(out_done(&x), -1);
	begin();
	out_close(&x);
	ck_assert_int_eq(out_done(&x), -1);
	ck_assert_uint_eq(buf.len, 0);
	buf_free(&buf);
}
END_TEST

START_TEST(too_many_levels_have_failed)
{
	int	i;

	begin();
	for (i = 0; i <= XMLOUT_DEPTH; i++)
		out_open(&x, "a");
	for (i = 0; i <= XMLOUT_DEPTH; i++)
		out_close(&x);
	ck_assert_int_eq(out_done(&x), -1);
	begin();
	for (i = 0; i < XMLOUT_DEPTH; i++)
		out_open(&x, "a");
	for (i = 0; i < XMLOUT_DEPTH; i++)
		out_close(&x);
	ck_assert_int_eq(out_done(&x), 0);
	buf_free(&buf);
}
END_TEST

START_TEST(nothing_follows_a_refused_piece)
{
	struct sink	s = { { NULL, 0, 0 }, 1, 0 };

	begin();
	xmlout_flush(&x, 10, sink_take, &s);
	out_open(&x, "response");
	out_str(&x, "a", "1");		/* taken */
	out_str(&x, "bcdef", "2");	/* refused */
	ck_assert_uint_eq(buf.len, 0);
	out_str(&x, "c", "3");
	out_int(&x, "d", 4);
	out_bool(&x, "e", true);
	out_empty(&x, "f");
	out_raw(&x, "<g/>", 4);
	out_open(&x, "h");
	out_close(&x);
	out_close(&x);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_int_eq(out_done(&x), -1);
	ck_assert_int_eq(s.pieces, 1);
	check_bytes(s.got.data, s.got.len, "<response>\n<a>1</a>\n");
	buf_free(&s.got);
	buf_free(&buf);
}
END_TEST

START_TEST(elements_are_written_one_a_line)
{
	begin();
	out_open(&x, "response");
	out_str(&x, "returncode", "SUCCESS");
	out_open(&x, "meetings");
	out_int(&x, "n", -5);
	out_int(&x, "m", 1731999600123);
	out_bool(&x, "t", true);
	out_bool(&x, "f", false);
	out_str(&x, "empty", "");
	out_str(&x, "null", NULL);
	out_empty(&x, "list");
	out_raw(&x, "<raw>&amp;</raw>\n", 17);
	out_close(&x);
	out_close(&x);
	ck_assert_int_eq(out_done(&x), 0);
	check_bytes(buf.data, buf.len,
	    "<response>\n<returncode>SUCCESS</returncode>\n<meetings>\n"
	    "<n>-5</n>\n<m>1731999600123</m>\n<t>true</t>\n<f>false</f>\n"
	    "<empty></empty>\n<null></null>\n<list/>\n<raw>&amp;</raw>\n"
	    "</meetings>\n</response>\n");
	buf_free(&buf);
}
END_TEST

START_TEST(text_is_escaped_and_cleaned)
{
	static const struct {
		const char	*text, *out;
	} t[] = {
		{ "", "" },
		{ "&<>\"'", "&amp;&lt;&gt;&quot;&apos;" },
		{ "a&b", "a&amp;b" },
		{ "]]>", "]]&gt;" },
		{ "\t\n\r", "\t\n&#13;" },
		{ "a\x01\x08\x0b\x1f" "b", "ab" },
		{ "\x7f", "\x7f" },
		{ "\xc3\xbc\xe4\xb8\xad\xf0\x9f\x98\x80",
		    "\xc3\xbc\xe4\xb8\xad\xf0\x9f\x98\x80" },
		{ "a\xff\xc3" "b\x80\xe4\xb8", "ab" },
		{ "\xed\xa0\x80", "" },			/* a surrogate */
		{ "\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf", "\xef\xbf\xbd" },
	};
	struct buf	b = { NULL, 0, 0 };
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		buf_reset(&b);
		xml_escape(&b, t[i].text, strlen(t[i].text));
		check_bytes(buf_str(&b), b.len, t[i].out);
	}
	buf_reset(&b);
	xml_escape(&b, "a\0b", 3);
	check_bytes(buf_str(&b), b.len, "ab");
	buf_free(&b);
}
END_TEST

START_TEST(what_is_written_reads_back)
{
	static const struct xml_limits	wide = { 9999, 99, 9 };
	static const char		text[] = " <\xf0\x9f\x98\x80>\r\n&'\" ";
	struct xml_node			*n;

	begin();
	out_str(&x, "a", text);
	ck_assert_int_eq(out_done(&x), 0);
	n = xml_parse(arena, (struct view){ buf.data, buf.len }, &wide,
	    &err);
	ck_assert_ptr_nonnull(n);
	ck_assert_str_eq(n->text, text);
	buf_free(&buf);
}
END_TEST

START_TEST(pieces_are_handed_on_when_full)
{
	struct sink	s = { { NULL, 0, 0 }, 1000, 0 };
	int		i;

	begin();
	xmlout_flush(&x, 100, sink_take, &s);
	out_open(&x, "r");
	for (i = 0; i < 100; i++) {
		out_str(&x, "element", "text");
		ck_assert_uint_le(buf.len, 100);
	}
	out_close(&x);
	ck_assert_int_eq(out_done(&x), 0);
	ck_assert_uint_eq(buf.len, 0);		/* the rest went too */
	ck_assert_uint_eq(s.got.len, 4 + 100 * 24 + 5);
	ck_assert_int_ge(s.pieces, 20);
	ck_assert_int_le(s.pieces, 25);
	ck_assert_str_eq(s.got.data + s.got.len - 5, "</r>\n");
	buf_free(&s.got);
	buf_free(&buf);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_was_not_closed_has_failed,
		too_many_levels_have_failed,
		nothing_follows_a_refused_piece,
		elements_are_written_one_a_line,
		text_is_escaped_and_cleaned,
		what_is_written_reads_back,
		pieces_are_handed_on_when_full,
	};

	return unit_run("xmlout", tests, COUNT(tests));
}
