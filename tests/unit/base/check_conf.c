/*
 * Tests of base/conf: each refusal with its exact text, then values.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>

#include <check.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

struct sample {
	char		*url;
	char		*unset;
	int		 workers;
	double		 factor;
	bool		 replica;
	int		 timeout_ms;
	int		 interval_ms;
	long long	 body_max;
	int		 level;
	int		 any;
};

static const char *const words[] = { "error", "warn", "info", NULL };

#define KEY(member, type, def, env, env2, min, max, unit, words)	\
	{ #member, type, offsetof(struct sample, member), def, env,	\
	    env2, min, max, unit, words, "help" }

static const struct conf_key keys[] = {
	KEY(url, CONF_STR, "local", "B3T_URL", "B3T_GO_URL", 0, 0, 0, NULL),
	KEY(unset, CONF_STR, NULL, "B3T_UNSET", NULL, 0, 0, 0, NULL),
	KEY(workers, CONF_INT, "8", "B3T_WORKERS", NULL, 1, 100000, 0, NULL),
	KEY(factor, CONF_REAL, "0.5", "B3T_FACTOR", NULL, 0, 2.5, 0, NULL),
	KEY(replica, CONF_BOOL, "on", "B3T_REPLICA", NULL, 0, 0, 0, NULL),
	KEY(timeout_ms, CONF_MSEC, "5 s", "B3T_TIMEOUT", NULL, 100, 3600000,
	    1, NULL),
	KEY(interval_ms, CONF_MSEC, "10", "B3T_INTERVAL", NULL, 0, 0, 1000,
	    NULL),
	KEY(body_max, CONF_SIZE, "1 MiB", "B3T_BODY", NULL, 0, 0, 0, NULL),
	KEY(level, CONF_ENUM, "info", "B3T_LEVEL", NULL, 0, 0, 0, words),
	KEY(any, CONF_INT, NULL, "B3T_ANY", NULL, 0, 0, 0, NULL),
};

static int		file_fd;
static char		path[40];
static struct sample	conf;
static struct err	e = ERR_INIT;

/* A file without a name for each test, and no variable of ours from outside. */
static void
setup(void)
{
	size_t	i;

	file_fd = memfd_create("check_conf", 0);
	ck_assert_int_ge(file_fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file_fd);
	for (i = 0; i < COUNT(keys); i++) {
		unsetenv(keys[i].env);
		if (keys[i].env2 != NULL)
			unsetenv(keys[i].env2);
	}
	memset(&conf, 0xff, sizeof(conf));	/* conf_load needs no zeroes */
}

static int
load(void)
{
	return conf_load(keys, COUNT(keys), path, &conf, &e);
}

static void
write_bytes(const char *bytes, size_t len)
{
	FILE	*fp = fopen(path, "w");

	ck_assert_ptr_nonnull(fp);
	ck_assert_uint_eq(fwrite(bytes, 1, len, fp), len);
	ck_assert_int_eq(fclose(fp), 0);
}

static int
load_text(const char *text)
{
	write_bytes(text, strlen(text));
	return load();
}

/* Want is what follows the file's name. */
static void
assert_refused(const char *want)
{
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strncmp(e.text, path, strlen(path)) == 0, "%s", e.text);
	ck_assert_str_eq(e.text + strlen(path), want);
	ck_assert_ptr_null(conf.url);
	ck_assert_ptr_null(conf.unset);
}

static void
unload(void)
{
	conf_free(keys, COUNT(keys), &conf);
	ck_assert_ptr_null(conf.url);
}

START_TEST(a_missing_file_is_named)
{
	close(file_fd);
	ck_assert_int_eq(load(), -1);
	assert_refused(": No such file or directory");
}
END_TEST

START_TEST(a_folder_is_no_file)
{
	ck_assert_int_eq(conf_load(keys, COUNT(keys), "/", &conf, &e), -1);
	ck_assert_str_eq(e.text, "/: Is a directory");
	ck_assert_int_eq(e.code, ERR_CONFIG);
}
END_TEST

