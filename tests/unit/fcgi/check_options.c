/*
 * The command line: what it takes, and what it says to the rest.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/options.h"

#define USAGE	"usage: b3scale-fcgi [-nV] [-f file]\n"

/* Parses "b3scale-fcgi ARGS"; what it wrote to stderr ends up in said. */
static int
parse(struct options *o, char *said, size_t size, const char *args)
{
	static char	 line[128];	/* options point into it */
	char		*argv[8] = { NULL }, *save;
	int		 argc = 0, rc, was;
	FILE		*fp = tmpfile();
	size_t		 n;

	ck_assert_ptr_nonnull(fp);
	snprintf(line, sizeof(line), "b3scale-fcgi %s", args);
	for (argv[0] = strtok_r(line, " ", &save); argv[argc] != NULL;
	    argv[argc] = strtok_r(NULL, " ", &save))
		argc++;
	was = dup(STDERR_FILENO);
	dup2(fileno(fp), STDERR_FILENO);
	rc = options_parse(o, argc, argv);
	fflush(stderr);
	dup2(was, STDERR_FILENO);
	close(was);
	rewind(fp);
	n = fread(said, 1, size - 1, fp);
	said[n] = '\0';
	fclose(fp);
	return rc;
}

static const struct {
	const char	*args;
	const char	*said;
} bad[] = {
	{ "-x", "b3scale-fcgi: invalid option -- 'x'\n" USAGE },
	{ "-f", "b3scale-fcgi: option requires an argument -- 'f'\n" USAGE },
	{ "start", "b3scale-fcgi: unexpected argument 'start'\n" USAGE },
	{ "-n b3scale.conf",
	    "b3scale-fcgi: unexpected argument 'b3scale.conf'\n" USAGE },
};

START_TEST(what_is_wrong_is_said)
{
	struct options	o;
	char		said[256];

	ck_assert_int_eq(parse(&o, said, sizeof(said), bad[_i].args), -1);
	ck_assert_str_eq(said, bad[_i].said);
}
END_TEST

START_TEST(nothing_means_work_with_the_installed_file)
{
	struct options	o;
	char		said[256];

	ck_assert_int_eq(parse(&o, said, sizeof(said), ""), 0);
	ck_assert_str_eq(said, "");
	ck_assert_ptr_null(o.config);
	ck_assert(!o.check);
	ck_assert(!o.version);
}
END_TEST

START_TEST(all_options_are_taken)
{
	struct options	o;
	char		said[256];

	ck_assert_int_eq(parse(&o, said, sizeof(said), "-nVf a.conf"), 0);
	ck_assert_str_eq(o.config, "a.conf");
	ck_assert(o.check);
	ck_assert(o.version);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("options");
	TCase	*t = tcase_create("options");
	SRunner	*r;
	int	 failed;

	tcase_add_loop_test(t, what_is_wrong_is_said, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, nothing_means_work_with_the_installed_file);
	tcase_add_test(t, all_options_are_taken);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
