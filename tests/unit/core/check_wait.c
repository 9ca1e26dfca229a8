/*
 * Tests of core/wait: foreign addresses refused, our own and the Go ones read.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/wait.h"

static struct arena	*a;
static struct err	 e = ERR_INIT;
static struct wait	 w;

static void
setup(void)
{
	a = arena_new();
	err_clear(&e);
	memset(&w, 0, sizeof(w));
}

static void
teardown(void)
{
	arena_free(a);
}

static void
refused(const char *path, const char *text)
{
	err_clear(&e);
	ck_assert_int_eq(wait_parse(a, path, &w, &e), -1);
	ck_assert_int_eq(e.code, ERR_INPUT);
	ck_assert_str_eq(e.text, text);
}

START_TEST(another_path_is_refused)
{
	refused("/b3s/retry-joi", "not a waiting page");
	refused("/bbb/moodle/api/join", "not a waiting page");
	refused("", "not a waiting page");
}
END_TEST

START_TEST(other_characters_are_refused)
{
	refused(WAIT_PREFIX "eyJtdGgi+iJHRVQ", "waiting page: not base64url");
	refused(WAIT_PREFIX "eyJtdGgi/iJHRVQ", "waiting page: not base64url");
	refused(WAIT_PREFIX "eyJtdGg=", "waiting page: not base64url");
	refused(WAIT_PREFIX "eyJtd", "waiting page: not base64url");
}
END_TEST

START_TEST(what_is_no_object_is_refused)
{
	refused(WAIT_PREFIX, "waiting page: not JSON");
	refused(WAIT_PREFIX "AAAA", "waiting page: not JSON");
	/* {"mth":"GET" */
	refused(WAIT_PREFIX "eyJtdGgiOiJHRVQi", "waiting page: not JSON");
	/* [] */
	refused(WAIT_PREFIX "W10", "waiting page: no mth");
}
END_TEST

START_TEST(a_long_one_is_refused_unread)
{
	size_t	 n = 56 * 1024 + 1;
	char	*path = arena_alloc(a, sizeof(WAIT_PREFIX) + n);

	memcpy(path, WAIT_PREFIX, sizeof(WAIT_PREFIX) - 1);
	memset(path + sizeof(WAIT_PREFIX) - 1, 'A', n);
	path[sizeof(WAIT_PREFIX) - 1 + n] = '\0';
	refused(path, "waiting page: longer than 57344 bytes");
}
END_TEST