static const struct {
	const char	*text;
	const char	*want;
} refusals[] = {
	/* lines */
	{ "nonsense", ":1: expected 'name = value'" },
	{ "\n# c\n\n  workers 5\n", ":4: expected 'name = value'" },
	{ "= 5", ":1: expected 'name = value'" },
	{ "wor kers = 5", ":1: expected 'name = value'" },
	{ "[section]", ":1: expected 'name = value'" },
	{ "workers : 5", ":1: expected 'name = value'" },
	{ "w\xc3\xb6rkers = 5", ":1: expected 'name = value'" },
	/* names */
	{ "workes = 5",
	  ":1: unknown key 'workes', did you mean 'workers'?" },
	{ "# x\r\nWorkers = 5\r\n",
	  ":2: unknown key 'Workers', did you mean 'workers'?" },
	{ "timeout = 5 s",
	  ":1: unknown key 'timeout', did you mean 'timeout_ms'?" },
	{ "timeout_m = 5 s",
	  ":1: unknown key 'timeout_m', did you mean 'timeout_ms'?" },
	{ "ulr = x", ":1: unknown key 'ulr', did you mean 'url'?" },
	{ "urls = x", ":1: unknown key 'urls', did you mean 'url'?" },
	{ "completely_different = 5", ":1: unknown key "
	  "'completely_different'" },
	{ "0123456789012345678901234567890123456789012345678901234567890123"
	  "4567 = 5", ":1: unknown key '01234567890123456789012345678901234567"
	  "89012345678901234567890123'" },
	{ "workers = 5\nany = 1\n\nworkers = 5\n",
	  ":4: 'workers' is already set on line 1" },
	{ "url = a\nurl = a\n", ":2: 'url' is already set on line 1" },
	/* quotes */
	{ "any = \"5", ":1: the quote is not closed" },
	{ "any = \"5\\\"", ":1: the quote is not closed" },
	{ "any = \"5\" 6", ":1: there is more after the closing quote" },
	{ "any = \"\"5", ":1: there is more after the closing quote" },
	/* whole numbers */
	{ "any =", ":1: any: '' is not a whole number" },
	{ "any = # none", ":1: any: '' is not a whole number" },
	{ "any = ten", ":1: any: 'ten' is not a whole number" },
	{ "any = 1.5", ":1: any: '1.5' is not a whole number" },
	{ "any = 1 2", ":1: any: '1 2' is not a whole number" },
	{ "any = 2147483648",
	  ":1: any: '2147483648' is not a whole number" },
	{ "any = -2147483649",
	  ":1: any: '-2147483649' is not a whole number" },
	{ "any = 99999999999999999999",
	  ":1: any: '99999999999999999999' is not a whole number" },
	{ "workers = 0", ":1: workers: 0 is not between 1 and 100000" },
	{ "workers = 100001",
	  ":1: workers: 100001 is not between 1 and 100000" },
	/* numbers */
	{ "factor = x", ":1: factor: 'x' is not a number" },
	{ "factor =", ":1: factor: '' is not a number" },
	{ "factor = nan", ":1: factor: 'nan' is not a number" },
	{ "factor = inf", ":1: factor: 'inf' is not a number" },
	{ "factor = 0x1", ":1: factor: '0x1' is not a number" },
	{ "factor = 1e999", ":1: factor: '1e999' is not a number" },
	{ "factor = 1,5", ":1: factor: '1,5' is not a number" },
	{ "factor = e", ":1: factor: 'e' is not a number" },
	{ "factor = 2.6", ":1: factor: 2.6 is not between 0 and 2.5" },
	{ "factor = -0.1", ":1: factor: -0.1 is not between 0 and 2.5" },
	/* yes or no */
	{ "replica = maybe", ":1: replica: 'maybe' is not on or off" },
	{ "replica = 2", ":1: replica: '2' is not on or off" },
	{ "replica =", ":1: replica: '' is not on or off" },
	/* durations */
	{ "timeout_ms = soon", ":1: timeout_ms: 'soon' is not a duration"
	  " (250 ms, 2 s, 5 min, 1 h)" },
	{ "timeout_ms = 5 d", ":1: timeout_ms: '5 d' is not a duration"
	  " (250 ms, 2 s, 5 min, 1 h)" },
	{ "timeout_ms = -5 s", ":1: timeout_ms: '-5 s' is not a duration"
	  " (250 ms, 2 s, 5 min, 1 h)" },
	{ "timeout_ms = 1.5 s", ":1: timeout_ms: '1.5 s' is not a duration"
	  " (250 ms, 2 s, 5 min, 1 h)" },
	{ "timeout_ms = 597 h", ":1: timeout_ms: '597 h' is not a duration"
	  " (250 ms, 2 s, 5 min, 1 h)" },
	{ "timeout_ms = 9223372036854775807 h", ":1: timeout_ms: '9223372036"
	  "854775807 h' is not a duration (250 ms, 2 s, 5 min, 1 h)" },
	{ "timeout_ms = 50",
	  ":1: timeout_ms: 50 ms is not between 100 and 3600000" },
	{ "timeout_ms = 2 h",
	  ":1: timeout_ms: 7200000 ms is not between 100 and 3600000" },
	/* sizes */
	{ "body_max = 8 KB",
	  ":1: body_max: '8 KB' is not a size (8 KiB, 200 MiB, 1 GiB)" },
	{ "body_max = big",
	  ":1: body_max: 'big' is not a size (8 KiB, 200 MiB, 1 GiB)" },
	{ "body_max = 9999999999 GiB", ":1: body_max: '9999999999 GiB' is not"
	  " a size (8 KiB, 200 MiB, 1 GiB)" },
	/* words */
	{ "level = loud",
	  ":1: level: 'loud' is not one of error, warn, info" },
	{ "level = INFO",
	  ":1: level: 'INFO' is not one of error, warn, info" },
};

