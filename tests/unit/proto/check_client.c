/*
 * Tests of proto/client against a real server on a socket.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/client.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "proto/spool.h"
#include "server.h"
#include "unit.h"

static struct server		 srv;
static struct client		*cl;
static struct client_res	 res;
static size_t			 nended;	/* jobs of client_many */

static void
begin(void)
{
	srv = server_start();
	cl = client_new("b3scale-test/1");
	memset(&res, 0, sizeof(res));
	nended = 0;
}

static void
finish(void)
{
	client_res_free(&res);
	client_free(cl);
	server_stop(srv);
}

static struct client_req
get(int port, const char *path)
{
	struct client_req	q = { .connect_ms = 5000, .total_ms = 20000,
	    .reply_max = 1 << 20 };

	q.url = arena_printf(arena, "http://127.0.0.1:%d%s", port, path);
	return q;
}

static int
call(const struct client_req *q)
{
	client_res_free(&res);
	err_clear(&err);
	return client_call(cl, q, &res, &err);
}

static int
call_path(const char *path)
{
	struct client_req	q = get(srv.port, path);

	return call(&q);
}

/* The call fails in this way, and its text tells nothing of the query. */
static void
check_failure(const struct client_req *q, enum client_outcome outcome,
    const char *text)
{
	ck_assert_int_eq(call(q), -1);
	ck_assert_msg(res.outcome == outcome, "outcome %d: %s", res.outcome,
	    res.error);
	ck_assert_int_eq(res.status, 0);
	ck_assert_int_eq(err.code, ERR_BACKEND);
	ck_assert_msg(strstr(res.error, text) != NULL, "%s", res.error);
	ck_assert_ptr_null(strstr(res.error, "geheim"));
	ck_assert_ptr_null(strstr(err.text, "geheim"));
	ck_assert_ptr_nonnull(strstr(err.text, res.error));
	ck_assert(str_starts(err.text, "http"));
}

START_TEST(a_closed_port_is_refused)
{
	struct client_req	q = get(server_no_port(), "/ok?p=geheim");

	begin();
	check_failure(&q, CLIENT_REFUSED, "connect");
	finish();
}
END_TEST

START_TEST(what_cannot_be_connected_in_time_is_refused)
{
	struct client_req	q = get(server_full_port(), "/ok?p=geheim");

	begin();
	q.connect_ms = 200;
	check_failure(&q, CLIENT_REFUSED, "");
	ck_assert_int_ge(res.ms, 190);
	ck_assert_int_lt(res.ms, 5000);
	/* also when the deadline of the whole is what ends it */
	q.connect_ms = 5000;
	q.total_ms = 200;
	check_failure(&q, CLIENT_REFUSED, "");
	ck_assert_int_lt(res.ms, 5000);
	finish();
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
	static const char *const	urls[] = {
		"http://no-such-host.invalid/?p=geheim",
		"ftp://127.0.0.1/?p=geheim", "file:///etc/passwd",
		"http://127.0.0.1:99999/?p=geheim", "http://?p=geheim",
	};
	struct client_req		q = get(1, "");
	size_t				i;

	begin();
	q.connect_ms = 2000;
	for (i = 0; i < COUNT(urls); i++) {
		q.url = urls[i];
		ck_assert_int_eq(call(&q), -1);
		ck_assert_int_eq(res.outcome, CLIENT_REFUSED);
		ck_assert_ptr_null(strstr(err.text, "geheim"));
	}
	finish();
}
END_TEST

START_TEST(a_tls_handshake_that_fails_is_refused)
{
	struct client_req	q = get(1, "");

	begin();
	q.url = arena_printf(arena, "https://127.0.0.1:%d/ok?p=geheim",
	    srv.port);
	check_failure(&q, CLIENT_REFUSED, "");
	finish();
}
END_TEST

