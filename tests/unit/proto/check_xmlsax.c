/*
 * Tests of proto/xmlsax: bodies of any size, well-formed or not.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/xmlsax.h"

#include <string.h>

#include "proto/spool.h"
#include "unit.h"

#define HEAD "<modules><module name='presentation'><document name='a.pdf'"

/* The body: head, filler n times, tail. */
static int
check(const char *head, const char *filler, size_t n, const char *tail)
{
	struct spool	*s = spool_new(".", 1024);
	int		 rc;

	err_clear(&err);
	ck_assert_int_eq(spool_write(s, head, strlen(head), &err), 0);
	while (n-- > 0)
		ck_assert_int_eq(spool_write(s, filler, strlen(filler),
		    &err), 0);
	ck_assert_int_eq(spool_write(s, tail, strlen(tail), &err), 0);
	rc = xmlsax_check(s, &err);
	spool_free(s);
	return rc;
}

START_TEST(what_bbb_can_read_passes)
{
	static const char *const good[] = {
		"<modules/>",
		"<?xml version='1.0' encoding='UTF-8'?> <modules> </modules>",
		"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfc</a>",
		/* expat does not know it: not for us to refuse */
		"<?xml version='1.0' encoding='windows-1252'?><a>\x80</a>",
		"\xef\xbb\xbf<a>\xc3\xbc<![CDATA[<&]]></a>",
	};
	size_t	i;

	for (i = 0; i < COUNT(good); i++)
		ck_assert_msg(check(good[i], "", 0, "") == 0, "%s: %s",
		    good[i], err.text);
}
END_TEST

START_TEST(what_is_ill_formed_is_refused_with_its_line)
{
	static const struct {
		const char	*xml, *text;
	} bad[] = {
		{ "<a>\n<b>\n</a>", "line 3: mismatched tag" },
		{ "a=b", "line 1: not well-formed (invalid token)" },
		{ "<a>", "line 1: no element found" },
		{ "", "line 1: no element found" },
		{ "<a/><b/>", "line 1: junk after document element" },
		{ "<a>\xfc</a>", "line 1: not well-formed (invalid token)" },
		{ "<!DOCTYPE a []><a/>",
		    "line 1: a document type is not allowed" },
	};
	size_t	i;

	for (i = 0; i < COUNT(bad); i++) {
		ck_assert_int_eq(check(bad[i].xml, "", 0, ""), -1);
		ck_assert_int_eq(err.code, ERR_INPUT);
		ck_assert_str_eq(err.text, bad[i].text);
	}
}
END_TEST

START_TEST(a_large_body_is_read_in_pieces)
{
	ck_assert_int_eq(check(HEAD ">", "QUJDREVGR0hJSg==\n", 200000,
	    "</document></module></modules>"), 0);
	ck_assert_int_eq(check(HEAD ">", "QUJDREVGR0hJSg==\n", 200000,
	    "</document></module></module>"), -1);
	ck_assert_str_eq(err.text, "line 200001: mismatched tag");
}
END_TEST

START_TEST(a_tag_without_an_end_does_not_pile_up)
{
	ck_assert_int_eq(check(HEAD " x='", "0123456789abcdef", 60000,
	    "'/></module></modules>"), 0);
	ck_assert_int_eq(check(HEAD " x='", "0123456789abcdef", 80000,
	    "'/></module></modules>"), -1);
	ck_assert_str_eq(err.text, "line 1: a tag is too long");
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_bbb_can_read_passes,
		what_is_ill_formed_is_refused_with_its_line,
		a_large_body_is_read_in_pieces,
		a_tag_without_an_end_does_not_pile_up,
	};

	return unit_run("xmlsax", tests, COUNT(tests));
}
