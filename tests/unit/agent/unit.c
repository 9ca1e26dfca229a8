/*
 * An arena before each test, and the suite's run.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "unit.h"

struct arena	*arena;
struct err	 err;

static void
setup(void)
{
	arena = arena_new();
	err_clear(&err);
}

static void
teardown(void)
{
	arena_free(arena);
}

struct view
view_of(const char *s)
{
	struct view	 v = { s, strlen(s) };

	return v;
}

int
unit_run(const char *name, const TTest *const *tests, size_t n)
{
	Suite	*s = suite_create(name);
	TCase	*tc = tcase_create(name);
	SRunner	*sr;
	size_t	 i;
	int	 failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	for (i = 0; i < n; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
