/*
 * A frontend's settings, right and wrong ones.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>

#include "base/log.h"
#include "core/settings.h"

static struct arena	*a;
static struct err	 e;
static struct settings	 s;

static void
setup(void)
{
	/* wrong types are logged; the test's output stays quiet */
	log_open("check", LOG_TO_STDERR, LOG_LEVEL_ERROR, LOG_AS_TEXT);
	a = arena_new();
	err_clear(&e);
}

static void
teardown(void)
{
	arena_free(a);
}

START_TEST(what_is_no_object_is_refused)
{
	static const char *const bad[] = { "", "[]", "1", "null", "{", "\"\"",
	    "{}x" };

	ck_assert_int_eq(settings_parse(a, bad[_i], &s, &e), -1);
	ck_assert_int_eq(e.code, ERR_INTERNAL);
	ck_assert_str_eq(e.text, "settings are no JSON object");
}
END_TEST

START_TEST(none_are_empty)
{
	static const char *const none[] = { NULL, "{}", "{ }",
	    "{\"required_tags\":null,\"attendees_limit\":null,"
	    "\"default_presentation\":null,\"create_default_params\":null}",
	    "{\"unknown\":{\"a\":1}}" };

	ck_assert_int_eq(settings_parse(a, none[_i], &s, &e), 0);
	ck_assert_uint_eq(s.required_tags.n, 0);
	ck_assert_uint_eq(s.allowed_tags.n, 0);
	ck_assert_ptr_null(s.presentation_url);
	ck_assert_int_eq(s.attendees_limit, 0);
	ck_assert_int_eq(s.meetings_limit, 0);
	ck_assert_uint_eq(s.create_default_params.n, 0);
}
END_TEST

START_TEST(a_wrong_type_counts_as_absent_and_spoils_nothing_else)
{
	ck_assert_int_eq(settings_parse(a, "{\"required_tags\":\"a\","
	    "\"allowed_tags\":[1,\"\",\"b\",null],\"meetings_limit\":\"7\","
	    "\"size_hint\":-1,\"callbacks_private\":1,"
	    "\"create_default_params\":[],"
	    "\"join_default_params\":{\"n\":1,\"x\":\"y\"},"
	    "\"attendees_limit\":{\"limit\":1.5}}", &s, &e), 0);
	ck_assert_uint_eq(s.required_tags.n, 0);
	ck_assert_uint_eq(s.allowed_tags.n, 1);
	ck_assert_str_eq(s.allowed_tags.v[0], "b");
	ck_assert_int_eq(s.meetings_limit, 0);
	ck_assert_int_eq(s.size_hint, 0);
	ck_assert(!s.callbacks_private);
	ck_assert_uint_eq(s.create_default_params.n, 0);
	ck_assert_uint_eq(s.join_default_params.n, 1);
	ck_assert_str_eq(s.join_default_params.v[0].name, "x");
	ck_assert_str_eq(s.join_default_params.v[0].value, "y");
	ck_assert_int_eq(s.attendees_limit, 0);
}
END_TEST

START_TEST(all_are_read)
{
	ck_assert_int_eq(settings_parse(a, "{\"required_tags\":[\"sb\",\"x\"],"
	    "\"allowed_tags\":[\"gpu\"],"
	    "\"default_presentation\":{\"url\":\"https://a/b.pdf\","
	    "\"force\":true},\"attendees_limit\":{\"limit\":40},"
	    "\"meetings_limit\":3,\"size_hint\":25,"
	    "\"callbacks_private\":true,"
	    "\"create_default_params\":{\"a\":\"1\"},"
	    "\"create_override_params\":{\"b\":\"2\",\"c\":\"\"},"
	    "\"join_default_params\":{\"d\":\"4\"},"
	    "\"join_override_params\":{\"e\":\"5\"}}", &s, &e), 0);
	ck_assert_uint_eq(s.required_tags.n, 2);
	ck_assert_str_eq(s.required_tags.v[1], "x");
	ck_assert_str_eq(s.allowed_tags.v[0], "gpu");
	ck_assert_str_eq(s.presentation_url, "https://a/b.pdf");
	ck_assert(s.presentation_force);
	ck_assert_int_eq(s.attendees_limit, 40);
	ck_assert_int_eq(s.meetings_limit, 3);
	ck_assert_int_eq(s.size_hint, 25);
	ck_assert(s.callbacks_private);
	ck_assert_str_eq(s.create_default_params.v[0].name, "a");
	/* an override to nothing cannot be kept: as the Go program */
	ck_assert_uint_eq(s.create_override_params.n, 1);
	ck_assert_str_eq(s.create_override_params.v[0].value, "2");
	ck_assert_str_eq(s.join_default_params.v[0].value, "4");
	ck_assert_str_eq(s.join_override_params.v[0].name, "e");
}
END_TEST

START_TEST(a_presentation_without_url_is_none)
{
	ck_assert_int_eq(settings_parse(a,
	    "{\"default_presentation\":{\"url\":\"\",\"force\":true}}", &s,
	    &e), 0);
	ck_assert_ptr_null(s.presentation_url);
	ck_assert(!s.presentation_force);
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("settings");
	TCase	*tc = tcase_create("settings");
	SRunner	*sr = srunner_create(suite);
	int	 failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, what_is_no_object_is_refused, 0, 7);
	tcase_add_loop_test(tc, none_are_empty, 0, 5);
	tcase_add_test(tc,
	    a_wrong_type_counts_as_absent_and_spoils_nothing_else);
	tcase_add_test(tc, all_are_read);
	tcase_add_test(tc, a_presentation_without_url_is_none);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
