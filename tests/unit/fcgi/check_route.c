/*
 * Who answers which path, in a worker whose database is away.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "fcgi/route.h"
#include "core/config.h"

static char		 run_dir[] = "/tmp/check_route.XXXXXX";
static struct config	 conf;
static struct worker	 worker;
static struct arena	*arena;
static struct http_req	 req;
static struct http_reply reply;
static struct exchange	 x;

/* A real worker: only its database is nowhere. */
static void
setup(void)
{
	struct err	e = ERR_INIT;

	ck_assert_ptr_nonnull(mkdtemp(run_dir));
	setenv("B3SCALE_DB_URL", "host=/nonexistent dbname=none", 1);
	setenv("B3SCALE_DB_CONNECT_TIMEOUT", "50 ms", 1);
	setenv("B3SCALE_RUN_DIR", run_dir, 1);
	setenv("B3SCALE_PAGES_DIR", PAGES, 1);
	ck_assert_msg(config_load("/dev/null", &conf, &e) == 0, "%s", e.text);
	ck_assert_msg(worker_open(&worker, &conf, "check", &e) == 0, "%s",
	    e.text);
	arena = arena_new();
}

static void
teardown(void)
{
	char	cmd[64];

	buf_free(&reply.body);
	arena_free(arena);
	worker_close(&worker);
	config_free(&conf);
	snprintf(cmd, sizeof(cmd), "rm -r %s", run_dir);
	ck_assert_int_eq(system(cmd), 0);
}

static struct spool *
no_body(struct http_req *r, struct err *e)
{
	(void)r;
	err_set(e, ERR_INPUT, "no body");
	return NULL;
}

static void
ask(enum http_method method, const char *path)
{
	req = (struct http_req){
		.method = method, .method_name = "", .path = path,
		.raw_path = path,
		.raw_query = "", .host = "", .scheme = "http", .accept = "",
		.accept_language = "", .content_type = "", .user_agent = "",
		.authorization = "", .origin = "", .remote_addr = "",
		.content_length = -1, .arena = arena, .body = no_body,
	};
	memset(&reply, 0, sizeof(reply));
	x = (struct exchange){ .w = &worker, .req = &req, .reply = &reply };
	route_answer(&x);
	if (x.call != NULL)
		gateway_after(x.call);
}

static void
refuse(const char *raw_path)
{
	ask(HTTP_GET, "/");
	req.raw_path = raw_path;
	buf_free(&reply.body);
	memset(&reply, 0, sizeof(reply));
	x.kind = NULL;
	route_refuse(&x, 414, "it is \"too\" long");
	ck_assert_int_eq(reply.status, 414);
	ck_assert_str_eq(x.log.reason, "it is \"too\" long");
}

static const char *
header(const char *name)
{
	size_t	i;

	for (i = 0; i < reply.nheaders; i++)
		if (strcmp(reply.headers[i].name, name) == 0)
			return reply.headers[i].value;
	return NULL;
}

START_TEST(what_is_no_request_to_the_api_is_refused_in_json)
{
	static const char *const	paths[] = { "/api/v1", "/api/v1/",
					    "//api/v1/a%00",
					    "/api/v1/\xff" };

	refuse(paths[_i]);
	ck_assert_str_eq(buf_str(&reply.body),
	    "{\"message\":\"it is \\\"too\\\" long\"}\n");
	ck_assert_str_eq(header("Content-Type"), "application/json");
	ck_assert_str_eq(header("Cache-Control"), "no-store");
	ck_assert_str_eq(x.kind, "api");
}
END_TEST

START_TEST(what_is_no_other_request_is_refused_in_plain_words)
{
	static const char *const	paths[] = { "", "/", "/api/v1x",
					    "/bbb/%00" };

	refuse(paths[_i]);
	ck_assert_str_eq(buf_str(&reply.body),
	    "URI Too Long: it is \"too\" long\n");
	ck_assert_str_eq(header("Content-Type"),
	    "text/plain; charset=utf-8");
	ck_assert_str_eq(x.kind, "http");
}
END_TEST

static const char *const	unknown[] = {
	"/nothing", "/healthz/", "/bbbfoo/key/x", "/api/v1x", "/api", "//",
};