START_TEST(no_time_left_is_no_time_at_all)
{
	struct client_req	q;

	begin();
	q = get(srv.port, "/hang?p=geheim");
	q.total_ms = 0;
	ck_assert_int_eq(call(&q), -1);
	ck_assert(res.outcome == CLIENT_REFUSED ||
	    res.outcome == CLIENT_TIMEOUT);
	ck_assert_int_lt(res.ms, 5000);
	q.total_ms = -5;
	ck_assert_int_eq(call(&q), -1);
	finish();
}
END_TEST

START_TEST(silence_after_the_request_is_a_timeout)
{
	static const char *const	paths[] = { "/hang?p=geheim",
	    "/slow?p=geheim" };
	struct client_req		q;
	size_t				i;

	begin();
	for (i = 0; i < COUNT(paths); i++) {
		q = get(srv.port, paths[i]);
		q.total_ms = 300;
		check_failure(&q, CLIENT_TIMEOUT, "timed out");
		ck_assert_int_ge(res.ms, 290);
		ck_assert_int_lt(res.ms, 5000);
	}
	/* a kept connection does not make it a refusal */
	ck_assert_int_eq(call_path("/ok"), 0);
	q = get(srv.port, "/hang");
	q.total_ms = 300;
	check_failure(&q, CLIENT_TIMEOUT, "timed out");
	finish();
}
END_TEST

START_TEST(a_reply_that_is_none_is_broken)
{
	static const char *const	paths[] = { "/cut?p=geheim",
	    "/garbage?p=geheim", "/empty?p=geheim" };
	struct client_req		q;
	size_t				i;

	begin();
	for (i = 0; i < COUNT(paths); i++) {
		q = get(srv.port, paths[i]);
		check_failure(&q, CLIENT_BROKEN, "");
	}
	finish();
}
END_TEST

START_TEST(a_reply_may_be_as_long_as_the_limit)
{
	struct client_req	q;

	begin();
	q = get(srv.port, "/ok?p=geheim");
	q.reply_max = strlen("<response/>") - 1;
	check_failure(&q, CLIENT_BROKEN, "the reply is longer than 10 bytes");
	q.reply_max++;
	ck_assert_int_eq(call(&q), 0);
	q = get(srv.port, "/endless?p=geheim");
	q.reply_max = 100000;
	check_failure(&q, CLIENT_BROKEN,
	    "the reply is longer than 100000 bytes");
	finish();
}
END_TEST

START_TEST(a_reply_of_any_status_is_a_reply)
{
	begin();
	ck_assert_int_eq(call_path("/ok"), 0);
	ck_assert_int_eq(res.outcome, CLIENT_OK);
	ck_assert_int_eq(res.status, 200);
	ck_assert_str_eq(res.content_type, "text/xml;charset=utf-8");
	ck_assert_str_eq(res.error, "");
	check_bytes(res.body.data, res.body.len, "<response/>");
	ck_assert_int_eq(call_path("/status"), 0);
	ck_assert_int_eq(res.status, 503);
	check_bytes(res.body.data, res.body.len, "<html/>");
	/* not followed */
	ck_assert_int_eq(call_path("/redirect"), 0);
	ck_assert_int_eq(res.status, 302);
	ck_assert_uint_eq(res.body.len, 0);
	finish();
}
END_TEST

START_TEST(a_guarded_call_goes_no_further_than_it_may)
{
	struct client_req	q;

	begin();
	/* a connection that an unguarded call has left behind is not used */
	ck_assert_int_eq(call_path("/ok"), 0);
	q = get(srv.port, "/ok?p=geheim");
	q.guarded = true;
	q.reach = ADDRESS_PRIVATE;
	check_failure(&q, CLIENT_REFUSED, "its address may not be called");
	/* nor does a name help */
	q.url = arena_printf(arena, "http://localhost:%d/ok?p=geheim",
	    srv.port);
	check_failure(&q, CLIENT_REFUSED, "its address may not be called");
	q.reach = ADDRESS_LOOPBACK;
	ck_assert_int_eq(call(&q), 0);
	ck_assert_int_eq(res.status, 200);
	finish();
}
END_TEST

