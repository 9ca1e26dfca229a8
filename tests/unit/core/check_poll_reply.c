/*
 * Tests of core/poll_reply: what fails, what is alive, what is a list.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/jobs/poll_reply.h"

#define OK	"<returncode>SUCCESS</returncode>"

static struct arena		*a;
static struct client_res	 res;
static struct poll_reply	 r;

static void
setup(void)
{
	a = arena_new();
	memset(&res, 0, sizeof(res));
	res.outcome = CLIENT_OK;
	res.status = 200;
}

static void
teardown(void)
{
	client_res_free(&res);
	arena_free(a);
}

static enum poll_said
said(const char *body)
{
	buf_reset(&res.body);
	buf_adds(&res.body, body);
	poll_reply_read(a, &res, &r);
	return r.said;
}

static void
fixture(const char *name)
{
	char	 path[1024], bytes[4096];
	FILE	*f;
	size_t	 n;

	snprintf(path, sizeof(path), "%s/tests/fixtures/bbb/%s", SRCDIR, name);
	ck_assert_ptr_nonnull(f = fopen(path, "r"));
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(&res.body, bytes, n);
	fclose(f);
	poll_reply_read(a, &res, &r);
}

START_TEST(no_answer_is_a_failure_with_its_reason)
{
	res.outcome = CLIENT_REFUSED;
	str_copy(res.error, sizeof(res.error), "Connection refused");
	ck_assert_int_eq(said("<response>"), POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "Connection refused");
	res.outcome = CLIENT_TIMEOUT;
	ck_assert_int_eq(said("<response>" OK "<meetings/></response>"),
	    POLL_SAID_FAILURE);
}
END_TEST

START_TEST(another_status_is_a_failure_whatever_it_says)
{
	static const int	statuses[] = { 204, 301, 404, 500, 502, 999 };

	res.status = statuses[_i];
	ck_assert_int_eq(said("<response>" OK "<meetings/></response>"),
	    POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, arena_printf(a, "HTTP status %d",
	    statuses[_i]));
}
END_TEST

START_TEST(a_refusal_is_a_failure_with_key_and_message)
{
	fixture("error-checksum.xml");
	ck_assert_int_eq(r.said, POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error,
	    "getMeetings: checksumError: Checksums do not match");
	ck_assert_int_eq(said("<response><returncode>FAILED</returncode>"
	    "<message>why</message></response>"), POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "getMeetings: FAILED: why");
}
END_TEST

START_TEST(what_is_not_bbb_is_a_failure)
{
	ck_assert_int_eq(said("<html><body>It works!</body></html>"),
	    POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "not an answer of BBB:"
	    " reply: not a response with a returncode");
	ck_assert_int_eq(said("<html><br></html>"), POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "not an answer of BBB:"
	    " reply: line 1: mismatched tag");
	ck_assert_int_eq(said(""), POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "not an answer of BBB:"
	    " reply: line 1: no element found");
	ck_assert_int_eq(said("<response></response>"), POLL_SAID_FAILURE);
	/* Ill-formed, and no success either. */
	ck_assert_int_eq(said("<response><returncode>FAILED</returncode>"
	    "<br></response>"), POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "not an answer of BBB:"
	    " reply: line 1: mismatched tag");
}
END_TEST

START_TEST(half_an_answer_is_a_failure)
{
	ck_assert_int_eq(said("<response>" OK "<meetings><meeting>\n"),
	    POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "the answer is cut off");
	ck_assert_int_eq(said("<response>"), POLL_SAID_FAILURE);
	ck_assert_str_eq(r.error, "the answer is cut off");
}
END_TEST

START_TEST(an_ill_formed_list_is_alive)
{
	ck_assert_int_eq(said("\n<response>\n" OK "\n<meetings><meeting>\n"
	    "<1 x>y</1 x></meeting></meetings></response>\r\n"),
	    POLL_SAID_NONSENSE);
	ck_assert_str_eq(r.error, "ill-formed getMeetings:"
	    " reply: line 5: not well-formed (invalid token)");
	ck_assert_uint_eq(r.n, 0);
}
END_TEST

START_TEST(a_success_without_a_list_ends_nothing)
{
	fixture("index-3.0.xml");
	ck_assert_int_eq(r.said, POLL_SAID_NONSENSE);
	ck_assert_str_eq(r.error, "getMeetings: no list of meetings");
}
END_TEST

START_TEST(a_meeting_without_internal_id_spoils_the_list)
{
	ck_assert_int_eq(said("<response>" OK "<meetings><meeting>"
	    "<internalMeetingID>i-1</internalMeetingID></meeting>"
	    "<meeting><meetingID>m</meetingID></meeting>"
	    "</meetings></response>"), POLL_SAID_NONSENSE);
	ck_assert_str_eq(r.error,
	    "getMeetings: a meeting without internalMeetingID");
}
END_TEST

START_TEST(no_meetings_are_a_list)
{
	fixture("getMeetings-empty.xml");
	ck_assert_int_eq(r.said, POLL_SAID_MEETINGS);
	ck_assert_uint_eq(r.n, 0);
	ck_assert_ptr_null(r.error);
}
END_TEST

START_TEST(a_list_is_read_in_its_order)
{
	ck_assert_int_eq(said("<response>" OK "<meetings><meeting>"
	    "<meetingID>b</meetingID><internalMeetingID>i-b"
	    "</internalMeetingID></meeting><other/><meeting>"
	    "<meetingID>a</meetingID><internalMeetingID>i-a"
	    "</internalMeetingID><participantCount>1,024</participantCount>"
	    "</meeting></meetings></response>"), POLL_SAID_MEETINGS);
	ck_assert_uint_eq(r.n, 2);
	ck_assert_str_eq(r.meetings[0].meeting_id, "b");
	ck_assert_str_eq(r.meetings[0].internal_id, "i-b");
	ck_assert_str_eq(r.meetings[1].internal_id, "i-a");
	ck_assert_int_eq(r.meetings[1].participants, 1024);
}
END_TEST

START_TEST(a_servers_list_is_read)
{
	size_t	i;

	fixture("getMeetings-mixed.xml");
	ck_assert_msg(r.said == POLL_SAID_MEETINGS, "%s", r.error);
	ck_assert_uint_eq(r.n, 4);
	for (i = 0; i < r.n; i++)
		ck_assert_uint_eq(strlen(r.meetings[i].internal_id), 54);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("core/poll_reply");
	TCase	*t = tcase_create("poll_reply");
	SRunner	*runner;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, no_answer_is_a_failure_with_its_reason);
	tcase_add_loop_test(t, another_status_is_a_failure_whatever_it_says,
	    0, 6);
	tcase_add_test(t, a_refusal_is_a_failure_with_key_and_message);
	tcase_add_test(t, what_is_not_bbb_is_a_failure);
	tcase_add_test(t, half_an_answer_is_a_failure);
	tcase_add_test(t, an_ill_formed_list_is_alive);
	tcase_add_test(t, a_success_without_a_list_ends_nothing);
	tcase_add_test(t, a_meeting_without_internal_id_spoils_the_list);
	tcase_add_test(t, no_meetings_are_a_list);
	tcase_add_test(t, a_list_is_read_in_its_order);
	tcase_add_test(t, a_servers_list_is_read);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