START_TEST(an_unknown_path_gets_404)
{
	ask(HTTP_GET, unknown[_i]);
	ck_assert_int_eq(reply.status, 404);
	ck_assert_str_eq(buf_str(&reply.body),
	    "{\"message\":\"Not Found\"}\n");
	ck_assert_str_eq(header("Content-Type"),
	    "application/json; charset=UTF-8");
	ck_assert_str_eq(x.kind, "http");
	ck_assert_ptr_null(x.call);
}
END_TEST

static const struct {
	enum http_method	 method;
	const char		*path;
} wrong[] = {
	{ HTTP_POST, "/" }, { HTTP_OTHER, "/" }, { HTTP_OPTIONS, "/" },
	{ HTTP_DELETE, "/healthz" }, { HTTP_PUT, "/readyz" },
	{ HTTP_PATCH, "/readyz" },
};

START_TEST(a_wrong_method_gets_405)
{
	ask(wrong[_i].method, wrong[_i].path);
	ck_assert_int_eq(reply.status, 405);
	ck_assert_str_eq(buf_str(&reply.body),
	    "{\"message\":\"Method Not Allowed\"}\n");
	ck_assert_str_eq(header("Content-Type"),
	    "application/json; charset=UTF-8");
	ck_assert_str_eq(header("Allow"), "GET, HEAD");
}
END_TEST

START_TEST(not_ready_without_a_database)
{
	ask(HTTP_GET, "/readyz");
	ck_assert_int_eq(reply.status, 503);
	ck_assert_str_eq(buf_str(&reply.body),
	    "not ready: the database is away\n");
	ck_assert_str_eq(header("Retry-After"), "5");
	ck_assert_str_eq(header("Cache-Control"), "no-store");
	ck_assert_ptr_nonnull(x.log.reason);
}
END_TEST

START_TEST(alive_without_a_database)
{
	ask(HTTP_GET, "/healthz");
	ck_assert_int_eq(reply.status, 200);
	ck_assert_str_eq(buf_str(&reply.body), "alive\n");
	ck_assert_str_eq(header("Content-Type"),
	    "text/plain; charset=utf-8");
	ck_assert_str_eq(header("Cache-Control"), "no-store");
	/* Monitors ask often: not worth a line each. */
	ck_assert_int_eq(x.level, LOG_LEVEL_DEBUG);
}
END_TEST

START_TEST(the_root_names_program_and_version)
{
	ask(HTTP_HEAD, "/");
	ck_assert_int_eq(reply.status, 200);
	ck_assert_str_eq(buf_str(&reply.body),
	    "b3scale " PACKAGE_VERSION "\n");
}
END_TEST

static const char *const	calls[] = {
	"/bbb/key/api/join", "/bigbluebutton/api/isMeetingRunning",
	"/bbb/key/bigbluebutton/api/create",
};

/* By any method: whether that is right is BBB's to say, in its XML. */
START_TEST(the_gateway_answers_calls)
{
	ask(_i == 0 ? HTTP_OTHER : HTTP_GET, calls[_i]);
	ck_assert_ptr_nonnull(x.call);
	ck_assert_str_eq(x.kind, "bbb");
	ck_assert_ptr_nonnull(strstr(buf_str(&reply.body), "<response>"));
}
END_TEST

START_TEST(the_api_asks_for_a_token)
{
	ask(HTTP_GET, _i == 0 ? "/api/v1" : "/api/v1/nothing");
	ck_assert_int_eq(reply.status, 401);
	ck_assert_str_eq(buf_str(&reply.body),
	    "{\"message\":\"missing or malformed jwt\"}\n");
	ck_assert_str_eq(header("Content-Type"), "application/json");
	ck_assert_str_eq(x.kind, "api");
}
END_TEST

#define LOOP(t, test, rows)						\
	tcase_add_loop_test(t, test, 0, sizeof(rows) / sizeof(rows[0]))

int
main(void)
{
	Suite	*s = suite_create("route");
	TCase	*t = tcase_create("route");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	LOOP(t, an_unknown_path_gets_404, unknown);
	LOOP(t, a_wrong_method_gets_405, wrong);
	tcase_add_test(t, not_ready_without_a_database);
	tcase_add_test(t, alive_without_a_database);
	tcase_add_test(t, the_root_names_program_and_version);
	LOOP(t, the_gateway_answers_calls, calls);
	tcase_add_loop_test(t, the_api_asks_for_a_token, 0, 2);
	tcase_add_loop_test(t,
	    what_is_no_request_to_the_api_is_refused_in_json, 0, 4);
	tcase_add_loop_test(t,
	    what_is_no_other_request_is_refused_in_plain_words, 0, 4);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