START_TEST(redirects_are_followed_where_that_is_wished)
{
	struct client_req	q;

	begin();
	q = get(srv.port, "/redirect");
	q.redirects = 1;
	ck_assert_int_eq(call(&q), 0);
	ck_assert_int_eq(res.status, 200);
	q.redirects = 0;
	ck_assert_int_eq(call(&q), 0);
	ck_assert_int_eq(res.status, 302);
	finish();
}
END_TEST

START_TEST(a_call_may_say_who_it_is)
{
	struct client_req	q;

	begin();
	q = get(srv.port, "/echo");
	q.authorization = "Bearer abc";
	q.user_agent = "BigBlueButton";
	ck_assert_int_eq(call(&q), 0);
	ck_assert_ptr_nonnull(strstr(buf_str(&res.body),
	    "Authorization: Bearer abc\r\n"));
	ck_assert_ptr_nonnull(strstr(buf_str(&res.body),
	    "User-Agent: BigBlueButton\r\n"));
	ck_assert_ptr_null(strstr(buf_str(&res.body), "b3scale-test"));
	/* the next one is nobody again */
	ck_assert_int_eq(call_path("/echo"), 0);
	ck_assert_ptr_null(strstr(buf_str(&res.body), "Authorization"));
	finish();
}
END_TEST

START_TEST(a_get_is_plain)
{
	begin();
	ck_assert_int_eq(call_path("/echo?a=b+c%2f&d"), 0);
	check_bytes(res.body.data, res.body.len, arena_printf(arena,
	    "GET /echo?a=b+c%%2f&d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "User-Agent: b3scale-test/1\r\nAccept: */*\r\n\r\nbody 0 0\n",
	    srv.port));
	finish();
}
END_TEST

static struct spool *
body_of(size_t len, unsigned long *sum)
{
	struct spool	*s = spool_new(".", 1 << 20);
	char		 piece[8192];
	size_t		 i, n;

	*sum = 0;
	while (len > 0) {
		n = len < sizeof(piece) ? len : sizeof(piece);
		for (i = 0; i < n; i++) {
			piece[i] = (char)(len * 7 + i * 13);
			*sum = *sum * 31 + (unsigned char)piece[i];
		}
		ck_assert_int_eq(spool_write(s, piece, n, &err), 0);
		len -= n;
	}
	return s;
}

START_TEST(a_post_sends_its_body_whole_each_time)
{
	static const size_t	lens[] = { 5, 70000, 20 << 20 };
	struct client_req	q;
	unsigned long		sum;
	size_t			i, k;

	begin();
	q = get(srv.port, "/echo?a=b");
	q.post = true;
	q.content_type = "application/xml";
	for (i = 0; i < COUNT(lens); i++) {
		q.body = body_of(lens[i], &sum);
		for (k = 0; k < 2; k++) {
			ck_assert_msg(call(&q) == 0, "%s", err.text);
			check_bytes(res.body.data, res.body.len,
			    arena_printf(arena, "POST /echo?a=b HTTP/1.1\r\n"
			    "Host: 127.0.0.1:%d\r\nUser-Agent: b3scale-test/1"
			    "\r\nAccept: */*\r\nContent-Type: application/xml"
			    "\r\nContent-Length: %zu\r\n\r\nbody %zu %lu\n",
			    srv.port, lens[i], lens[i], sum));
		}
		spool_free(q.body);
	}
	finish();
}
END_TEST

