/*
 * Which name was meant, and when none was.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

static const char *
meant(const char *typed, const char *const *names)
{
	struct nearest	n;

	nearest_begin(&n, typed, strlen(typed));
	for (; *names != NULL; names++)
		nearest_try(&n, *names, strlen(*names));
	return n.best;
}

START_TEST(far_is_not_near)
{
	static const char *const	names[] = { "show", "set", "delete",
					    "a", NULL };

	ck_assert_ptr_null(meant("xyzzy", names));
	ck_assert_ptr_null(meant("", names));
	ck_assert_ptr_null(meant("x", names));
	ck_assert_ptr_null(meant("what-is-this-meant-to-be", names));
}
END_TEST

START_TEST(one_letter_or_two)
{
	static const char *const	names[] = { "show", "secret",
					    "delete", "backends", NULL };

	ck_assert_str_eq(meant("shwo", names), "show");
	ck_assert_str_eq(meant("shw", names), "show");
	ck_assert_str_eq(meant("shoow", names), "show");
	ck_assert_str_eq(meant("secert", names), "secret");
	ck_assert_str_eq(meant("dlete", names), "delete");
	ck_assert_str_eq(meant("bakcends", names), "backends");
}
END_TEST

START_TEST(the_nearest_of_several)
{
	static const char *const	names[] = { "backends", "backend",
					    NULL };

	ck_assert_str_eq(meant("backnd", names), "backend");
	ck_assert_str_eq(meant("backnds", names), "backends");
}
END_TEST

START_TEST(what_was_only_begun)
{
	static const char *const	names[] = { "export-openapi-schema",
					    NULL };

	ck_assert_str_eq(meant("export-open", names),
	    "export-openapi-schema");
	ck_assert_ptr_null(meant("ex", names));
}
END_TEST

START_TEST(very_long_names_are_left_out)
{
	char		 typed[200];
	const char	*names[] = { typed, "show", NULL };

	memset(typed, 'a', sizeof(typed) - 1);
	typed[sizeof(typed) - 1] = '\0';
	ck_assert_ptr_null(meant(typed, names));
	ck_assert_str_eq(meant("shov", names), "show");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("nearest");
	TCase	*tc = tcase_create("nearest");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_test(tc, far_is_not_near);
	tcase_add_test(tc, one_letter_or_two);
	tcase_add_test(tc, the_nearest_of_several);
	tcase_add_test(tc, what_was_only_begun);
	tcase_add_test(tc, very_long_names_are_left_out);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
