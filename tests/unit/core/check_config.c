/*
 * The keys of b3scale.conf: defaults, variables, limits, and what is refused.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "core/config.h"

static char		path[] = "/tmp/check_config.XXXXXX";
static struct err	err;

static void
setup(void)
{
	int	fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	err = (struct err)ERR_INIT;
}

static void
teardown(void)
{
	unlink(path);
	strcpy(path + strlen(path) - 6, "XXXXXX");
}

static void
write_file(const char *text)
{
	FILE	*fp = fopen(path, "w");

	ck_assert_ptr_nonnull(fp);
	ck_assert_int_ge(fputs(text, fp), 0);
	ck_assert_int_eq(fclose(fp), 0);
}

static int
load(const char *text, struct config *c)
{
	write_file(text);
	return config_load(path, c, &err);
}

/* The file is refused with exactly "PATH" and this text. */
static void
refused(const char *text, const char *message)
{
	struct config	c;
	char		want[512];

	ck_assert_int_eq(load(text, &c), -1);
	ck_assert_int_eq(err.code, ERR_CONFIG);
	snprintf(want, sizeof(want), "%s%s", path, message);
	ck_assert_str_eq(err.text, want);
}

static const struct {
	const char	*text;
	const char	*message;
} bad[] = {
	{ "max_request = 5\n",
	    ":1: unknown key 'max_request', did you mean 'max_requests'?" },
	{ "\nlog_level = loud\n",
	    ":2: log_level: 'loud' is not one of error, warn, info, debug" },
	{ "log_target = file\n",
	    ":1: log_target: 'file' is not one of stderr, syslog" },
	{ "slots = 0\n", ":1: slots: 0 is not between 1 and 250" },
	{ "slots = 251\n", ":1: slots: 251 is not between 1 and 250" },
	{ "slots = four\n", ":1: slots: 'four' is not a whole number" },
	{ "route_replica = maybe\n",
	    ":1: route_replica: 'maybe' is not on or off" },
	{ "weight_voice = -1\n",
	    ":1: weight_voice: -1 is not between 0 and 1000" },
	{ "max_query = 1023\n",
	    ":1: max_query: 1023 bytes is not between 1024 and 1048576" },
	/* A bare number counts seconds, whatever the default's unit is. */
	{ "db_connect_timeout = 500\n",
	    ":1: db_connect_timeout: 500000 ms is not between 50 and 60000" },
	{ "try_timeout = 26\n",
	    ": try_timeout (26000 ms) must not be longer than"
	    " create_timeout (25000 ms)" },
	{ "connect_timeout = 5001 ms\n",
	    ": connect_timeout (5001 ms) must not be longer than"
	    " poll_timeout (5000 ms)" },
	{ "connect_timeout = 11\n",
	    ": connect_timeout (11000 ms) must not be longer than"
	    " try_timeout (10000 ms)" },
	{ "slot_wait = 26\n",
	    ": slot_wait (26000 ms) must not be longer than"
	    " create_timeout (25000 ms)" },
	/* Equal is too late here: a poll would end with its lease lost. */
	{ "poll_timeout = 15\n",
	    ": poll_timeout (15000 ms) must be shorter than"
	    " poll_lease (15000 ms)" },
	{ "spool_dir = var/tmp\n",
	    ": spool_dir 'var/tmp' must begin with a '/'" },
	{ "api_url = bbb.example.org\n",
	    ": api_url 'bbb.example.org' is no http or https URL" },
	{ "api_url = https://bbb.example.org/?x\n",
	    ": api_url 'https://bbb.example.org/?x' is no http or https URL" },
	{ "run_dir =\n", ": run_dir '' must begin with a '/'" },
	{ "pages_dir = ~/pages\n",
	    ": pages_dir '~/pages' must begin with a '/'" },
};

START_TEST(refuses)
{
	refused(bad[_i].text, bad[_i].message);
}
END_TEST

