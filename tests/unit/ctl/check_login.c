/*
 * Where tokens are kept, and which one is taken.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "login.h"
#include "unit.h"

static void
check(const char *url, const char *name)
{
	ck_assert_str_eq(login_file_name(arena, url), name);
}

START_TEST(names_of_files)
{
	check("https://api.example.org", "https_api.example.org.access_token");
	check("http://127.0.0.1:42353", "http_127.0.0.1_42353.access_token");
	check("http://a/b_c--d", "http_a_b_c_d.access_token");
	/* no way out of the folder */
	check("http://a/../../etc", "http_a_.._.._etc.access_token");
}
END_TEST

/* A folder of its own with the bytes as the token of http://a. */
static const char *
keep(const char *bytes)
{
	static char	 dir[32];
	char		*path;
	FILE		*f;

	snprintf(dir, sizeof(dir), "/tmp/b3scale-login-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = arena_printf(arena, "%s/b3scale", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	path = arena_printf(arena, "%s/http_a.access_token", path);
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	fputs(bytes, f);
	fclose(f);
	return dir;
}

static void
forget(const char *dir)
{
	unlink(arena_printf(arena, "%s/b3scale/http_a.access_token", dir));
	rmdir(arena_printf(arena, "%s/b3scale", dir));
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
check_token(const char *bytes, const char *token)
{
	struct ctl	 c = { .arena = arena, .url = "http://a" };
	const char	*dir = keep(bytes);

	setenv("XDG_CONFIG_HOME", dir, 1);
	unsetenv("B3SCALE_API_JWT_SECRET");
	ck_assert_int_eq(login_known(&c), token != NULL);
	if (token != NULL)
		ck_assert_str_eq(c.token, token);
	forget(dir);
}

START_TEST(what_is_none)
{
	check_token("", NULL);
	check_token(" \n\n", NULL);
	check_token("one\ntwo", NULL);
}
END_TEST

START_TEST(the_end_of_a_line_is_no_part_of_it)
{
	check_token("abc", "abc");
	check_token("abc\n", "abc");
	check_token(" abc\r\n\n", "abc");
}
END_TEST

START_TEST(a_secret_comes_before_a_file)
{
	struct ctl	 c = { .arena = arena, .url = "http://a" };
	const char	*dir = keep("abc");

	setenv("XDG_CONFIG_HOME", dir, 1);
	setenv("B3SCALE_API_JWT_SECRET", "s", 1);
	ck_assert(login_known(&c));
	ck_assert(str_starts(c.token, "eyJ"));
	setenv("B3SCALE_API_JWT_SECRET", "", 1);
	ck_assert(login_known(&c));
	ck_assert_str_eq(c.token, "abc");
	forget(dir);
}
END_TEST

START_TEST(no_home)
{
	struct ctl	c = { .arena = arena, .url = "http://a" };

	unsetenv("B3SCALE_API_JWT_SECRET");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	ck_assert(!login_known(&c));
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		names_of_files, what_is_none,
		the_end_of_a_line_is_no_part_of_it,
		a_secret_comes_before_a_file, no_home,
	};

	return unit_run("login", tests, COUNT(tests));
}
