/*
 * Tests of base/str: small questions about text.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A row of bytes that holds NULs, too. */
#define BYTES(s)	(s), sizeof(s) - 1

START_TEST(what_is_no_number_is_refused)
{
	static const char *const	bad[] = {
		"", "-", " 1", "1 ", "+1", "--1", "1-", "0x10", "1e3", "1.0",
		"a", "12a", "\t1", "1\n", "\xd9\xa1",
		"9223372036854775808", "-9223372036854775809",
		"92233720368547758070", "99999999999999999999999999",
	};
	long long			n = 77;
	size_t				i;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(str_to_ll(bad[i], &n) == -1 && n == 77,
		    "'%s' became %lld", bad[i], n);
}
END_TEST

START_TEST(whole_numbers_are_read)
{
	static const struct {
		const char	*text;
		long long	 n;
	} t[] = {
		{ "0", 0 }, { "-0", 0 }, { "7", 7 }, { "-7", -7 },
		{ "007", 7 }, { "0000000000000000000000001", 1 },
		{ "9223372036854775807", LLONG_MAX },
		{ "-9223372036854775807", -LLONG_MAX },
		{ "-9223372036854775808", LLONG_MIN },
	};
	long long	n;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_int_eq(str_to_ll(t[i].text, &n), 0);
		ck_assert_int_eq(n, t[i].n);
	}
}
END_TEST

START_TEST(equal_ct_sees_each_difference)
{
	char	a[40], b[40];
	size_t	i;

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	for (i = 0; i < sizeof(a); i++) {
		b[i] = 'y';
		ck_assert(!str_equal_ct(a, sizeof(a), b, sizeof(b)));
		b[i] = (char)('x' | 0x80);
		ck_assert(!str_equal_ct(a, sizeof(a), b, sizeof(b)));
		b[i] = 'x';
	}
	ck_assert(str_equal_ct(a, sizeof(a), b, sizeof(b)));
	ck_assert(!str_equal_ct(a, sizeof(a), b, sizeof(b) - 1));
	ck_assert(!str_equal_ct(a, 0, b, 1));
	ck_assert(!str_equal_ct(NULL, 0, b, 1));
	ck_assert(str_equal_ct(NULL, 0, b, 0));
	ck_assert(!str_equal_ct(BYTES("a\0b"), BYTES("a\0c")));
}
END_TEST

START_TEST(a_copy_that_does_not_fit_is_cut_and_said)
{
	char	d[5];

	memset(d, 'z', sizeof(d));
	ck_assert_int_eq(str_copy(d, 0, "abc"), -1);
	ck_assert_int_eq(d[0], 'z');
	ck_assert_int_eq(str_copy(d, 1, "a"), -1);
	ck_assert_str_eq(d, "");
	ck_assert_int_eq(str_copy(d, sizeof(d), "abcde"), -1);
	ck_assert_str_eq(d, "abcd");
	ck_assert_int_eq(str_copy(d, sizeof(d), "wxyz"), 0);
	ck_assert_str_eq(d, "wxyz");
	ck_assert_int_eq(str_copy(d, 1, ""), 0);
	ck_assert_str_eq(d, "");
}
END_TEST

START_TEST(hex_is_lower_case)
{
	char	d[13];

	memset(d, 'z', sizeof(d));
	str_hex(d, "\x00\x01\x7f\x80\xab\xff", 6);
	ck_assert_str_eq(d, "00017f80abff");
	str_hex(d, NULL, 0);
	ck_assert_str_eq(d, "");
}
END_TEST

START_TEST(ieq_ignores_the_case_of_ascii_only)
{
	static const struct {
		const char	*a, *b;
		bool		 equal;
	} t[] = {
		{ "", "", true }, { "aZ09_", "Az09_", true },
		{ "a", "", false }, { "", "a", false }, { "ab", "a", false },
		{ "a", "ab", false }, { "a", "b", false },
		{ "@", "`", false }, { "[", "{", false },
		{ "\xc3\xa4", "\xc3\x84", false },	/* ä, Ä */
		{ "\xc3\xa4", "\xc3\xa4", true },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++)
		ck_assert_msg(str_ieq(t[i].a, t[i].b) == t[i].equal,
		    "'%s' and '%s'", t[i].a, t[i].b);
}
END_TEST

