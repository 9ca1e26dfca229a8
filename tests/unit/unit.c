/*
 * What programs of tests share.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

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

struct view
fixture(const char *name)
{
	char		*path = arena_printf(arena, FIXTURES "/%s", name);
	FILE		*f = fopen(path, "r");
	struct view	 v;
	char		*p;
	long		 len;

	ck_assert_msg(f != NULL, "%s is missing", path);
	ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
	len = ftell(f);
	rewind(f);
	p = arena_alloc(arena, (size_t)len + 1);
	v.p = p;
	v.len = fread(p, 1, (size_t)len, f);
	p[v.len] = '\0';
	ck_assert_int_eq((long)v.len, len);
	fclose(f);
	return v;
}

void
check_bytes(const char *got, size_t len, const char *want)
{
	ck_assert_msg(len == strlen(want) && memcmp(got, want, len) == 0,
	    "got \"%.*s\", want \"%s\"", (int)len, got, want);
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
	tcase_set_timeout(tc, 60);
	for (i = 0; i < n; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
