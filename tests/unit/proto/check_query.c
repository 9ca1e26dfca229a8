/*
 * Tests of proto/query: parameters, read, changed, written.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "proto/query.h"
#include "unit.h"

static struct query
parse(const char *raw)
{
	struct query	q;

	ck_assert_int_eq(query_parse(arena, view_of(raw), 100, &q, &err), 0);
	return q;
}

static void
check_written(const struct query *q, const char *want)
{
	struct buf	b = { NULL, 0, 0 };

	query_write(q, &b);
	check_bytes(buf_str(&b), b.len, want);
	buf_free(&b);
}

START_TEST(too_many_parameters_are_refused)
{
	struct query	q;

	ck_assert_int_eq(query_parse(arena, VIEW("a&b&c"), 2, &q, &err), -1);
	ck_assert_int_eq(err.code, ERR_INPUT);
	ck_assert_str_eq(err.text, "more than 2 parameters");
	ck_assert_int_eq(query_parse(arena, VIEW("&a&&b&"), 2, &q, &err), 0);
	ck_assert_uint_eq(q.n, 2);
}
END_TEST

START_TEST(pieces_are_split_and_decoded)
{
	static const struct {
		const char	*name;
		const char	*value;
		const char	*raw_name;
		const char	*raw_value;
	} t[] = {
		{ "a", "1", "a", "1" },
		{ "b c", "d e", "b+c", "d%20e" },
		{ "x", "y=z", "x", "y=z" },
		{ "alone", "", "alone", "" },
		{ "empty", "", "empty", "" },
		{ "", "noname", "", "noname" },
		{ "p", "100%", "p", "100%" },
		{ "&", "=", "%26", "%3d" },
	};
	struct query	q;
	size_t		i;

	q = parse("&a=1&b+c=d%20e&&x=y=z&alone&empty=&=noname&p=100%&%26=%3d"
	    "&");
	ck_assert_uint_eq(q.n, COUNT(t));
	for (i = 0; i < q.n; i++) {
		check_bytes(q.v[i].name, q.v[i].name_len, t[i].name);
		check_bytes(q.v[i].value, q.v[i].value_len, t[i].value);
		check_bytes(q.v[i].raw_name.p, q.v[i].raw_name.len,
		    t[i].raw_name);
		check_bytes(q.v[i].raw_value.p, q.v[i].raw_value.len,
		    t[i].raw_value);
		/* both end in a NUL of their own */
		ck_assert_uint_eq(strlen(q.v[i].name), q.v[i].name_len);
		ck_assert_uint_eq(strlen(q.v[i].value), q.v[i].value_len);
	}
	q = parse("");
	ck_assert_uint_eq(q.n, 0);
	q = parse("&&&");
	ck_assert_uint_eq(q.n, 0);
}
END_TEST

START_TEST(a_nul_ends_no_name)
{
	struct query	q = parse("meetingID%00x=evil&meetingID=good");

	ck_assert_str_eq(query_get(&q, "meetingID"), "good");
	ck_assert_uint_eq(q.v[0].name_len, 11);
	ck_assert(!query_name_ok(&q.v[0]));
	query_unique(&q);
	ck_assert_uint_eq(q.n, 2);
	q = parse("meta_a%00b=1&meta_A%00c=2");
	query_unique(&q);
	ck_assert_uint_eq(q.n, 2);
	q = parse("a=%00b");
	ck_assert_uint_eq(q.v[0].value_len, 2);
	ck_assert_mem_eq(q.v[0].value, "\0b", 3);
}
END_TEST

START_TEST(case_is_ignored_only_where_bbb_does)
{
	static const struct {
		const char	*a, *b;
		bool		 same;
	} t[] = {
		{ "meetingID", "meetingID", true },
		{ "meetingID", "meetingid", false },
		{ "meta_endCallbackUrl", "meta_endcallbackurl", true },
		{ "meta_a", "META_a", false },
		{ "META_a", "META_A", false },
		{ "plugin_aB", "plugin_Ab", true },
		{ "userdata-Ab", "userdata-ab", false },
		{ "meta_", "meta_a", false },
		{ "meta_ab", "meta_a", false },
		{ "metaX_a", "metaX_A", false },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_msg(query_same_name(t[i].a, t[i].b) == t[i].same,
		    "%s %s", t[i].a, t[i].b);
		ck_assert(query_same_name(t[i].b, t[i].a) == t[i].same);
	}
}
END_TEST

START_TEST(the_first_of_a_name_counts)
{
	struct query	q = parse("a=1&A=2&a=3&meta_X=4&meta_x=5");

	ck_assert_str_eq(query_get(&q, "a"), "1");
	ck_assert_str_eq(query_get(&q, "A"), "2");
	ck_assert_str_eq(query_get(&q, "meta_x"), "4");
	ck_assert_ptr_null(query_get(&q, "b"));
	ck_assert_ptr_null(query_find(&q, ""));
	query_unique(&q);
	check_written(&q, "a=1&A=2&meta_X=4");
}
END_TEST