START_TEST(starts_compares_the_whole_prefix)
{
	ck_assert(!str_starts("", "a"));
	ck_assert(!str_starts("a", "ab"));
	ck_assert(!str_starts("ba", "a"));
	ck_assert(!str_starts("Ab", "a"));
	ck_assert(str_starts("", ""));
	ck_assert(str_starts("ab", ""));
	ck_assert(str_starts("ab", "ab"));
	ck_assert(str_starts("abc", "ab"));
}
END_TEST

START_TEST(trim_takes_outer_blanks_only)
{
	static const struct {
		const char	*in;
		size_t		 in_len;
		const char	*out;
	} t[] = {
		{ BYTES(""), "" }, { BYTES("  \t\r\n"), "" },
		{ BYTES(" a b "), "a b" }, { BYTES("a"), "a" },
		{ BYTES("\0\x01 a\x1f\0"), "a" },
		/* bytes above 127 are no blanks, whatever char's sign */
		{ BYTES(" \xc3\xa4 "), "\xc3\xa4" },
		{ BYTES("\x80"), "\x80" }, { BYTES("\x7f"), "\x7f" },
	};
	struct view	v;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		v = str_trim((struct view){ t[i].in, t[i].in_len });
		ck_assert_uint_eq(v.len, strlen(t[i].out));
		ck_assert_mem_eq(v.p, t[i].out, v.len);
	}
	v = str_trim((struct view){ NULL, 0 });
	ck_assert_uint_eq(v.len, 0);
}
END_TEST

/* Each row is one sequence that is no character: it counts a unit a byte. */
START_TEST(bad_utf8_is_seen)
{
	static const struct {
		const char	*s;
		size_t		 len;
	} t[] = {
		{ BYTES("\x80") },			/* no beginning */
		{ BYTES("\xbf") },
		{ BYTES("\xc3") },			/* cut short */
		{ BYTES("\xe2\x82") },
		{ BYTES("\xf0\x9f\x98") },
		{ BYTES("\xc0\x80") },			/* overlong */
		{ BYTES("\xc1\xbf") },
		{ BYTES("\xe0\x80\x80") },
		{ BYTES("\xe0\x9f\xbf") },
		{ BYTES("\xf0\x80\x80\x80") },
		{ BYTES("\xf0\x8f\xbf\xbf") },
		{ BYTES("\xed\xa0\x80") },		/* surrogates */
		{ BYTES("\xed\xbf\xbf") },
		{ BYTES("\xf4\x90\x80\x80") },		/* above U+10FFFF */
		{ BYTES("\xf5\x80\x80\x80") },
		{ BYTES("\xf8\x88\x80\x80\x80") },
		{ BYTES("\xfe") }, { BYTES("\xff") },
	};
	unsigned int	cp;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_uint_eq(str_utf8_next(t[i].s, t[i].len, &cp), 0);
		ck_assert(!str_utf8_valid(t[i].s, t[i].len));
		ck_assert_uint_eq(str_utf16_len(t[i].s, t[i].len), t[i].len);
	}
	ck_assert(!str_utf8_valid(BYTES("ok \xc3( ok")));
	ck_assert_uint_eq(str_utf16_len(BYTES("a\xc3(b")), 4);
	ck_assert_uint_eq(str_utf8_next("", 0, &cp), 0);
}
END_TEST