START_TEST(refuses_a_missing_file)
{
	struct config	c;

	ck_assert_int_eq(config_load("/nonexistent/b3scale.conf", &c, &err),
	    -1);
	ck_assert_str_eq(err.text,
	    "/nonexistent/b3scale.conf: No such file or directory");
}
END_TEST

/* SYSCONFDIR of this program's build is a folder that does not exist. */
START_TEST(no_installed_file_means_defaults)
{
	struct config	c;

	ck_assert_int_eq(config_load(NULL, &c, &err), 0);
	ck_assert_str_eq(c.db_url, "postgresql:///b3scale");
	config_free(&c);
}
END_TEST

START_TEST(defaults_of_database_and_requests)
{
	struct config	c;

	ck_assert_int_eq(load("", &c), 0);
	ck_assert_str_eq(c.db_url, "postgresql:///b3scale");
	ck_assert_int_eq(c.db_timeout, 2000);
	ck_assert_int_eq(c.db_connect_timeout, 500);
	ck_assert(c.route_replica);
	ck_assert_int_eq(c.stale_max, 300000);
	ck_assert_int_eq(c.max_requests, 1000000);
	ck_assert_int_eq(c.max_query, 65536);
	ck_assert_int_eq(c.max_params, 500);
	ck_assert_int_eq(c.max_form, 2 << 20);
	ck_assert_int_eq(c.max_body, 256 << 20);
	ck_assert_int_eq(c.spool_memory, 1 << 20);
	ck_assert_str_eq(c.spool_dir, "/var/tmp");
	ck_assert_str_eq(c.run_dir, "/run/b3scale");
	ck_assert_str_eq(c.pages_dir, PKGDATADIR "/pages");
	config_free(&c);
}
END_TEST

START_TEST(defaults_of_calls_and_placement)
{
	struct config	c;

	ck_assert_int_eq(load("", &c), 0);
	ck_assert_int_eq(c.connect_timeout, 2000);
	ck_assert_int_eq(c.try_timeout, 10000);
	ck_assert_int_eq(c.create_timeout, 25000);
	ck_assert_int_eq(c.slots, 4);
	ck_assert_int_eq(c.slot_wait, 2000);
	ck_assert_int_eq(c.max_reply, 64 << 20);
	ck_assert_int_eq(c.size_hint, 15);
	ck_assert_int_eq(c.size_fade, 1800000);
	ck_assert_double_eq(c.weight_voice, 0.5);
	ck_assert_double_eq(c.weight_video, 2);
	ck_assert_int_eq(c.agent_timeout, 5000);
	config_free(&c);
}
END_TEST

START_TEST(defaults_of_polls_pages_and_log)
{
	struct config	c;

	ck_assert_int_eq(load("", &c), 0);
	ck_assert_int_eq(c.poll_interval, 10000);
	ck_assert_int_eq(c.poll_timeout, 5000);
	ck_assert_int_eq(c.poll_lease, 15000);
	ck_assert_int_eq(c.poll_retry, 30000);
	ck_assert_int_eq(c.poll_parallel, 1000);
	ck_assert_int_eq(c.meeting_grace, 60000);
	ck_assert_int_eq(c.command_lease, 30000);
	ck_assert_int_eq(c.keep_ended_days, 30);
	ck_assert_int_eq(c.keep_commands_days, 7);
	ck_assert_int_eq(c.keep_audit_days, 365);
	ck_assert_int_eq(c.keep_reservations_days, 30);
	ck_assert_str_eq(c.api_url, "");
	ck_assert_str_eq(c.api_jwt_secret, "");
	ck_assert(!c.callback_loopback);
	ck_assert_int_eq(c.wait_max, 300000);
	ck_assert_int_eq(c.log_level, LOG_LEVEL_INFO);
	ck_assert_int_eq(c.log_target, LOG_TO_STDERR);
	ck_assert_int_eq(c.log_format, LOG_AS_TEXT);
	config_free(&c);
}
END_TEST

