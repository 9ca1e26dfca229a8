/*
 * Tests of proto/xmlread: trees, limits, refusals.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/xmlread.h"

#include <dirent.h>
#include <stdio.h>

#include "base/buf.h"
#include "unit.h"

static const struct xml_limits	wide = { 1 << 20, 10000, 32 };

static struct xml_node *
parse(const char *xml)
{
	struct xml_node	*n = xml_parse(arena, view_of(xml), &wide, &err);

	ck_assert_msg(n != NULL, "%s: %s", xml, err.text);
	return n;
}

START_TEST(what_is_ill_formed_is_refused_with_its_line)
{
	static const struct {
		const char	*xml, *text;
	} t[] = {
		{ "", "line 1: no element found" },
		{ "x", "line 1: syntax error" },
		{ "<a>", "line 1: no element found" },
		{ "<a>\n<b>\n</a>", "line 3: mismatched tag" },
		{ "<a/>x", "line 1: junk after document element" },
		{ "<a/><b/>", "line 1: junk after document element" },
		{ "<a>\n<1 x></1 x></a>",
		    "line 2: not well-formed (invalid token)" },
		{ "<a>&nbsp;</a>", "line 1: undefined entity" },
		{ "<a>&#0;</a>",
		    "line 1: reference to invalid character number" },
		{ "<a>\x01</a>", "line 1: not well-formed (invalid token)" },
		{ "<a>\xff</a>", "line 1: not well-formed (invalid token)" },
		{ "<a x='1' x='2'/>", "line 1: duplicate attribute" },
		{ "\n<!DOCTYPE a [<!ENTITY x \"y\">]>\n<a>&x;</a>",
		    "line 2: a document type is not allowed" },
		{ "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
		    "line 1: a document type is not allowed" },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_ptr_null(xml_parse(arena, view_of(t[i].xml), &wide,
		    &err));
		ck_assert_int_eq(err.code, ERR_INPUT);
		ck_assert_str_eq(err.text, t[i].text);
	}
	ck_assert_ptr_null(xml_parse(arena, VIEW("<a>\0</a>"), &wide, &err));
}
END_TEST

START_TEST(each_limit_holds)
{
	static const struct {
		struct xml_limits	 l;
		const char		*text;
	} t[] = {
		{ { 24, 99, 99 }, "the XML is longer than 24 bytes" },
		{ { 99, 3, 99 }, "line 1: too many elements" },
		{ { 99, 99, 1 }, "line 1: too many levels" },
		{ { 99, 99, 0 }, "line 1: too many levels" },
	};
	/* 25 bytes, 3 elements and an attribute, 2 levels */
	static const char	xml[] = "<a><b x=''>t</b><c/>  </a>";
	struct xml_limits	fits = { sizeof(xml) - 1, 4, 2 };
	size_t			i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_ptr_null(xml_parse(arena, VIEW(xml), &t[i].l,
		    &err));
		ck_assert_str_eq(err.text, t[i].text);
		ck_assert_int_eq(err.code, ERR_INPUT);
	}
	ck_assert_ptr_nonnull(xml_parse(arena, VIEW(xml), &fits, &err));
}
END_TEST

START_TEST(a_deep_text_ends_at_the_limit_not_in_a_crash)
{
	struct buf	b = { NULL, 0, 0 };
	struct view	v;
	int		i;

	for (i = 0; i < 100000; i++)
		buf_adds(&b, "<a>");
	v.p = b.data;
	v.len = b.len;
	ck_assert_ptr_null(xml_parse(arena, v, &wide, &err));
	ck_assert_str_eq(err.text, "line 1: too many levels");
	buf_free(&b);
}
END_TEST

START_TEST(a_tree_is_read)
{
	struct xml_node	*a, *n;

	a = parse("<?xml version='1.0'?>\n<!-- c -->\n"
	    "<a x='1' y='&lt;2'>\n <b>one</b>\n <c/>\n <b>two</b>\n</a>\n");
	ck_assert_str_eq(a->name, "a");
	ck_assert_str_eq(a->text, "");
	ck_assert_ptr_null(a->next);
	ck_assert_str_eq(a->attrs->name, "x");
	ck_assert_str_eq(a->attrs->value, "1");
	ck_assert_str_eq(a->attrs->next->value, "<2");
	ck_assert_ptr_null(a->attrs->next->next);
	n = a->child;
	ck_assert_str_eq(n->name, "b");
	ck_assert_str_eq(n->text, "one");
	ck_assert_ptr_null(n->attrs);
	n = n->next;
	ck_assert_str_eq(n->name, "c");
	ck_assert_str_eq(n->text, "");
	ck_assert_ptr_null(n->child);
	n = n->next;
	ck_assert_str_eq(n->text, "two");
	ck_assert_ptr_null(n->next);
	ck_assert_ptr_eq(xml_child(a, "b"), a->child);
	ck_assert_str_eq(xml_text(a, "b"), "one");
	ck_assert_str_eq(xml_text(a, "c"), "");
	ck_assert_ptr_null(xml_text(a, "d"));
	ck_assert_ptr_null(xml_child(NULL, "b"));
	ck_assert_ptr_null(xml_text(NULL, "b"));
}
END_TEST

