/*
 * Tests of agent/settings: tokens, the environment, the sample file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "agent/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

/* A file with this text; its path. */
static const char *
file(const char *text)
{
	char	*path = arena_strdup(arena, "/tmp/check_settings.XXXXXX");
	int	 fd = mkstemp(path);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	close(fd);
	return path;
}

static int
load(const char *text, struct settings *s)
{
	const char	*path = file(text);
	int		 rc = settings_load(path, s, &err);

	unlink(path);
	return rc;
}

START_TEST(a_token_is_needed_and_checked)
{
	struct settings	 s;
	const char	*empty = file(" \n");

	ck_assert_int_eq(load("api_url = http://a\n", &s), -1);
	ck_assert_int_eq(err.code, ERR_CONFIG);
	ck_assert_str_eq(err.text, "api_access_token: missing");
	ck_assert_int_eq(load("api_access_token = \"a b\"\n", &s), -1);
	ck_assert_str_eq(err.text, "api_access_token: not a token");
	ck_assert_int_eq(load(arena_printf(arena,
	    "api_access_token_file = %s\n", empty), &s), -1);
	ck_assert_str_eq(err.text, "api_access_token: missing");
	ck_assert_int_eq(load("api_access_token = x\n"
	    "api_access_token_file = y\n", &s), -1);
	ck_assert_str_eq(err.text, "api_access_token and"
	    " api_access_token_file: only one of them");
	ck_assert_int_eq(load("api_access_token_file = /nowhere\n", &s), -1);
	ck_assert_str_eq(err.text, "api_access_token_file: /nowhere:"
	    " No such file or directory");
	unlink(empty);
}
END_TEST

START_TEST(a_token_of_a_file_loses_its_newline)
{
	struct settings	 s;
	const char	*path = file("a.b.c\n");

	ck_assert_int_eq(load(arena_printf(arena,
	    "api_access_token_file = %s\n", path), &s), 0);
	ck_assert_str_eq(s.api_access_token, "a.b.c");
	settings_free(&s);
	unlink(path);
}
END_TEST

START_TEST(limits_hold)
{
	static const char *const	t[] = {
		"heartbeat_interval = 99 ms", "heartbeat_interval = 61 s",
		"batch_interval = 9 ms", "queue_max = 1 KiB",
		"redis_timeout = 999 ms", "load_factor = -1",
		"load_factor = 1001", "log_level = loud",
	};
	struct settings			s;
	size_t				i;

	for (i = 0; i < COUNT(t); i++)
		ck_assert_msg(load(arena_printf(arena,
		    "api_access_token = x\n%s\n", t[i]), &s) == -1,
		    "%s was taken", t[i]);
}
END_TEST

START_TEST(the_go_agents_variables_count)
{
	struct settings	s;

	setenv("B3SCALE_API_URL", "http://env", 1);
	setenv("B3SCALE_API_ACCESS_TOKEN", "env", 1);
	setenv("B3SCALE_LOAD_FACTOR", "1.5", 1);
	setenv("BBB_CONFIG", "/env", 1);
	setenv("B3SCALE_LOG_FORMAT", "structured", 1);
	ck_assert_int_eq(load("api_url = http://file\n", &s), 0);
	ck_assert_str_eq(s.api_url, "http://env");
	ck_assert_str_eq(s.api_access_token, "env");
	ck_assert_double_eq(s.load_factor, 1.5);
	ck_assert_str_eq(s.bbb_properties, "/env");
	ck_assert_int_eq(s.log_format, 1);
	settings_free(&s);
}
END_TEST

/* Each key of the sample, its comment sign gone: same as without a file. */
START_TEST(the_sample_shows_the_defaults)
{
	struct settings	 def, s;
	FILE		*f = fopen(SAMPLE, "r");
	char		 line[256], *text = arena_strdup(arena, "");

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z' &&
		    strncmp(line, "#api_access_token =", 19) != 0)
			text = arena_printf(arena, "%s%s", text, line + 1);
	fclose(f);
	ck_assert_int_eq(load("api_access_token = x\n", &def), 0);
	text = arena_printf(arena, "%sapi_access_token = x\n", text);
	ck_assert_msg(load(text, &s) == 0, "%s", err.text);
	ck_assert_str_eq(s.api_url, def.api_url);
	ck_assert_str_eq(s.bbb_properties, def.bbb_properties);
	ck_assert_str_eq(s.bbb_defaults, def.bbb_defaults);
	ck_assert_str_eq(s.bbb_release, def.bbb_release);
	ck_assert_str_eq(s.bbb_api_url, def.bbb_api_url);
	ck_assert_int_eq(s.api_timeout, def.api_timeout);
	ck_assert_int_eq(s.connect_timeout, def.connect_timeout);
	ck_assert_int_eq(s.register_host, def.register_host);
	ck_assert_double_eq(s.load_factor, def.load_factor);
	ck_assert_int_eq(s.heartbeat_interval, def.heartbeat_interval);
	ck_assert_int_eq(s.batch_interval, def.batch_interval);
	ck_assert_int_eq(s.queue_max, def.queue_max);
	ck_assert_int_eq(s.redis_timeout, def.redis_timeout);
	ck_assert_int_eq(s.log_level, def.log_level);
	ck_assert_int_eq(s.log_target, def.log_target);
	ck_assert_int_eq(s.log_format, def.log_format);
	settings_free(&s);
	settings_free(&def);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_token_is_needed_and_checked,
		a_token_of_a_file_loses_its_newline,
		limits_hold,
		the_go_agents_variables_count,
		the_sample_shows_the_defaults,
	};

	return unit_run("settings", tests, COUNT(tests));
}