START_TEST(good_utf8_is_counted_as_utf16)
{
	static const struct {
		const char	*s;
		size_t		 len;
		unsigned int	 cp;	/* of the first character */
		size_t		 units;
	} t[] = {
		{ BYTES("\0"),			0,		1 },
		{ BYTES("A"),			'A',		1 },
		{ BYTES("\x7f"),		0x7f,		1 },
		{ BYTES("\xc2\x80"),		0x80,		1 },
		{ BYTES("\xdf\xbf"),		0x7ff,		1 },
		{ BYTES("\xe0\xa0\x80"),	0x800,		1 },
		{ BYTES("\xed\x9f\xbf"),	0xd7ff,		1 },
		{ BYTES("\xee\x80\x80"),	0xe000,		1 },
		{ BYTES("\xef\xbf\xbf"),	0xffff,		1 },
		{ BYTES("\xf0\x90\x80\x80"),	0x10000,	2 },
		{ BYTES("\xf4\x8f\xbf\xbf"),	0x10ffff,	2 },
		{ BYTES("\xf0\x9f\x98\x80 \xc3\xa4z"), 0x1f600,	5 },
	};
	unsigned int	cp;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_uint_gt(str_utf8_next(t[i].s, t[i].len, &cp), 0);
		ck_assert_uint_eq(cp, t[i].cp);
		ck_assert(str_utf8_valid(t[i].s, t[i].len));
		ck_assert_uint_eq(str_utf16_len(t[i].s, t[i].len), t[i].units);
	}
	ck_assert(str_utf8_valid(NULL, 0));
	ck_assert_uint_eq(str_utf16_len(NULL, 0), 0);
}
END_TEST

/* Characters of 1, 2, 3 and 4 bytes, which end at 1, 3, 6 and 10. */
START_TEST(cut_never_ends_inside_a_character)
{
	static const char	s[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	static const size_t	want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };
	size_t			i;

	ck_assert_uint_eq(sizeof(s) - 1, COUNT(want) - 1);
	for (i = 0; i < COUNT(want); i++)
		ck_assert_uint_eq(str_utf8_cut(s, i), want[i]);
	/* what is no UTF-8 is left as it is */
	ck_assert_uint_eq(str_utf8_cut(BYTES("\x80\x80\x80\x80\x80")), 5);
	ck_assert_uint_eq(str_utf8_cut(BYTES("\x80")), 1);
	ck_assert_uint_eq(str_utf8_cut(BYTES("a\xff")), 2);
}
END_TEST

START_TEST(what_is_no_utf8_becomes_the_unknown_character)
{
	static const struct {
		const char	*from, *to;
	} cases[] = {
		{ "", "" },
		{ "\xff", "\xef\xbf\xbd" },
		{ "a\xc3z", "a\xef\xbf\xbdz" },
		{ "\xc3\xa4\xfe\xff\xc3\xa4",
		    "\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4" },
		{ "ab\xe2\x82", "ab\xef\xbf\xbd\xef\xbf\xbd" },
	};
	static const char	 good[] = "\xe2\x82\xac";
	struct arena		*a = arena_new();
	size_t			 i;

	for (i = 0; i < COUNT(cases); i++)
		ck_assert_str_eq(str_utf8_clean(a, cases[i].from),
		    cases[i].to);
	ck_assert_ptr_eq(str_utf8_clean(a, good), good);
	arena_free(a);
}
END_TEST

START_TEST(a_uuid_has_one_form)
{
	static const char *const	bad[] = {
		"", "0", "01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdef0",
		"01234567-89ab-cdef-0123-456789abcdeg",
		"0123456789abcdef0123456789abcdef",
		"012345678-9ab-cdef-0123-456789abcdef",
		"{1234567-89ab-cdef-0123-456789abcde}",
	};
	size_t				i;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!str_is_uuid(bad[i]), "%s", bad[i]);
	ck_assert(str_is_uuid("01234567-89ab-cdef-0123-456789abcdef"));
	ck_assert(str_is_uuid("01234567-89AB-CDEF-0123-456789ABCDEF"));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("str");
	TCase	*tc = tcase_create("str");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_test(tc, what_is_no_number_is_refused);
	tcase_add_test(tc, whole_numbers_are_read);
	tcase_add_test(tc, equal_ct_sees_each_difference);
	tcase_add_test(tc, a_copy_that_does_not_fit_is_cut_and_said);
	tcase_add_test(tc, hex_is_lower_case);
	tcase_add_test(tc, ieq_ignores_the_case_of_ascii_only);
	tcase_add_test(tc, starts_compares_the_whole_prefix);
	tcase_add_test(tc, a_uuid_has_one_form);
	tcase_add_test(tc, trim_takes_outer_blanks_only);
	tcase_add_test(tc, bad_utf8_is_seen);
	tcase_add_test(tc, good_utf8_is_counted_as_utf16);
	tcase_add_test(tc, cut_never_ends_inside_a_character);
	tcase_add_test(tc, what_is_no_utf8_becomes_the_unknown_character);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