static const struct {
	const char	*blob;
	const char	*json;		/* what it says, for the reader */
	const char	*text;
} bad[] = {
	{ "eyJ1cmwiOiIvYmJiL3gifQ", "{\"url\":\"/bbb/x\"}", "no mth" },
	{ "eyJtdGgiOiIiLCJ1cmwiOiIvYmJiL3gifQ",
	    "{\"mth\":\"\",\"url\":\"/bbb/x\"}", "no mth" },
	{ "eyJtdGgiOiJHRVQifQ", "{\"mth\":\"GET\"}", "no url" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOjd9", "{\"mth\":\"GET\",\"url\":7}",
	    "no url" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiJodHRwOi8veC55L2JiYi8ifQ",
	    "{\"mth\":\"GET\",\"url\":\"http://x.y/bbb/\"}",
	    "the url is not that of a call" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvL2V2aWwvYmJiLyJ9",
	    "{\"mth\":\"GET\",\"url\":\"//evil/bbb/\"}",
	    "the url is not that of a call" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL2EgYiJ9",
	    "{\"mth\":\"GET\",\"url\":\"/bbb/a b\"}",
	    "the url is not that of a call" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL2Fcbi8ifQ",
	    "{\"mth\":\"GET\",\"url\":\"/bbb/a\\n/\"}",
	    "the url is not that of a call" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL3giLCJ0cmllcyI6LTF9",
	    "{\"mth\":\"GET\",\"url\":\"/bbb/x\",\"tries\":-1}",
	    "tries is not a count" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL3giLCJ0cmllcyI6MjE0NzQ4MzY0N30",
	    "{\"mth\":\"GET\",\"url\":\"/bbb/x\",\"tries\":2147483647}",
	    "tries is not a count" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL3giLCJ0cmllcyI6IjEifQ",
	    "{\"mth\":\"GET\",\"url\":\"/bbb/x\",\"tries\":\"1\"}",
	    "tries is not a count" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL3giLCJzaW5jZSI6LTV9",
	    "{\"mth\":\"GET\",\"url\":\"/bbb/x\",\"since\":-5}",
	    "since is not a time" },
	{ "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL3giLCJzaW5jZSI6MS41fQ",
	    "{\"mth\":\"GET\",\"url\":\"/bbb/x\",\"since\":1.5}",
	    "since is not a time" },
};

START_TEST(an_object_of_another_kind_is_refused)
{
	refused(arena_printf(a, "%s%s", WAIT_PREFIX, bad[_i].blob),
	    arena_printf(a, "waiting page: %s", bad[_i].text));
}
END_TEST

START_TEST(members_named_twice_are_refused)
{
	/* {"mth":"GET","url":"/bbb/x","url":"/bbb/y"} */
	refused(WAIT_PREFIX
	    "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL3giLCJ1cmwiOiIvYmJiL3kifQ",
	    "waiting page: not JSON");
}
END_TEST

START_TEST(the_go_form_is_read)
{
	/* {"mth":"GET","url":"/bbb/k/join?a=1\u0026checksum=c"} */
	ck_assert_int_eq(wait_parse(a, WAIT_PREFIX
	    "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL2svam9pbj9hPTFcdTAwMjZjaGVja3N1"
	    "bT1jIn0", &w, &e), 0);
	ck_assert_str_eq(w.url, "/bbb/k/join?a=1&checksum=c");
	ck_assert_int_eq(w.tries, 0);
	ck_assert_int_eq(w.since, 0);
}
END_TEST

START_TEST(the_address_is_exact)
{
	w = (struct wait){ "/bbb/k/join?a=1", 2, 1700000000000 };
	/*
	 * {"mth":"GET","url":"/bbb/k/join?a=1","tries":2,
	 * "since":1700000000000}
	 */
	ck_assert_str_eq(wait_path(a, &w), WAIT_PREFIX
	    "eyJtdGgiOiJHRVQiLCJ1cmwiOiIvYmJiL2svam9pbj9hPTEiLCJ0cmllcyI6Miwi"
	    "c2luY2UiOjE3MDAwMDAwMDAwMDB9");
}
END_TEST

static const char *const urls[] = {
	"/bbb/k/join?a=1",
	"/bbb/k/join?a=12",
	"/bbb/k/join?a=123",
	"/bigbluebutton/api/join?fullName=%C3%A9%20\"<>'&x=?/+~",
	"/bbb/k/join?fullName=DOMAIN\\user",	/* browsers send it so */
	"/bbb/k/api/join?fullName=J\xc3\xbcrgen&checksum=0123456789abcdef",
};

START_TEST(what_is_written_is_read)
{
	struct wait	 back;
	char		*path;

	w = (struct wait){ urls[_i], _i, 1700000000000 + _i };
	path = wait_path(a, &w);
	ck_assert_uint_eq(strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"
	    "klmnopqrstuvwxyz0123456789-_/"), strlen(path));
	ck_assert_msg(wait_parse(a, path, &back, &e) == 0, "%s", e.text);
	ck_assert_str_eq(back.url, urls[_i]);
	ck_assert_int_eq(back.tries, _i);
	ck_assert_int_eq(back.since, 1700000000000 + _i);
}
END_TEST

START_TEST(raw_bytes_of_no_utf8_are_escaped)
{
	struct wait	back;

	w = (struct wait){ "/bbb/k/join?n=\xe9\xc3\xa9\xff", 0, 1 };
	ck_assert_int_eq(wait_parse(a, wait_path(a, &w), &back, &e), 0);
	ck_assert_str_eq(back.url, "/bbb/k/join?n=%E9\xc3\xa9%FF");
}
END_TEST

START_TEST(the_first_try_begins_now)
{
	long long	before = clock_wall_ms();
	struct wait	back;

	w = (struct wait){ "/bbb/k/join", 0, 0 };
	ck_assert_int_eq(wait_parse(a, wait_path(a, &w), &back, &e), 0);
	ck_assert_int_ge(back.since, before);
	ck_assert_int_le(back.since, clock_wall_ms());
}
END_TEST

START_TEST(tries_back_off_to_half_a_minute)
{
	static const int	want[] = { 2, 3, 5, 8, 13, 21, 30, 30, 30 };
	int			i;

	for (i = 0; i < 9; i++)
		ck_assert_int_eq(wait_seconds(i), want[i]);
	ck_assert_int_eq(wait_seconds(2147483647), 30);
	ck_assert_int_eq(wait_seconds(-1), 2);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("core/wait");
	TCase	*t = tcase_create("wait");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, another_path_is_refused);
	tcase_add_test(t, other_characters_are_refused);
	tcase_add_test(t, what_is_no_object_is_refused);
	tcase_add_test(t, a_long_one_is_refused_unread);
	tcase_add_loop_test(t, an_object_of_another_kind_is_refused, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, members_named_twice_are_refused);
	tcase_add_test(t, the_go_form_is_read);
	tcase_add_test(t, the_address_is_exact);
	tcase_add_loop_test(t, what_is_written_is_read, 0,
	    sizeof(urls) / sizeof(urls[0]));
	tcase_add_test(t, raw_bytes_of_no_utf8_are_escaped);
	tcase_add_test(t, the_first_try_begins_now);
	tcase_add_test(t, tries_back_off_to_half_a_minute);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