START_TEST(refusal)
{
	ck_assert_int_eq(load_text(refusals[_i].text), -1);
	assert_refused(refusals[_i].want);
}
END_TEST

/* Whatever is wrong with its line, the value of a text is not told. */
START_TEST(no_secret_is_in_an_error)
{
	static const char *const	lines[] = {
		"url = \"s3cret", "url = \"x\" s3cret", "url s3cret",
		"url: s3cret", "s3cret", "urls = s3cret",
		"url = a\nurl = s3cret", "url = s3cret\nnonsense",
	};
	size_t				i;

	for (i = 0; i < COUNT(lines); i++) {
		ck_assert_int_eq(load_text(lines[i]), -1);
		ck_assert_msg(strstr(e.text, "s3cret") == NULL, "%s", e.text);
	}
}
END_TEST

START_TEST(a_zero_byte_is_refused)
{
	static const char	text[] = "any = 1\nurl = a\0b\n";

	write_bytes(text, sizeof(text) - 1);
	ck_assert_int_eq(load(), -1);
	assert_refused(":2: a zero byte");
}
END_TEST

START_TEST(a_bad_variable_is_named)
{
	write_bytes("workers = 5\n", 12);
	setenv("B3T_WORKERS", "many", 1);
	ck_assert_int_eq(load(), -1);
	ck_assert_str_eq(e.text, "B3T_WORKERS: 'many' is not a whole number");
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_ptr_null(conf.url);
	setenv("B3T_WORKERS", "0", 1);
	ck_assert_int_eq(load(), -1);
	ck_assert_str_eq(e.text, "B3T_WORKERS: 0 is not between 1 and 100000");
}
END_TEST

START_TEST(a_bad_default_is_our_mistake_and_named)
{
	static const struct conf_key	bad[] = {
		KEY(any, CONF_INT, "x", NULL, NULL, 0, 0, 0, NULL)
	};

	ck_assert_int_eq(conf_load(bad, 1, NULL, &conf, &e), -1);
	ck_assert_str_eq(e.text, "default of any: 'x' is not a whole number");
}
END_TEST

START_TEST(defaults_hold_without_a_file)
{
	ck_assert_int_eq(conf_load(keys, COUNT(keys), NULL, &conf, &e), 0);
	ck_assert_str_eq(conf.url, "local");
	ck_assert_ptr_null(conf.unset);
	ck_assert_int_eq(conf.workers, 8);
	ck_assert_double_eq(conf.factor, 0.5);
	ck_assert(conf.replica);
	ck_assert_int_eq(conf.timeout_ms, 5000);
	ck_assert_int_eq(conf.interval_ms, 10000);
	ck_assert_int_eq(conf.body_max, 1 << 20);
	ck_assert_int_eq(conf.level, 2);
	ck_assert_int_eq(conf.any, 0);
	unload();
}
END_TEST

START_TEST(an_empty_file_changes_nothing)
{
	ck_assert_int_eq(load_text("\n \t\n# url = x\n  # any = 1\n#"), 0);
	ck_assert_str_eq(conf.url, "local");
	ck_assert_int_eq(conf.any, 0);
	unload();
}
END_TEST

