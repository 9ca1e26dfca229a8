/*
 * Files of the environment, and the address of the server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "environment.h"
#include "unit.h"

static void
load(const char *text)
{
	char	 path[] = "/tmp/b3scale-env-XXXXXX";
	int	 fd = mkstemp(path);
	FILE	*f;

	ck_assert_ptr_nonnull(f = fdopen(fd, "w"));
	fputs(text, f);
	fclose(f);
	environment_file(path);
	unlink(path);
}

START_TEST(lines)
{
	setenv("B3T_KEPT", "old", 1);
	setenv("B3T_A", "old", 1);
	load("# B3T_KEPT=new\nno line\n\nB3T_A=1\n B3T_B = \" two \" \n"
	    "B3T_C='x=y'\nB3T_D=\nB3T_E=last");
	ck_assert_str_eq(getenv("B3T_KEPT"), "old");
	ck_assert_str_eq(getenv("B3T_A"), "1");
	ck_assert_str_eq(getenv("B3T_B"), " two ");
	ck_assert_str_eq(getenv("B3T_C"), "x=y");
	ck_assert_str_eq(getenv("B3T_D"), "");
	ck_assert_str_eq(getenv("B3T_E"), "last");
}
END_TEST

static void
address(const char *given, const char *url)
{
	struct ctl	c = { .arena = arena };

	err_clear(&err);
	setenv("B3SCALE_DB_URL", "none", 1);
	if (given == NULL)
		unsetenv("B3SCALE_API_URL");
	else
		setenv("B3SCALE_API_URL", given, 1);
	ck_assert_int_eq(environment_load(&c, &err), url == NULL ? -1 : 0);
	if (url != NULL)
		ck_assert_str_eq(c.url, url);
	else
		ck_assert_ptr_nonnull(strstr(err.text, "is no address"));
}

START_TEST(addresses)
{
	address("b3scale.example.org", NULL);
	address("ftp://a", NULL);
	address("http://a b", NULL);
	address("http://a/?x", NULL);
	address(NULL, "http://127.0.0.1:42353");
	address("", "http://127.0.0.1:42353");
	address("https://a", "https://a");
	address("https://a//", "https://a");
	address("https://a/api/v1", "https://a");
	address("https://a/api/v1/", "https://a");
	address("https://a/sub", "https://a/sub");
}
END_TEST

START_TEST(an_option_comes_first)
{
	struct ctl	c = { .arena = arena };

	setenv("B3SCALE_DB_URL", "none", 1);
	setenv("B3SCALE_API_URL", "http://a", 1);
	c.opt[OPT_API] = "http://b/";
	ck_assert_int_eq(environment_load(&c, &err), 0);
	ck_assert_str_eq(c.url, "http://b");
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		lines, addresses,
		an_option_comes_first,
	};

	return unit_run("environment", tests, COUNT(tests));
}