START_TEST(text_is_decoded)
{
	static const struct {
		const char	*xml, *text;
	} t[] = {
		{ "<a></a>", "" },
		{ "<a/>", "" },
		{ "<a> </a>", " " },
		{ "<a> x\n</a>", " x\n" },
		{ "<a>&amp;&lt;&gt;&quot;&apos;</a>", "&<>\"'" },
		{ "<a>&#252;&#xFC;\xc3\xbc&#x1F600;</a>",
		    "\xc3\xbc\xc3\xbc\xc3\xbc\xf0\x9f\x98\x80" },
		{ "<a>x<![CDATA[<&>]]>y</a>", "x<&>y" },
		{ "<a>x<!-- no -->y<?no no?>z</a>", "xyz" },
		{ "<a>x\r\ny</a>", "x\ny" },
		/* between elements white space is layout */
		{ "<a> <b/> </a>", "" },
		{ "<a>x<b>no</b>y</a>", "xy" },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++)
		ck_assert_str_eq(parse(t[i].xml)->text, t[i].text);
}
END_TEST

START_TEST(text_does_not_leak_into_a_sibling)
{
	struct xml_node	*a = parse("<a><b><c>long text</c></b><b>x</b>"
	    "<b><c/></b></a>");

	ck_assert_str_eq(xml_text(a->child, "c"), "long text");
	ck_assert_str_eq(a->child->next->text, "x");
	ck_assert_str_eq(xml_text(a->child->next->next, "c"), "");
}
END_TEST

START_TEST(raw_and_inner_are_the_bytes_as_sent)
{
	static const struct {
		const char	*xml, *raw, *inner;	/* of the first child */
	} t[] = {
		{ "<r> <b>x</b> </r>", "<b>x</b>", "x" },
		{ "<r><b/></r>", "<b/>", "" },
		{ "<r><b a = '>' /></r>", "<b a = '>' />", "" },
		{ "<r><b></b></r>", "<b></b>", "" },
		{ "<r><b >x</b ></r>", "<b >x</b >", "x" },
		{ "<r>&amp;<b> <c>&lt;</c> </b></r>",
		    "<b> <c>&lt;</c> </b>", " <c>&lt;</c> " },
		{ "<r><b><![CDATA[x]]></b></r>", "<b><![CDATA[x]]></b>",
		    "<![CDATA[x]]>" },
		{ "\xef\xbb\xbf<r>\xc3\xbc<b>\xc3\xbc</b></r>",
		    "<b>\xc3\xbc</b>", "\xc3\xbc" },
	};
	struct xml_node	*n;
	size_t		 i;

	for (i = 0; i < COUNT(t); i++) {
		n = parse(t[i].xml)->child;
		check_bytes(n->raw.p, n->raw.len, t[i].raw);
		check_bytes(n->inner.p, n->inner.len, t[i].inner);
	}
}
END_TEST

/* Whoever says otherwise: what goes out is UTF-8. */
START_TEST(utf8_is_taken_whatever_the_text_says)
{
	const struct view	utf16[] = {
		VIEW("\xff\xfe<\0a\0/\0>\0"),
		VIEW("\xfe\xff\0<\0a\0/\0>"),
		VIEW("<\0a\0/\0>\0"), VIEW("\0<\0a\0/\0>"),
	};
	size_t			i;

	ck_assert_str_eq(parse("<?xml version='1.0' encoding='ISO-8859-1'?>"
	    "<a>\xc3\xbc</a>")->text, "\xc3\xbc");
	ck_assert_ptr_null(xml_parse(arena, VIEW("<?xml version='1.0'"
	    " encoding='ISO-8859-1'?><a>\xfc</a>"), &wide, &err));
	for (i = 0; i < COUNT(utf16); i++) {
		err_clear(&err);
		ck_assert_ptr_null(xml_parse(arena, utf16[i], &wide, &err));
		ck_assert_str_eq(err.text, "line 1: not UTF-8");
	}
}
END_TEST

START_TEST(every_fixture_but_the_traps_is_read)
{
	struct dirent	*d;
	DIR		*dir = opendir(FIXTURES);
	const char	*dot;
	int		 n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((d = readdir(dir)) != NULL) {
		if ((dot = strrchr(d->d_name, '.')) == NULL ||
		    strcmp(dot, ".xml") != 0)
			continue;
		ck_assert_msg((xml_parse(arena, fixture(d->d_name), &wide,
		    &err) != NULL) != str_starts(d->d_name, "trap-"),
		    "%s: %s", d->d_name, err.text);
		n++;
	}
	closedir(dir);
	ck_assert_int_ge(n, 60);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_is_ill_formed_is_refused_with_its_line,
		each_limit_holds,
		a_deep_text_ends_at_the_limit_not_in_a_crash,
		a_tree_is_read,
		text_is_decoded,
		text_does_not_leak_into_a_sibling,
		raw_and_inner_are_the_bytes_as_sent,
		utf8_is_taken_whatever_the_text_says,
		every_fixture_but_the_traps_is_read,
	};

	return unit_run("xmlread", tests, COUNT(tests));
}
