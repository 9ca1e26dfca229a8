/*
 * BBB's rules for parameters: each broken alone, and which of two is told.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/gateway/params.h"

struct rule_case {
	const char	*call;
	const char	*query;
	bool		 found;
	const char	*key;		/* NULL: nothing is broken */
	const char	*message;
};

#define X16	"xxxxxxxxxxxxxxxx"
#define X64	X16 X16 X16 X16
#define X256	X64 X64 X64 X64
#define ID_SIZE	"Meeting ID must be between 2 and 256 characters"
#define NO_NAME	"You must provide a meeting name"
#define GONE	"You can not join a meeting that has already been forcibly ended"
#define NO_SUCH	"A meeting with that ID does not exist"

static const struct rule_case cases[] = {
	{ "create", "", false, "validationError", "Invalid meeting ID" },
	{ "create", "name=Ab", false, "validationError",
	    "Invalid meeting ID" },
	{ "create", "name=Ab&meetingID=", false, "sizeError", ID_SIZE },
	{ "create", "name=Ab&meetingID=x", false, "sizeError", ID_SIZE },
	{ "create", "name=Ab&meetingID=" X256 "y", false, "sizeError",
	    ID_SIZE },
	{ "create", "name=Ab&meetingID=" X256, false, NULL, NULL },
	{ "create", "name=Ab&meetingID=a,b", false, "validationError",
	    "Meeting ID cannot contain ','" },
	{ "create", "name=Ab&meetingID=a%01b", false, "validationError",
	    "Invalid meeting ID" },
	{ "create", "name=Ab&meetingID=+ab", false, "validationError",
	    "Invalid meeting ID" },
	{ "create", "name=Ab&meetingID=a+b", false, NULL, NULL },
	{ "create", "meetingID=ab", false, "nullError", NO_NAME },
	{ "create", "meetingID=ab&name=", false, "emptyError", NO_NAME },
	{ "create", "meetingID=ab&name=++", false, "emptyError", NO_NAME },
	{ "create", "meetingID=ab&name=x", false, "sizeError",
	    "Meeting name must be between 2 and 256 characters" },
	/* an emoji is two units: enough; 256 of them are too many */
	{ "create", "meetingID=ab&name=%F0%9F%98%80", false, NULL, NULL },
	{ "create", "meetingID=ab&name=Ab&attendeePW=x", false,
	    "invalidPassword", "Invalid password" },
	{ "create", "meetingID=ab&name=Ab&moderatorPW=" X64 "y", false,
	    "invalidPassword", "Invalid password" },
	{ "create", "meetingID=ab&name=Ab&moderatorPW=", false, NULL, NULL },
	{ "create", "meetingID=ab&name=Ab&voiceBridge=x1", false,
	    "validationError", "Voice bridge must be an integral value" },
	{ "create", "meetingID=ab&name=Ab&voiceBridge=", false, NULL, NULL },
	{ "create", "meetingID=ab&name=Ab&record=yes", false,
	    "validationError",
	    "Record must be a boolean value (true or false)" },
	{ "create", "meetingID=ab&name=Ab&record=TRUE", false, NULL, NULL },
	{ "create", "meetingID=ab&name=Ab&record=1", false, NULL, NULL },
	{ "create", "meetingID=ab&name=Ab&isBreakoutRoom=x", false,
	    "validationError", "You must provide a boolean value "
	    "(true or false) for the breakout room" },
	{ "create", "meetingID=ab&name=Ab&presentationUploadExternalUrl=x",
	    false, "validationError",
	    "Param 'presentationUploadExternalUrl' is not a valid URL" },
	/* 4.1: which of two broken rules is told */
	{ "create", "meetingID=x&name=", false, "emptyError", NO_NAME },
	{ "create", "meetingID=x&name=Ab&attendeePW=y", false,
	    "invalidPassword", "Invalid password" },
	{ "create", "meetingID=x", false, "sizeError", ID_SIZE },
	/* the URL trick must not switch the other rules off */
	{ "create", "name=Ab&presentationUploadExternalUrl=https://a/",
	    false, "validationError", "Invalid meeting ID" },

	{ "isMeetingRunning", "", false, "missingParamMeetingID",
	    "You must provide a meeting ID" },
	{ "isMeetingRunning", "meetingID=", false, "sizeError", ID_SIZE },
	{ "isMeetingRunning", "meetingID=ab", false, NULL, NULL },

	{ "end", "", false, "notFound", NO_SUCH },
	{ "end", "meetingID=x", false, "notFound", NO_SUCH },
	{ "end", "meetingID=ab", false, "notFound", NO_SUCH },
	{ "end", "meetingID=ab", true, NULL, NULL },
	{ "end", "meetingID=ab&password=x", true, "invalidPassword",
	    "Invalid password" },
	{ "getMeetingInfo", "", false, "notFound", NO_SUCH },
	{ "getMeetingInfo", "meetingID=ab", false, "notFound", NO_SUCH },
	{ "getMeetingInfo", "meetingID=ab", true, NULL, NULL },

	{ "insertDocument", "", false, "missingParamMeetingID",
	    "You must provide a meeting ID" },
	{ "sendChatMessage", "message=x", false, "missingParamMeetingID",
	    "You must provide a meeting ID" },
	{ "sendChatMessage", "meetingID=ab", true, "nullError",
	    "You must provide the param message" },
	{ "sendChatMessage", "meetingID=ab&message=", true, "sizeError",
	    "Param message must be between 1 and 500 characters" },
	{ "sendChatMessage", "meetingID=ab&message=x&userName=" X256, true,
	    "sizeError", "Param userName must not exceed 255 characters" },
	{ "sendChatMessage", "meetingID=ab&message=x", true, NULL, NULL },

	{ "someLaterCall", "", false, "notFound", NO_SUCH },
	{ "someLaterCall", "meetingID=ab", true, NULL, NULL },
	{ "getMeetings", "", false, NULL, NULL },
	{ "", "", false, NULL, NULL },

	{ "join", "", false, "missingParamFullName",
	    "You must provide your name" },
	{ "join", "fullName=A", false, "meetingForciblyEnded", GONE },
	{ "join", "meetingID=ab&fullName=A", false, "meetingForciblyEnded",
	    GONE },
	{ "join", "meetingID=ab&fullName=", false, "missingParamFullName",
	    "You must provide your name" },
	{ "join", "meetingID=ab", true, "missingParamFullName",
	    "You must provide your name" },
	{ "join", "meetingID=ab&fullName=A&createTime=x", true,
	    "validationError", "Value must be an integral number" },
	{ "join", "meetingID=ab&fullName=A&createTime=0&password=", true,
	    NULL, NULL },
	{ "join", "meetingID=ab&fullName=A&guest=x", true, "validationError",
	    "Guest must be a boolean value (true or false)" },
	{ "join", "meetingID=ab&fullName=A&auth=x", true, "validationError",
	    "Auth must be a boolean value (true or false)" },
	{ "join", "meetingID=ab&fullName=A&password=x", true,
	    "invalidPassword", "Invalid password" },
};

