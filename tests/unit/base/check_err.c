/*
 * Tests of base/err: texts, context, and the table of codes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"
#include "base/str.h"

static struct err	e = ERR_INIT;

static void
setup(void)
{
	err_clear(&e);
}

START_TEST(a_failure_is_never_none)
{
	err_set(&e, ERR_NONE, "no failure");
}
END_TEST

START_TEST(a_note_needs_an_error)
{
	err_note(&e, "context of nothing");
}
END_TEST

START_TEST(set_fills_all_three)
{
	ck_assert_int_eq(err_set(&e, ERR_MISSING, "meeting %s has %s", "m-1",
	    "ended"), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_str_eq(e.key, "notFound");
	ck_assert_str_eq(e.text, "meeting m-1 has ended");
}
END_TEST

START_TEST(set_replaces_what_was_there)
{
	err_key(&e, ERR_DENIED, "ownKey", "first");
	err_set(&e, ERR_STORE, "second");
	ck_assert_int_eq(e.code, ERR_STORE);
	ck_assert_str_eq(e.key, "unavailable");
	ck_assert_str_eq(e.text, "second");
}
END_TEST

START_TEST(key_overrides_the_codes_own)
{
	ck_assert_int_eq(err_key(&e, ERR_INPUT, "missingParamMeetingID",
	    "You must %d", 1), -1);
	ck_assert_int_eq(e.code, ERR_INPUT);
	ck_assert_str_eq(e.key, "missingParamMeetingID");
	ck_assert_str_eq(e.text, "You must 1");
}
END_TEST

START_TEST(an_error_may_quote_itself)
{
	err_set(&e, ERR_STORE, "inner");
	err_set(&e, ERR_BACKEND, "outer (%s)", e.text);
	ck_assert_str_eq(e.text, "outer (inner)");
	err_note(&e, "again %s", e.text);
	ck_assert_str_eq(e.text, "again outer (inner): outer (inner)");
}
END_TEST

START_TEST(note_puts_context_before_the_text)
{
	err_key(&e, ERR_STORE, "aKey", "connection lost");
	ck_assert_int_eq(err_note(&e, "bind meeting %s", "x"), -1);
	ck_assert_int_eq(err_note(&e, "create"), -1);
	ck_assert_int_eq(e.code, ERR_STORE);
	ck_assert_str_eq(e.key, "aKey");
	ck_assert_str_eq(e.text, "create: bind meeting x: connection lost");
}
END_TEST

START_TEST(a_long_text_is_cut)
{
	char	expected[sizeof(e.text)];

	memset(expected, 'a', sizeof(expected) - 1);
	expected[sizeof(expected) - 1] = '\0';
	err_set(&e, ERR_INPUT, "%saaa", expected);
	ck_assert_str_eq(e.text, expected);
	err_note(&e, "b");
	memcpy(expected, "b: ", 3);
	ck_assert_str_eq(e.text, expected);
}
END_TEST

START_TEST(a_long_note_leaves_nothing_else)
{
	char	expected[sizeof(e.text)];

	memset(expected, 'c', sizeof(expected) - 1);
	expected[sizeof(expected) - 1] = '\0';
	err_set(&e, ERR_INPUT, "lost");
	err_note(&e, "%sccc", expected);
	ck_assert_str_eq(e.text, expected);
}
END_TEST

/* "ä" has two bytes: at each offset the cut keeps whole ones. */
START_TEST(a_cut_text_stays_utf8)
{
	char	text[600];
	int	i;

	for (i = 0; i < 299; i++)
		memcpy(text + 2 * i, "\xc3\xa4", 2);
	text[598] = '\0';
	for (i = 0; i < 2; i++) {
		err_set(&e, ERR_INPUT, "%.*s%s", i, "x", text);
		ck_assert(str_utf8_valid(e.text, strlen(e.text)));
		ck_assert_uint_eq(strlen(e.text), i == 0 ? 510 : 511);
		err_note(&e, "%.*s", 1 + i, "yy");
		ck_assert(str_utf8_valid(e.text, strlen(e.text)));
		ck_assert_uint_ge(strlen(e.text), 510);
	}
}
END_TEST

START_TEST(clear_leaves_no_error)
{
	err_set(&e, ERR_INPUT, "text");
	err_clear(&e);
	ck_assert_int_eq(e.code, ERR_NONE);
	ck_assert_str_eq(e.key, "");
	ck_assert_str_eq(e.text, "");
}
END_TEST

START_TEST(each_code_has_its_names)
{
	static const struct {
		enum err_code	 code;
		int		 http;
		const char	*key;
		int		 status;
	} want[] = {
		{ ERR_INPUT,	400, "validationError",	EX_USAGE },
		{ ERR_DENIED,	401, "checksumError",	EX_NOPERM },
		{ ERR_MISSING,	404, "notFound",	EX_NOINPUT },
		{ ERR_CONFLICT,	409, "idNotUnique",	EX_DATAERR },
		{ ERR_TOOBIG,	413, "sizeError",	EX_DATAERR },
		{ ERR_CONFIG,	500, "internalError",	EX_CONFIG },
		{ ERR_SYSTEM,	500, "internalError",	EX_OSERR },
		{ ERR_INTERNAL,	500, "internalError",	EX_SOFTWARE },
		{ ERR_BACKEND,	502, "backendUnavailable", EX_UNAVAILABLE },
		{ ERR_BUSY,	503, "backendBusy",	EX_TEMPFAIL },
		{ ERR_SCHEMA,	503, "unavailable",	EX_CONFIG },
		{ ERR_STORE,	503, "unavailable",	EX_TEMPFAIL },
	};
	size_t	i, n = sizeof(want) / sizeof(want[0]);

	ck_assert_uint_eq(n, ERR__MAX - 1);
	for (i = 0; i < n; i++) {
		err_set(&e, want[i].code, "x");
		ck_assert_str_eq(e.key, want[i].key);
		ck_assert_int_eq(err_http(want[i].code), want[i].http);
		ck_assert_int_eq(err_exit(want[i].code), want[i].status);
	}
	ck_assert_int_eq(err_http(ERR_NONE), 200);
	ck_assert_int_eq(err_exit(ERR_NONE), EX_OK);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("err");
	TCase	*tc = tcase_create("err");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test_raise_signal(tc, a_failure_is_never_none, SIGABRT);
	tcase_add_test_raise_signal(tc, a_note_needs_an_error, SIGABRT);
	tcase_add_test(tc, set_fills_all_three);
	tcase_add_test(tc, set_replaces_what_was_there);
	tcase_add_test(tc, key_overrides_the_codes_own);
	tcase_add_test(tc, an_error_may_quote_itself);
	tcase_add_test(tc, note_puts_context_before_the_text);
	tcase_add_test(tc, a_long_text_is_cut);
	tcase_add_test(tc, a_long_note_leaves_nothing_else);
	tcase_add_test(tc, a_cut_text_stays_utf8);
	tcase_add_test(tc, clear_leaves_no_error);
	tcase_add_test(tc, each_code_has_its_names);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
