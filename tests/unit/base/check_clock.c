/*
 * Tests of base/clock: times as text, and how much is left.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

START_TEST(a_time_that_was_never_below_zero)
{
	int64_t	now = clock_mono_ms();

	ck_assert_int_eq(clock_left_ms(now - 1), 0);
	ck_assert_int_eq(clock_left_ms(now), 0);
	ck_assert_int_eq(clock_left_ms(INT64_MIN), 0);
	ck_assert_int_eq(clock_left_ms(0), 0);
}
END_TEST

START_TEST(far_away_is_the_largest_int)
{
	ck_assert_int_eq(clock_left_ms(INT64_MAX), INT_MAX);
	ck_assert_int_eq(clock_left_ms(clock_mono_ms() + INT64_C(1) + INT_MAX +
	    60000), INT_MAX);
}
END_TEST

START_TEST(what_is_left_shrinks)
{
	int64_t	deadline = clock_mono_ms() + 60000;
	int	left = clock_left_ms(deadline);

	ck_assert_int_le(left, 60000);
	ck_assert_int_gt(left, 30000);
	ck_assert_int_le(clock_left_ms(deadline), left);
}
END_TEST

START_TEST(iso_of_known_times)
{
	static const struct {
		int64_t		 ms;
		const char	*text;
	} t[] = {
		{ 0,				"1970-01-01T00:00:00.000Z" },
		{ 1,				"1970-01-01T00:00:00.001Z" },
		{ -1,				"1969-12-31T23:59:59.999Z" },
		{ -1000,			"1969-12-31T23:59:59.000Z" },
		{ -1001,			"1969-12-31T23:59:58.999Z" },
		{ INT64_C(1731999600123),	"2024-11-19T07:00:00.123Z" },
		{ INT64_C(1709164799999),	"2024-02-28T23:59:59.999Z" },
		{ INT64_C(1709164800000),	"2024-02-29T00:00:00.000Z" },
		{ INT64_C(1735689599999),	"2024-12-31T23:59:59.999Z" },
		{ INT64_C(4102444800000),	"2100-01-01T00:00:00.000Z" },
		{ INT64_C(253402300799999),	"9999-12-31T23:59:59.999Z" },
		{ INT64_C(253402300800000),	"9999-12-31T23:59:59.999Z" },
		{ INT64_MAX,			"9999-12-31T23:59:59.999Z" },
		{ INT64_C(-62135596800000),	"0001-01-01T00:00:00.000Z" },
		{ INT64_MIN,			"0001-01-01T00:00:00.000Z" },
	};
	char	buf[CLOCK_ISO_LEN];
	size_t	i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert_ptr_eq(clock_iso(t[i].ms, buf), buf);
		ck_assert_str_eq(buf, t[i].text);
	}
}
END_TEST

START_TEST(iso_is_utc_wherever_we_are)
{
	char	buf[CLOCK_ISO_LEN];

	setenv("TZ", "Asia/Kolkata", 1);
	tzset();
	ck_assert_str_eq(clock_iso(0, buf), "1970-01-01T00:00:00.000Z");
}
END_TEST

START_TEST(the_wall_clock_is_the_systems)
{
	time_t	before = time(NULL);
	int64_t	ms = clock_wall_ms();
	time_t	after = time(NULL);

	/* time(2) may lag a tick behind clock_gettime(2) */
	ck_assert_int_ge(ms / 1000, before);
	ck_assert_int_le(ms / 1000, after + 1);
}
END_TEST

START_TEST(the_other_clock_never_goes_back)
{
	int64_t	last = clock_mono_us(), now, ms;
	int	i;

	for (i = 0; i < 1000; i++) {
		now = clock_mono_us();
		ck_assert_int_ge(now, last);
		last = now;
	}
	ms = clock_mono_ms();
	ck_assert_int_ge(ms, last / 1000);
	ck_assert_int_le(ms, last / 1000 + 10000);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("clock");
	TCase	*tc = tcase_create("clock");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_test(tc, a_time_that_was_never_below_zero);
	tcase_add_test(tc, far_away_is_the_largest_int);
	tcase_add_test(tc, what_is_left_shrinks);
	tcase_add_test(tc, iso_of_known_times);
	tcase_add_test(tc, iso_is_utc_wherever_we_are);
	tcase_add_test(tc, the_wall_clock_is_the_systems);
	tcase_add_test(tc, the_other_clock_never_goes_back);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
