/*
 * Tests of base/mem: nothing allocated is ever NULL.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"

/* The compiler would warn of these sizes if it saw them. */
static volatile size_t	huge = SIZE_MAX / 2 + 1;

START_TEST(too_much_ends_the_process)
{
	free(xmalloc(huge));
}
END_TEST

START_TEST(a_product_that_overflows_ends_the_process)
{
	free(xcalloc(huge, 2));
}
END_TEST

START_TEST(a_regrown_product_that_overflows_ends_the_process)
{
	free(xrealloc(NULL, huge, 2));
}
END_TEST

START_TEST(no_bytes_are_still_a_pointer)
{
	void	*p[4] = { xmalloc(0), xcalloc(0, 8), xcalloc(8, 0),
		    xrealloc(NULL, 0, 0) };
	size_t	 i;

	for (i = 0; i < 4; i++) {
		ck_assert_ptr_nonnull(p[i]);
		free(p[i]);
	}
}
END_TEST

START_TEST(calloc_gives_zeroes)
{
	static const char	zero[300];
	char			*p = xcalloc(3, 100);

	ck_assert_mem_eq(p, zero, sizeof(zero));
	free(p);
}
END_TEST

START_TEST(realloc_keeps_the_bytes)
{
	char	*p = xstrdup("kept");

	p = xrealloc(p, 1000, 10);
	ck_assert_str_eq(p, "kept");
	memset(p, 'x', 10000);
	free(p);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("mem");
	TCase	*tc = tcase_create("mem");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_exit_test(tc, too_much_ends_the_process, EX_OSERR);
	tcase_add_exit_test(tc, a_product_that_overflows_ends_the_process,
	    EX_OSERR);
	tcase_add_exit_test(tc,
	    a_regrown_product_that_overflows_ends_the_process, EX_OSERR);
	tcase_add_test(tc, no_bytes_are_still_a_pointer);
	tcase_add_test(tc, calloc_gives_zeroes);
	tcase_add_test(tc, realloc_keeps_the_bytes);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