static const struct {
	const char	*text;
	const char	*url;
} texts[] = {
	{ "url = x", "x" },
	{ "url=x", "x" },
	{ "\t url \t = \t x \t \n", "x" },
	{ "url = x\r\n", "x" },
	{ "\xef\xbb\xbfurl = x\n", "x" },
	{ "url =\n", "" },
	{ "url = \"\"\n", "" },
	{ "url = a b  c\n", "a b  c" },
	{ "url = a=b\n", "a=b" },
	{ "url = a#b\n", "a#b" },
	{ "url =#b\n", "#b" },
	{ "url = a #b\n", "a" },
	{ "url = a\t# b\n", "a" },
	{ "url = # b\n", "" },
	{ "url = \" a #b \"\n", " a #b " },
	{ "url = \"x\" # comment\n", "x" },
	{ "url = \"x\"#comment\n", "x" },
	{ "url = \"x\"\t \r\n", "x" },
	{ "url = \"a \\\"b\\\" \\\\ \\n\"\n", "a \"b\" \\ \\n" },
	{ "url = a\"b\"\n", "a\"b\"" },
	{ "url = 'x'\n", "'x'" },
	{ "url = postgres://u:p%40@h,g/db?a=b\n",
	  "postgres://u:p%40@h,g/db?a=b" },
	{ "url = \xc3\xa4\n", "\xc3\xa4" },
};

START_TEST(text_value)
{
	ck_assert_int_eq(load_text(texts[_i].text), 0);
	ck_assert_str_eq(conf.url, texts[_i].url);
	unload();
}
END_TEST

START_TEST(yes_and_no_have_four_words_each)
{
	static const char *const	pairs[][2] = {
		{ "off", "on" }, { "false", "true" }, { "no", "yes" },
		{ "0", "1" }, { "OFF", "On" }
	};
	char				text[40];
	size_t				i;
	int				b;

	for (i = 0; i < COUNT(pairs); i++)
		for (b = 0; b < 2; b++) {
			snprintf(text, sizeof(text), "replica = %s",
			    pairs[i][b]);
			ck_assert_int_eq(load_text(text), 0);
			ck_assert_int_eq(conf.replica, b);
			unload();
		}
}
END_TEST

START_TEST(durations_and_sizes_have_units)
{
	static const struct {
		const char	*value;
		long long	 interval_ms, body;	/* -1: refused */
	} t[] = {
		{ "7", 7000, 7 }, { "0", 0, 0 }, { "250 ms", 250, -1 },
		{ "250ms", 250, -1 }, { "2 s", 2000, -1 },
		{ "5\tmin", 300000, -1 }, { "1 h", 3600000, -1 },
		{ "596 h", 2145600000, -1 },
		{ "8 KiB", -1, 8192 }, { "8kib", -1, 8192 },
		{ "200 MiB", -1, 209715200 },
		{ "3 GiB", -1, 3221225472LL },
	};
	char	text[60];
	size_t	i;

	for (i = 0; i < COUNT(t); i++) {
		snprintf(text, sizeof(text), "interval_ms = %s", t[i].value);
		ck_assert_int_eq(load_text(text),
		    t[i].interval_ms < 0 ? -1 : 0);
		if (t[i].interval_ms >= 0)
			ck_assert_int_eq(conf.interval_ms, t[i].interval_ms);
		unload();
		snprintf(text, sizeof(text), "body_max = %s", t[i].value);
		ck_assert_int_eq(load_text(text), t[i].body < 0 ? -1 : 0);
		if (t[i].body >= 0)
			ck_assert_int_eq(conf.body_max, t[i].body);
		unload();
	}
}
END_TEST

START_TEST(numbers_reach_to_their_limits)
{
	ck_assert_int_eq(load_text("any = -2147483648\nworkers = 100000\n"
	    "factor = 2.5\ntimeout_ms = 100\nlevel = error\n"), 0);
	ck_assert_int_eq(conf.any, INT_MIN);
	ck_assert_int_eq(conf.workers, 100000);
	ck_assert_double_eq(conf.factor, 2.5);
	ck_assert_int_eq(conf.timeout_ms, 100);
	ck_assert_int_eq(conf.level, 0);
	unload();
	ck_assert_int_eq(load_text("any = 2147483647\nfactor = 1e-2\n"), 0);
	ck_assert_int_eq(conf.any, INT_MAX);
	ck_assert_double_eq(conf.factor, 0.01);
	unload();
}
END_TEST