START_TEST(a_post_without_a_body_has_no_type)
{
	struct client_req	q;

	begin();
	q = get(srv.port, "/echo");
	q.post = true;
	q.content_type = "application/xml";
	ck_assert_int_eq(call(&q), 0);
	check_bytes(res.body.data, res.body.len, arena_printf(arena,
	    "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "User-Agent: b3scale-test/1\r\nAccept: */*\r\n"
	    "Content-Length: 0\r\n\r\nbody 0 0\n", srv.port));
	/* nothing of it is left in the next call */
	ck_assert_int_eq(call_path("/echo"), 0);
	ck_assert(str_starts(res.body.data, "GET /echo HTTP/1.1\r\n"));
	ck_assert_ptr_null(strstr(res.body.data, "Content-"));
	finish();
}
END_TEST

START_TEST(an_answer_before_the_end_of_the_body_is_an_answer)
{
	struct client_req	q;
	unsigned long		sum;

	begin();
	q = get(srv.port, "/early");
	q.post = true;
	q.content_type = "application/xml";
	q.body = body_of(20 << 20, &sum);
	ck_assert_msg(call(&q) == 0, "%s", err.text);
	ck_assert_int_eq(res.status, 413);
	spool_free(q.body);
	finish();
}
END_TEST

START_TEST(connections_are_kept)
{
	begin();
	ck_assert_int_eq(call_path("/count"), 0);
	check_bytes(res.body.data, res.body.len, "1");
	ck_assert_int_eq(call_path("/count"), 0);
	check_bytes(res.body.data, res.body.len, "2");
	finish();
}
END_TEST

START_TEST(a_kept_connection_that_died_costs_no_get)
{
	struct client_req	q;

	begin();
	ck_assert_int_eq(call_path("/once"), 0);
	ck_assert_int_eq(call_path("/count"), 0);
	check_bytes(res.body.data, res.body.len, "1");
	/* a POST does not risk it: it opens a connection of its own */
	q = get(srv.port, "/count");
	q.post = true;
	ck_assert_int_eq(call(&q), 0);
	check_bytes(res.body.data, res.body.len, "1");
	finish();
}
END_TEST

/* What became of the jobs of client_many, in the order of their ends. */
#define JOBS	50

static struct client_job	jobs[JOBS];
static size_t			ended[JOBS];
static enum client_outcome	outcomes[JOBS];
static int			statuses[JOBS];
static char			bodies[JOBS][16];

static void
job_done(const struct client_job *job, struct client_res *r)
{
	size_t	i = (size_t)(job - jobs);

	ck_assert_uint_lt(nended, JOBS);
	ck_assert_ptr_eq(job->ctx, &ended[i]);
	ended[nended++] = i;
	outcomes[i] = r->outcome;
	statuses[i] = r->status;
	str_copy(bodies[i], sizeof(bodies[i]), buf_str(&r->body));
}

static void
jobs_set(size_t from, size_t to, int port, const char *path, int total_ms)
{
	for (; from < to; from++) {
		jobs[from].req = get(port, path);
		jobs[from].req.total_ms = total_ms;
		jobs[from].ctx = &ended[from];
	}
}

static void
check_outcomes(size_t from, size_t to, enum client_outcome outcome)
{
	for (; from < to; from++)
		ck_assert_msg(outcomes[from] == outcome, "job %zu: %d", from,
		    outcomes[from]);
}

START_TEST(none_of_many_waits_for_those_that_hang)
{
	int64_t	begun;
	size_t	i;
	bool	seen[JOBS] = { false };

	begin();
	jobs_set(0, 10, srv.port, "/hang?p=geheim", 1500);
	jobs_set(10, 14, server_full_port(), "/ok", 1500);
	jobs_set(14, 17, server_no_port(), "/ok", 1500);
	jobs_set(17, 19, srv.port, "/cut", 1500);
	jobs_set(19, JOBS, srv.port, "/ok", 20000);
	begun = clock_mono_ms();
	ck_assert_int_eq(client_many(cl, jobs, JOBS, 20, job_done, &err), 0);
	ck_assert_int_lt(clock_mono_ms() - begun, 10000);
	ck_assert_uint_eq(nended, JOBS);
	for (i = 0; i < JOBS; i++) {
		ck_assert(!seen[ended[i]]);
		seen[ended[i]] = true;
		/* 20 at once, 14 that take their time: these come last */
		ck_assert(i >= JOBS - 14 || ended[i] >= 14);
	}
	check_outcomes(0, 10, CLIENT_TIMEOUT);
	check_outcomes(10, 14, CLIENT_REFUSED);
	check_outcomes(14, 17, CLIENT_REFUSED);
	check_outcomes(17, 19, CLIENT_BROKEN);
	check_outcomes(19, JOBS, CLIENT_OK);
	ck_assert_int_eq(statuses[JOBS - 1], 200);
	ck_assert_str_eq(bodies[JOBS - 1], "<response/>");
	finish();
}
END_TEST

START_TEST(no_more_than_wanted_are_in_the_air)
{
	size_t	i;

	begin();
	jobs_set(0, JOBS, srv.port, "/count", 20000);
	ck_assert_int_eq(client_many(cl, jobs, JOBS, 1, job_done, &err), 0);
	ck_assert_uint_eq(nended, JOBS);
	/* one after the other, over one connection */
	for (i = 0; i < JOBS; i++) {
		ck_assert_uint_eq(ended[i], i);
		ck_assert_int_eq(atoi(bodies[i]), (int)i + 1);
	}
	finish();
}
END_TEST

START_TEST(many_keep_their_connections_for_the_next_round)
{
	size_t	i, kept = 0;

	begin();
	jobs_set(0, JOBS, srv.port, "/count", 20000);
	ck_assert_int_eq(client_many(cl, jobs, JOBS, JOBS, job_done, &err),
	    0);
	nended = 0;
	ck_assert_int_eq(client_many(cl, jobs, JOBS, JOBS, job_done, &err),
	    0);
	ck_assert_uint_eq(nended, JOBS);
	for (i = 0; i < JOBS; i++)
		kept += atoi(bodies[i]) > 1;
	ck_assert_uint_eq(kept, JOBS);
	finish();
}
END_TEST

/* Five steps of a tenth of a second; then there is nothing to do. */
static bool
work(void *ctx)
{
	struct timespec	tenth = { 0, 100000000 };
	int		*steps = ctx;

	if (*steps == 5)
		return false;
	nanosleep(&tenth, NULL);
	(*steps)++;
	return true;
}

START_TEST(work_is_done_while_others_hang)
{
	int64_t	begun;
	int	steps = 0;

	begin();
	jobs_set(0, 5, srv.port, "/hang", 1000);
	jobs_set(5, JOBS, srv.port, "/ok", 1000);
	begun = clock_mono_ms();
	client_idle(cl, work, &steps);
	ck_assert_int_eq(client_many(cl, jobs, JOBS, JOBS, job_done, &err),
	    0);
	ck_assert_int_eq(steps, 5);
	ck_assert_int_lt(clock_mono_ms() - begun, 1400);
	check_outcomes(0, 5, CLIENT_TIMEOUT);
	check_outcomes(5, JOBS, CLIENT_OK);

	steps = nended = 0;
	client_idle(cl, NULL, NULL);
	ck_assert_int_eq(client_many(cl, jobs, 5, 5, job_done, &err), 0);
	ck_assert_int_eq(steps, 0);
	finish();
}
END_TEST

START_TEST(many_may_be_none)
{
	begin();
	ck_assert_int_eq(client_many(cl, jobs, 0, 10, job_done, &err), 0);
	ck_assert_uint_eq(nended, 0);
	client_free(NULL);
	finish();
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_closed_port_is_refused,
		what_cannot_be_connected_in_time_is_refused,
		what_is_no_address_is_refused,
		a_tls_handshake_that_fails_is_refused,
		no_time_left_is_no_time_at_all,
		silence_after_the_request_is_a_timeout,
		a_reply_that_is_none_is_broken,
		a_reply_may_be_as_long_as_the_limit,
		a_reply_of_any_status_is_a_reply,
		a_guarded_call_goes_no_further_than_it_may,
		redirects_are_followed_where_that_is_wished,
		a_call_may_say_who_it_is,
		a_get_is_plain,
		a_post_sends_its_body_whole_each_time,
		a_post_without_a_body_has_no_type,
		an_answer_before_the_end_of_the_body_is_an_answer,
		connections_are_kept,
		a_kept_connection_that_died_costs_no_get,
		none_of_many_waits_for_those_that_hang,
		no_more_than_wanted_are_in_the_air,
		many_keep_their_connections_for_the_next_round,
		work_is_done_while_others_hang,
		many_may_be_none,
	};

	/* The server is on this machine; no proxy stands before it. */
	setenv("no_proxy", "*", 1);
	return unit_run("client", tests, COUNT(tests));
}