START_TEST(the_file_sets_what_it_names)
{
	struct config	c;

	ck_assert_int_eq(load("# of a test\n"
	    "db_url = \"host=db1,db2 dbname=b3scale\"  # two hosts\n"
	    "route_replica = off\nmax_requests = 0\nstale_max = 5 min\n"
	    "weight_video = 1.5\nmax_body = 1 GiB\nlog_target = syslog\n"
	    "poll_timeout = 14999 ms\ntry_timeout = 25\n", &c), 0);
	ck_assert_str_eq(c.db_url, "host=db1,db2 dbname=b3scale");
	ck_assert(!c.route_replica);
	ck_assert_int_eq(c.max_requests, 0);
	ck_assert_int_eq(c.stale_max, 300000);
	ck_assert_double_eq(c.weight_video, 1.5);
	ck_assert_int_eq(c.max_body, 1LL << 30);
	ck_assert_int_eq(c.log_target, LOG_TO_SYSLOG);
	ck_assert_int_eq(c.poll_timeout, 14999);
	ck_assert_int_eq(c.try_timeout, 25000);
	config_free(&c);
}
END_TEST

/* Tests run in processes of their own: the environment is theirs alone. */
START_TEST(a_variable_overrides_the_file)
{
	struct config	c;

	setenv("B3SCALE_DB_URL", "postgresql://db.example.org/b3", 1);
	setenv("B3SCALE_DB_CONNECT_TIMEOUT", "750 ms", 1);
	setenv("B3SCALE_SLOTS", "", 1);
	ck_assert_int_eq(load("db_url = postgresql:///other\nslots = 7\n",
	    &c), 0);
	ck_assert_str_eq(c.db_url, "postgresql://db.example.org/b3");
	ck_assert_int_eq(c.db_connect_timeout, 750);
	ck_assert_int_eq(c.slots, 7);
	config_free(&c);
}
END_TEST

START_TEST(a_bad_variable_is_named)
{
	struct config	c;

	setenv("B3SCALE_MAX_PARAMS", "many", 1);
	ck_assert_int_eq(load("", &c), -1);
	ck_assert_str_eq(err.text,
	    "B3SCALE_MAX_PARAMS: 'many' is not a whole number");
}
END_TEST

static const struct {
	const char	*word;
	int		 format;
} formats[] = {
	{ "text", LOG_AS_TEXT }, { "json", LOG_AS_JSON },
	{ "plain", LOG_AS_TEXT }, { "structured", LOG_AS_JSON },
};

START_TEST(log_format_knows_the_words_of_the_go_program)
{
	struct config	c;

	setenv("B3SCALE_LOG_FORMAT", formats[_i].word, 1);
	ck_assert_int_eq(load("", &c), 0);
	ck_assert_int_eq(c.log_format, formats[_i].format);
	config_free(&c);
}
END_TEST

START_TEST(free_may_be_repeated)
{
	struct config	c;

	ck_assert_int_eq(load("", &c), 0);
	config_free(&c);
	ck_assert_ptr_null(c.db_url);
	config_free(&c);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("config");
	TCase	*t = tcase_create("config");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, refuses, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, refuses_a_missing_file);
	tcase_add_test(t, no_installed_file_means_defaults);
	tcase_add_test(t, defaults_of_database_and_requests);
	tcase_add_test(t, defaults_of_calls_and_placement);
	tcase_add_test(t, defaults_of_polls_pages_and_log);
	tcase_add_test(t, the_file_sets_what_it_names);
	tcase_add_test(t, a_variable_overrides_the_file);
	tcase_add_test(t, a_bad_variable_is_named);
	tcase_add_loop_test(t, log_format_knows_the_words_of_the_go_program, 0,
	    sizeof(formats) / sizeof(formats[0]));
	tcase_add_test(t, free_may_be_repeated);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
