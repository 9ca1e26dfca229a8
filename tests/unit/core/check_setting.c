/*
 * The table of settings: what each may be, and how it is shown.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>

#include "core/setting.h"

static const struct {
	const char	*name;
	const char	*value;
	const char	*member;	/* that is wrong */
	const char	*wrong;		/* NULL: it may be so */
} rows[] = {
	{ "required_tags", "[\"a\",\"\"]", "", NULL },
	{ "required_tags", "null", "", NULL },
	{ "required_tags", "{}", "", "must be a list of strings" },
	{ "allowed_tags", "[null]", "", "must be a list of strings" },
	{ "create_default_params", "{\"a\":\"1\",\"b\":null}", "", NULL },
	{ "create_default_params", "{\"a&b\":\"1\"}", "",
	    "names consist of letters, digits, '-', '_' and '.'" },
	{ "join_default_params", "{\"a\":true}", "",
	    "must be an object of strings" },
	{ "meetings_limit", "0", "", NULL },
	{ "meetings_limit", "1000000001", "",
	    "must be a whole number from 0 to 1000000000" },
	{ "size_hint", "1.0", "",
	    "must be a whole number from 0 to 1000000000" },
	{ "callbacks_private", "false", "", NULL },
	{ "callbacks_private", "0", "", "must be true or false" },
	{ "default_presentation", "{}", "", NULL },
	{ "default_presentation", "{\"url\":\"\",\"force\":null}", "", NULL },
	{ "default_presentation", "{\"url\":\"x\"}", "url",
	    "must be a URL of http or https" },
	{ "default_presentation", "{\"force\":1}", "force",
	    "must be true or false" },
	{ "attendees_limit", "{\"limit\":null}", "limit", NULL },
	{ "attendees_limit", "{\"limit\":\"1\"}", "limit",
	    "must be a whole number from 0 to 1000000000" },
	{ "attendees_limit", "7", "", "must be an object" },
	{ "recordings", "{\"visibility_override\":\"protected\"}", "",
	    NULL },
	{ "recordings", "{\"visibility_override\":\"hidden\"}",
	    "visibility_override", "must be unpublished, published,"
	    " protected, public or public_protected" },
};

START_TEST(what_a_setting_may_be)
{
	json_t		*j = json_loads(rows[_i].value, JSON_DECODE_ANY,
			    NULL);
	const char	*member, *wrong;

	wrong = setting_check(setting_find(rows[_i].name), j, &member);
	if (rows[_i].wrong == NULL)
		ck_assert_ptr_null(wrong);
	else {
		ck_assert_str_eq(wrong, rows[_i].wrong);
		ck_assert_str_eq(member, rows[_i].member);
	}
	json_decref(j);
}
END_TEST

START_TEST(each_can_be_found)
{
	const struct setting	*s;
	size_t			 i, n;

	s = setting_table(&n);
	ck_assert_uint_gt(n, 0);
	for (i = 0; i < n; i++) {
		ck_assert_ptr_eq(setting_find(s[i].name), &s[i]);
		ck_assert_str_ne(setting_type_text(&s[i]), "");
		ck_assert_str_ne(s[i].help, "");
	}
	ck_assert_ptr_null(setting_find("nothing"));
}
END_TEST

static const struct {
	const char	*stored;
	const char	*shown;
} shapes[] = {
	{ "{}", "{\"required_tags\":null,\"default_presentation\":null,"
	    "\"attendees_limit\":null,\"create_default_params\":{},"
	    "\"create_override_params\":{},\"join_default_params\":{},"
	    "\"join_override_params\":{},\"recordings\":null}" },
	{ "{\"recordings\":{},\"attendees_limit\":7,\"size_hint\":3,"
	    "\"default_presentation\":{\"url\":\"u\"},\"nothing\":1,"
	    "\"create_default_params\":{\"b\":\"2\",\"a\":\"1\"}}",
	    "{\"required_tags\":null,\"default_presentation\":{\"url\":\"u\","
	    "\"force\":false},\"attendees_limit\":{\"limit\":7},"
	    "\"create_default_params\":{\"a\":\"1\",\"b\":\"2\"},"
	    "\"create_override_params\":{},\"join_default_params\":{},"
	    "\"join_override_params\":{},"
	    "\"recordings\":{\"visibility_override\":null},"
	    "\"size_hint\":3}" },
};

START_TEST(the_whole_object_is_shown)
{
	json_t		*j = json_loads(shapes[_i].stored, 0, NULL);
	struct buf	 b = { 0 };

	settings_write(&b, j);
	ck_assert_str_eq(buf_str(&b), shapes[_i].shown);
	buf_free(&b);
	json_decref(j);
}
END_TEST

#define COUNT(v)	((int)(sizeof(v) / sizeof((v)[0])))

int
main(void)
{
	Suite	*s = suite_create("setting");
	TCase	*t = tcase_create("setting");
	SRunner	*r;
	int	 failed;

	tcase_add_loop_test(t, what_a_setting_may_be, 0, COUNT(rows));
	tcase_add_test(t, each_can_be_found);
	tcase_add_loop_test(t, the_whole_object_is_shown, 0, COUNT(shapes));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