START_TEST(variables_override_the_file)
{
	setenv("B3T_URL", " from env # not a comment ", 1);
	setenv("B3T_GO_URL", "from go", 1);
	setenv("B3T_TIMEOUT", "2 s", 1);
	setenv("B3T_UNSET", "set", 1);
	ck_assert_int_eq(load_text("url = file\ntimeout_ms = 3 s\n"
	    "any = 4\n"), 0);
	ck_assert_str_eq(conf.url, " from env # not a comment ");
	ck_assert_str_eq(conf.unset, "set");
	ck_assert_int_eq(conf.timeout_ms, 2000);
	ck_assert_int_eq(conf.any, 4);
	unload();
}
END_TEST

START_TEST(an_empty_variable_is_unset)
{
	setenv("B3T_URL", "", 1);
	setenv("B3T_WORKERS", "", 1);
	ck_assert_int_eq(load_text("url = file\n"), 0);
	ck_assert_str_eq(conf.url, "file");
	ck_assert_int_eq(conf.workers, 8);
	unload();
	setenv("B3T_GO_URL", "second name", 1);
	ck_assert_int_eq(load(), 0);
	ck_assert_str_eq(conf.url, "second name");
	unload();
}
END_TEST

START_TEST(a_key_without_a_variable_has_the_usual_one)
{
	static const struct conf_key	ours[] = {
		{ CONF_KEY(struct sample, interval_ms, TIME, "10", 0, 60000,
		    "help", .env2 = "B3T_GO") },
	};

	unsetenv("B3T_GO");
	setenv("B3SCALE_INTERVAL_MS", "x", 1);
	ck_assert_int_eq(conf_load(ours, 1, NULL, &conf, &e), -1);
	ck_assert_int_eq(strncmp(e.text, "B3SCALE_INTERVAL_MS: 'x' ", 25), 0);
	setenv("B3SCALE_INTERVAL_MS", "5", 1);
	ck_assert_int_eq(conf_load(ours, 1, NULL, &conf, &e), 0);
	ck_assert_int_eq(conf.interval_ms, 5000);
	unsetenv("B3SCALE_INTERVAL_MS");
	setenv("B3T_GO", "7", 1);
	ck_assert_int_eq(conf_load(ours, 1, NULL, &conf, &e), 0);
	ck_assert_int_eq(conf.interval_ms, 7000);
	unsetenv("B3T_GO");
}
END_TEST

START_TEST(a_value_in_the_file_may_be_mended_by_no_variable)
{
	setenv("B3T_WORKERS", "5", 1);
	ck_assert_int_eq(load_text("workers = many\n"), -1);
	assert_refused(":1: workers: 'many' is not a whole number");
}
END_TEST

START_TEST(a_long_value_is_kept_whole)
{
	enum { LEN = 100000 };
	char	*text = malloc(LEN + 8);

	memcpy(text, "url = ", 6);
	memset(text + 6, 'x', LEN);
	text[LEN + 6] = '\0';
	ck_assert_int_eq(load_text(text), 0);
	ck_assert_str_eq(conf.url, text + 6);
	unload();
	free(text);
}
END_TEST

static void
add_tests(TCase *tc)
{
	tcase_add_test(tc, a_missing_file_is_named);
	tcase_add_test(tc, a_folder_is_no_file);
	tcase_add_loop_test(tc, refusal, 0, COUNT(refusals));
	tcase_add_test(tc, no_secret_is_in_an_error);
	tcase_add_test(tc, a_zero_byte_is_refused);
	tcase_add_test(tc, a_bad_variable_is_named);
	tcase_add_test(tc, a_bad_default_is_our_mistake_and_named);
	tcase_add_test(tc, defaults_hold_without_a_file);
	tcase_add_test(tc, an_empty_file_changes_nothing);
	tcase_add_loop_test(tc, text_value, 0, COUNT(texts));
	tcase_add_test(tc, yes_and_no_have_four_words_each);
	tcase_add_test(tc, durations_and_sizes_have_units);
	tcase_add_test(tc, numbers_reach_to_their_limits);
	tcase_add_test(tc, variables_override_the_file);
	tcase_add_test(tc, an_empty_variable_is_unset);
	tcase_add_test(tc, a_key_without_a_variable_has_the_usual_one);
	tcase_add_test(tc, a_value_in_the_file_may_be_mended_by_no_variable);
	tcase_add_test(tc, a_long_value_is_kept_whole);
}

int
main(void)
{
	Suite	*s = suite_create("conf");
	TCase	*tc = tcase_create("conf");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, NULL);
	add_tests(tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