#define NCASES (int)(sizeof(cases) / sizeof(cases[0]))

static struct arena		*a;
static struct http_req		 req;
static struct http_reply	 reply;
static struct gateway_log	 line;
static struct call		 c;

static void
setup(void)
{
	a = arena_new();
	memset(&req, 0, sizeof(req));
	req.arena = a;
	req.accept = req.content_type = req.accept_language = "";
	memset(&reply, 0, sizeof(reply));
	memset(&line, 0, sizeof(line));
	memset(&c, 0, sizeof(c));
	c.a = a;
	c.req = &req;
	c.reply = &reply;
	c.log = &line;
}

static void
teardown(void)
{
	buf_free(&reply.body);
	arena_free(a);
}

static void
call_make(const char *name, const char *query)
{
	struct view	raw = { query, strlen(query) };
	struct err	e = ERR_INIT;

	c.name = name;
	c.def = call_find(name);
	ck_assert_ptr_nonnull(c.def);
	ck_assert_int_eq(query_parse(a, raw, 100, &c.query, &e), 0);
}

START_TEST(each_rule_has_its_key_and_message)
{
	const struct rule_case	*rc = &cases[_i];
	struct err		 e = ERR_INIT;
	enum verdict		 v;

	call_make(rc->call, rc->query);
	c.found = rc->found;
	v = params_check(&c, &e);
	if (rc->key == NULL) {
		ck_assert_msg(v == GO_ON, "%s?%s: %s", rc->call, rc->query,
		    e.text);
		return;
	}
	if (strcmp(rc->call, "join") == 0) {	/* answered at once, as XML */
		ck_assert_int_eq(v, ANSWERED);
		ck_assert_str_eq(line.result, rc->key);
		ck_assert_ptr_nonnull(strstr(buf_str(&reply.body),
		    rc->message));
		return;
	}
	ck_assert_msg(v == FAILED, "%s?%s passes", rc->call, rc->query);
	ck_assert_str_eq(e.key, rc->key);
	ck_assert_str_eq(e.text, rc->message);
}
END_TEST

START_TEST(a_body_needs_a_known_content_type)
{
	static const struct {
		const char	*call, *type;
		bool		 ok;
	} types[] = {
		{ "create", "", false },
		{ "create", "text/plain", false },
		{ "create", "application/json", false },
		{ "create", "application/xml", true },
		{ "create", "TEXT/XML; charset=utf-8", true },
		{ "create", "application/x-www-form-urlencoded", true },
		{ "create", "multipart/form-data; boundary=x", true },
		{ "insertDocument", "application/xml", true },
		{ "insertDocument", "application/x-www-form-urlencoded",
		    false },
		{ "getMeetings", "application/xml", false },
		{ "getMeetings", "application/x-www-form-urlencoded", true },
	};
	struct err	e = ERR_INIT;
	size_t		i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		call_make(types[i].call, "meetingID=ab&name=Ab");
		c.found = true;
		req.method = HTTP_POST;
		req.content_length = 10;
		req.content_type = types[i].type;
		ck_assert_int_eq(params_check(&c, &e),
		    types[i].ok ? GO_ON : FAILED);
		if (!types[i].ok)
			ck_assert_str_eq(e.key, "unsupportedContentType");
	}
	/* a GET with a type but no body is what the PHP library sends */
	call_make("getMeetings", "");
	req.method = HTTP_GET;
	req.content_length = -1;
	req.content_type = "application/xml";
	ck_assert_int_eq(params_check(&c, &e), GO_ON);
}
END_TEST

START_TEST(names_that_are_no_call_are_none)
{
	ck_assert_ptr_null(call_find("a-b"));
	ck_assert_ptr_null(call_find("a.json"));
	ck_assert_ptr_null(call_find("create1"));
	ck_assert_ptr_null(call_find("hooks/else"));
	ck_assert_ptr_null(call_find(X64 "x"));
	ck_assert_ptr_nonnull(call_find("hooks/create"));
	ck_assert_ptr_nonnull(call_find("Create"));	/* a later call */
	ck_assert_ptr_ne(call_find("Create"), call_find("create"));
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("params");
	TCase	*tc = tcase_create("params");
	SRunner	*sr = srunner_create(suite);
	int	 failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_rule_has_its_key_and_message, 0, NCASES);
	tcase_add_test(tc, a_body_needs_a_known_content_type);
	tcase_add_test(tc, names_that_are_no_call_are_none);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
