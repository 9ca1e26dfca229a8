/*
 * Tests of base/buf: bytes that grow.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"

static volatile size_t	huge = SIZE_MAX - 8;
static struct buf	b;

static void
teardown(void)
{
	buf_free(&b);
}

START_TEST(too_much_ends_the_process)
{
	buf_add(&b, "x", huge);
}
END_TEST

START_TEST(a_sum_that_overflows_ends_the_process)
{
	buf_adds(&b, "0123456789");
	buf_add(&b, "x", huge);
}
END_TEST

START_TEST(free_takes_null_and_the_empty)
{
	buf_free(NULL);
	buf_free(&b);
	buf_reset(&b);
	ck_assert_ptr_null(b.data);
	ck_assert_str_eq(buf_str(&b), "");
}
END_TEST

START_TEST(nothing_added_allocates_nothing)
{
	buf_add(&b, NULL, 0);
	buf_adds(&b, "");
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

START_TEST(bytes_are_kept_in_order)
{
	buf_adds(&b, "ab");
	buf_addc(&b, 'c');
	buf_addc(&b, '\0');
	buf_add(&b, "d\0e", 3);
	buf_printf(&b, "%s=%d", "f", -7);
	ck_assert_uint_eq(b.len, 11);
	ck_assert_mem_eq(b.data, "abc\0d\0ef=-7", 12);
}
END_TEST

/* After each byte up to several growths: contents, NUL, room. */
START_TEST(a_nul_follows_at_each_length)
{
	size_t	i;

	for (i = 0; i < 5000; i++) {
		buf_addc(&b, (char)('a' + i % 26));
		ck_assert_uint_eq(b.len, i + 1);
		ck_assert_uint_lt(b.len, b.cap);
		ck_assert_int_eq(b.data[b.len], '\0');
	}
	for (i = 0; i < 5000; i++)
		ck_assert_int_eq(b.data[i], (char)('a' + i % 26));
}
END_TEST

START_TEST(printf_fits_any_length)
{
	size_t	before;
	int	i;

	for (i = 0; i < 700; i++) {
		before = b.len;
		buf_printf(&b, "%*s|", i, "");
		ck_assert_uint_eq(b.len, before + (size_t)i + 1);
		ck_assert_uint_eq(strlen(b.data), b.len);
		ck_assert_int_eq(b.data[b.len - 1], '|');
	}
}
END_TEST

/* Room as it is, a byte less and a byte more than the text needs. */
START_TEST(printf_at_the_end_of_the_room)
{
	int	more, room;

	for (more = -2; more <= 2; more++) {
		buf_free(&b);
		buf_adds(&b, "x");
		room = (int)(b.cap - b.len);
		buf_printf(&b, "%*d", room + more, 7);
		ck_assert_uint_eq(b.len, (size_t)(1 + room + more));
		ck_assert_uint_lt(b.len, b.cap);
		ck_assert_int_eq(b.data[b.len - 1], '7');
		ck_assert_int_eq(b.data[b.len], '\0');
	}
}
END_TEST

START_TEST(printf_of_nothing_is_an_empty_text)
{
	buf_printf(&b, "%s", "");
	ck_assert_uint_eq(b.len, 0);
	ck_assert_str_eq(buf_str(&b), "");
}
END_TEST

START_TEST(reset_keeps_the_memory)
{
	const char	*data;
	size_t		 cap;

	buf_printf(&b, "%4000d", 1);
	data = b.data;
	cap = b.cap;
	buf_reset(&b);
	ck_assert_str_eq(buf_str(&b), "");
	ck_assert_str_eq(b.data, "");
	buf_adds(&b, "new");
	ck_assert_ptr_eq(b.data, data);
	ck_assert_uint_eq(b.cap, cap);
	ck_assert_str_eq(buf_str(&b), "new");
}
END_TEST

START_TEST(a_freed_buf_may_be_used_again)
{
	buf_adds(&b, "old");
	buf_free(&b);
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.cap, 0);
	buf_adds(&b, "new");
	ck_assert_str_eq(buf_str(&b), "new");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("buf");
	TCase	*tc = tcase_create("buf");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_exit_test(tc, too_much_ends_the_process, EX_OSERR);
	tcase_add_exit_test(tc, a_sum_that_overflows_ends_the_process,
	    EX_OSERR);
	tcase_add_test(tc, free_takes_null_and_the_empty);
	tcase_add_test(tc, nothing_added_allocates_nothing);
	tcase_add_test(tc, bytes_are_kept_in_order);
	tcase_add_test(tc, a_nul_follows_at_each_length);
	tcase_add_test(tc, printf_fits_any_length);
	tcase_add_test(tc, printf_at_the_end_of_the_room);
	tcase_add_test(tc, printf_of_nothing_is_an_empty_text);
	tcase_add_test(tc, reset_keeps_the_memory);
	tcase_add_test(tc, a_freed_buf_may_be_used_again);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