START_TEST(set_replaces_drops_or_appends)
{
	struct query	q = parse("a=1&b=2&a=3&meta_X=4&meta_x=5");

	query_set(&q, "a", "n w");
	query_set(&q, "meta_x", "6");
	query_set(&q, "c", "&=\xc3\xbc");
	check_written(&q, "a=n+w&b=2&meta_x=6&c=%26%3D%C3%BC");
	query_drop(&q, "b");
	query_drop(&q, "META_X");
	query_drop(&q, "meta_X");
	check_written(&q, "a=n+w&c=%26%3D%C3%BC");
	ck_assert_str_eq(query_get(&q, "c"), "&=\xc3\xbc");
}
END_TEST

START_TEST(what_is_set_is_copied)
{
	char		name[] = "n", value[] = "v";
	struct query	q = parse("");

	query_set(&q, name, value);
	name[0] = value[0] = 'x';
	check_written(&q, "n=v");
}
END_TEST

START_TEST(many_can_be_appended)
{
	struct query	q = parse("first=1");
	char		name[16];
	int		i;

	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		query_set(&q, name, "v");
	}
	ck_assert_uint_eq(q.n, 1001);
	ck_assert_str_eq(q.v[0].value, "1");
	ck_assert_str_eq(q.v[1000].name, "p999");
}
END_TEST

START_TEST(names_that_may_be_sent)
{
	static const char *const	bad[] = {
		"%20", "a+b", "a%2", "%C3%BC", "a%26b", "a[]", "=x", "a~",
		"a*", "a%0a", "a/b", "a:b",
	};
	struct query			q;
	size_t				i;

	q = parse("abc=&A-b_c.9=&_=&meta_bbb-origin");
	for (i = 0; i < q.n; i++)
		ck_assert(query_name_ok(&q.v[i]));
	for (i = 0; i < COUNT(bad); i++) {
		q = parse(bad[i]);
		ck_assert_msg(!query_name_ok(&q.v[0]), "%s", bad[i]);
	}
}
END_TEST

START_TEST(clean_values_stay_and_others_are_encoded_anew)
{
	static const struct {
		const char	*raw, *written;
	} t[] = {
		{ "a=b+c%20d%c3%BC", "a=b+c%20d%c3%BC" },
		{ "a=-_.~!'()*+,:;@/?$", "a=-_.~!'()*+,:;@/?$" },
		{ "a=AZaz09", "a=AZaz09" },
		{ "a=%00%0d%0A", "a=%00%0d%0A" },
		{ "a", "a=" },
		{ "a=", "a=" },
		{ "=v", "=v" },
		{ "a=b=c", "a=b%3Dc" },
		{ "a=100%", "a=100%25" },
		{ "a=%4", "a=%254" },
		{ "a=%zz+%41", "a=%25zz+A" },
		{ "a=x#y", "a=x%23y" },
		{ "a=\"<>\"", "a=%22%3C%3E%22" },
		{ "a=b c", "a=b+c" },
		{ "a=\r\nb", "a=%0D%0Ab" },
		{ "a=\x01\x7f", "a=%01%7F" },
		{ "a=\xc3\xbc", "a=%C3%BC" },
		{ "a=\\^`{|}[]", "a=%5C%5E%60%7B%7C%7D%5B%5D" },
		{ "a b%26c=d", "a+b%26c=d" },
		{ "%6d%65=x", "me=x" },
		{ "&&a=1&&b=2&", "a=1&b=2" },
	};
	struct query	q;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		q = parse(t[i].raw);
		check_written(&q, t[i].written);
	}
}
END_TEST

START_TEST(each_byte_is_clean_or_not)
{
	static const char	clean[] = "-._~!'()*+,:;@/?$0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	struct query		q;
	struct buf		b = { NULL, 0, 0 };
	char			raw[4] = "x=";
	int			c;

	for (c = 0; c < 256; c++) {
		if (c == '&')
			continue;
		raw[2] = (char)c;
		ck_assert_int_eq(query_parse(arena, (struct view){ raw, 3 },
		    9, &q, &err), 0);
		buf_reset(&b);
		query_write(&q, &b);
		if (c != 0 && strchr(clean, c) != NULL)
			ck_assert_mem_eq(b.data, raw, 3);
		else if (c == ' ')
			check_bytes(b.data, b.len, "x=+");
		else {
			ck_assert_uint_eq(b.len, 5);
			ck_assert_int_eq(b.data[2], '%');
		}
	}
	buf_free(&b);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		too_many_parameters_are_refused,
		pieces_are_split_and_decoded,
		a_nul_ends_no_name,
		case_is_ignored_only_where_bbb_does,
		the_first_of_a_name_counts,
		set_replaces_drops_or_appends,
		what_is_set_is_copied,
		many_can_be_appended,
		names_that_may_be_sent,
		clean_values_stay_and_others_are_encoded_anew,
		each_byte_is_clean_or_not,
	};

	return unit_run("query", tests, COUNT(tests));
}
