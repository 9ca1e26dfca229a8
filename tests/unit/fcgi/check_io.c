/*
 * Requests and replies over real FastCGI connections: limits, cuts, heads.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/io.h"
#include "proto/spool.h"
#include "record.h"

static struct io	io;
static struct config	conf;
static struct buf	to, from, out;
static struct err	err;
static char		spool_dir[] = "/tmp";
static int		peer;		/* the web server's end */

static void
setup(void)
{
	memset(&conf, 0, sizeof(conf));
	conf.max_query = 1024;
	conf.max_form = 1000;
	conf.max_body = 1 << 20;
	conf.spool_memory = 64 * 1024;
	conf.spool_dir = spool_dir;
	err = (struct err)ERR_INIT;
	io_open(&io, &conf);
	peer = -1;
}

static void
teardown(void)
{
	io_close(&io);
	buf_free(&to);
	buf_free(&from);
	buf_free(&out);
	if (peer >= 0)
		close(peer);
}

/* A connection on which all of `to` waits; a kind of 0 is a stream. */
static int
connection(int kind)
{
	int	fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, kind != 0 ? kind : SOCK_STREAM,
	    0, fd), 0);
	ck_assert_int_eq(send(fd[0], to.data, to.len, 0), (ssize_t)to.len);
	buf_reset(&to);
	peer = fd[0];
	return fd[1];
}

static void
peer_close(void)
{
	close(peer);
	peer = -1;
}

static void
params(const char *method, const char *type, const char *length)
{
	const char	*env[] = {
		"REQUEST_URI=/bbb/k/create?a=b",
		arena_printf(io.arena, "REQUEST_METHOD=%s", method),
		arena_printf(io.arena, "CONTENT_TYPE=%s", type),
		arena_printf(io.arena, "CONTENT_LENGTH=%s", length), NULL
	};

	record_begin(&to, false);
	record_params(&to, env);
}

/* Accepts and reads a request of which `to` holds the records. */
static void
request(int kind)
{
	ck_assert_int_eq(io_accept(&io, connection(kind)), 0);
	ck_assert_int_eq(io_request(&io, &err), 0);
}

static void
simple_request(const char *method)
{
	params(method, "", "");
	record_stdin_end(&to);
	request(0);
}

/* Everything until the worker closes; true: it ended the request. */
static bool
answer(void)
{
	char	chunk[4096];
	ssize_t	n;

	shutdown(peer, SHUT_WR);
	while ((n = recv(peer, chunk, sizeof(chunk), 0)) > 0)
		buf_add(&from, chunk, (size_t)n);
	return record_stdout(&from, &out);
}

/* io_finish waits for the web server to close, so somebody must. */
static bool
finish_and_answer(void)
{
	shutdown(peer, SHUT_WR);
	io_finish(&io, false);
	return answer();
}

static void
body_fails(enum err_code code, const char *text)
{
	ck_assert_ptr_null(io.req.body(&io.req, &err));
	ck_assert_int_eq(err.code, code);
	ck_assert_str_eq(err.text, text);
}

static void
body_is(const char *text)
{
	struct spool	*s = io.req.body(&io.req, &err);

	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(spool_len(s), (long long)strlen(text));
	ck_assert_int_eq(memcmp(spool_data(s), text, strlen(text)), 0);
}

/* ---- connections that are none */

START_TEST(a_peer_that_says_nothing_is_left)
{
	int	fd = connection(0);

	peer_close();
	ck_assert_int_eq(io_accept(&io, fd), -1);
	ck_assert_int_eq(io_kept(&io), -1);
}
END_TEST

START_TEST(what_is_no_fastcgi_is_left)
{
	buf_adds(&to, "GET / HTTP/1.1\r\nHost: bbb.example.org\r\n\r\n");
	ck_assert_int_eq(io_accept(&io, connection(0)), -1);
	ck_assert_int_eq(io_kept(&io), -1);
}
END_TEST

START_TEST(parameters_that_break_off_are_left)
{
	int	fd;

	params("GET", "", "");
	to.len -= 12;
	fd = connection(0);
	peer_close();
	ck_assert_int_eq(io_accept(&io, fd), -1);
}
END_TEST

/* The next one is served as if nothing had been. */
START_TEST(after_a_broken_one_the_next_is_served)
{
	int	fd = connection(0);

	peer_close();
	ck_assert_int_eq(io_accept(&io, fd), -1);
	simple_request("GET");
	ck_assert_str_eq(io.req.path, "/bbb/k/create");
}
END_TEST

/* ---- requests */

START_TEST(a_request_is_refused_by_its_limits)
{
	params("GET", "", "x");
	record_stdin_end(&to);
	ck_assert_int_eq(io_accept(&io, connection(0)), 0);
	ck_assert_int_eq(io_request(&io, &err), 400);
	ck_assert_str_eq(err.text, "Content-Length is not a number");
}
END_TEST

START_TEST(a_request_is_read)
{
	simple_request("GET");
	ck_assert_int_eq(io.req.method, HTTP_GET);
	ck_assert_str_eq(io.req.path, "/bbb/k/create");
	ck_assert_str_eq(io.req.raw_query, "a=b");
	ck_assert_int_eq(io.req.content_length, -1);
	ck_assert_int_eq(io.reply.status, 200);
}
END_TEST

/* ---- bodies */

START_TEST(a_body_said_to_be_too_large_is_not_read)
{
	params("POST", "text/xml", "1048577");
	request(0);
	body_fails(ERR_TOOBIG, "the body is larger than 1048576 bytes");
}
END_TEST

START_TEST(a_form_has_its_own_limit)
{
	params("POST", "Application/X-WWW-Form-Urlencoded; charset=utf-8",
	    "1001");
	request(0);
	body_fails(ERR_TOOBIG, "the body is larger than 1000 bytes");
}
END_TEST

START_TEST(a_body_without_length_has_the_same_limits)
{
	char	body[1001];

	memset(body, 'a', sizeof(body));
	params("POST", "application/x-www-form-urlencoded", "");
	record_stdin(&to, body, sizeof(body));
	record_stdin_end(&to);
	request(0);
	body_fails(ERR_TOOBIG, "the body is larger than 1000 bytes");
}
END_TEST

START_TEST(a_body_that_ends_early_is_refused)
{
	params("POST", "text/xml", "10");
	record_stdin(&to, "12345", 5);
	record_stdin_end(&to);
	request(0);
	body_fails(ERR_INPUT, "the body ended after 5 of 10 bytes");
}
END_TEST

START_TEST(a_body_cut_off_is_refused)
{
	params("POST", "text/xml", "10");
	record_stdin(&to, "12345", 5);
	request(0);
	peer_close();
	body_fails(ERR_INPUT, "the body ended after 5 of 10 bytes");
}
END_TEST

START_TEST(a_body_without_length_cut_off_is_refused)
{
	params("POST", "text/xml", "");
	record_stdin(&to, "12345", 5);
	request(0);
	peer_close();
	body_fails(ERR_INPUT, "the body broke off after 5 bytes");
}
END_TEST

START_TEST(a_spool_that_cannot_be_written_is_no_crash)
{
	char	none[] = "/nonexistent";
	char	body[20];

	memset(body, 'a', sizeof(body));
	conf.spool_dir = none;
	conf.spool_memory = 10;
	params("POST", "text/xml", "20");
	record_stdin(&to, body, sizeof(body));
	record_stdin_end(&to);
	request(0);
	ck_assert_ptr_null(io.req.body(&io.req, &err));
	ck_assert_int_eq(err.code, ERR_SYSTEM);
}
END_TEST

START_TEST(a_body_is_read_once)
{
	struct spool	*s;

	params("POST", "text/xml", "5");
	record_stdin(&to, "12345", 5);
	record_stdin_end(&to);
	request(0);
	body_is("12345");
	s = io.req.body(&io.req, &err);
	ck_assert_ptr_eq(io.req.body(&io.req, &err), s);
}
END_TEST

START_TEST(a_body_ends_at_its_length)
{
	params("POST", "text/xml", "3");
	record_stdin(&to, "12345", 5);
	record_stdin_end(&to);
	request(0);
	body_is("123");
}
END_TEST

START_TEST(a_body_without_length_ends_with_its_stream)
{
	params("POST", "text/xml", "");
	record_stdin(&to, "123", 3);
	record_stdin(&to, "45", 2);
	record_stdin_end(&to);
	request(0);
	body_is("12345");
}
END_TEST

static const char *const	empty_lengths[] = { "", "0" };

START_TEST(a_body_may_be_empty)
{
	params("POST", "text/xml", empty_lengths[_i]);
	record_stdin_end(&to);
	request(0);
	ck_assert_ptr_nonnull(io.req.body(&io.req, &err));
	ck_assert_int_eq(spool_len(io.body), 0);
}
END_TEST

/* More than a socket holds: another process sends it while it is read. */
START_TEST(a_large_body_moves_to_a_file)
{
	static char	 body[1 << 20], back[4096];
	struct spool	*s;
	size_t		 i;
	pid_t		 pid;
	int		 fd[2], status;

	for (i = 0; i < sizeof(body); i++)
		body[i] = (char)(i * 31 / 7);
	params("POST", "text/xml", "1048576");
	record_stdin(&to, body, sizeof(body));
	record_stdin_end(&to);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	if ((pid = fork()) == 0) {
		close(fd[1]);
		_exit(send(fd[0], to.data, to.len, 0) != (ssize_t)to.len);
	}
	peer = fd[0];
	ck_assert_int_eq(io_accept(&io, fd[1]), 0);
	ck_assert_int_eq(io_request(&io, &err), 0);
	ck_assert_ptr_nonnull(s = io.req.body(&io.req, &err));
	ck_assert_int_eq(spool_len(s), sizeof(body));
	ck_assert_ptr_null(spool_data(s));
	for (i = 0; i < sizeof(body); i += sizeof(back)) {
		ck_assert_int_eq(spool_read(s, (long long)i, back,
		    sizeof(back), &err), sizeof(back));
		ck_assert_int_eq(memcmp(back, body + i, sizeof(back)), 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- replies */

static void
fill_reply(int status, const char *body)
{
	io.reply.status = status;
	http_header_set(&io.reply, "Content-Type", "text/xml;charset=utf-8");
	buf_adds(&io.reply.body, body);
}

#define HEAD_OF_5							\
	"Status: 200 OK\r\nContent-Type: text/xml;charset=utf-8\r\n"	\
	"Content-Length: 5\r\n\r\n"

START_TEST(a_reply_says_its_length)
{
	simple_request("GET");
	fill_reply(200, "12345");
	ck_assert(finish_and_answer());
	ck_assert_str_eq(buf_str(&out), HEAD_OF_5 "12345");
}
END_TEST

START_TEST(head_gets_the_same_without_the_body)
{
	simple_request("HEAD");
	fill_reply(200, "12345");
	ck_assert(finish_and_answer());
	ck_assert_str_eq(buf_str(&out), HEAD_OF_5);
}
END_TEST

START_TEST(no_content_has_no_length)
{
	simple_request("GET");
	io.reply.status = 204;
	ck_assert(finish_and_answer());
	ck_assert_str_eq(buf_str(&out), "Status: 204 No Content\r\n\r\n");
}
END_TEST

/* A packet socket shows where a write ended. */
START_TEST(head_and_body_leave_in_one_write)
{
	char	packet[16 * 1024];
	ssize_t	n;

	params("GET", "", "");
	record_stdin_end(&to);
	request(SOCK_SEQPACKET);
	fill_reply(200, "12345");
	shutdown(peer, SHUT_WR);
	io_finish(&io, false);
	ck_assert_int_gt(n = recv(peer, packet, sizeof(packet), 0), 0);
	buf_add(&from, packet, (size_t)n);
	ck_assert(record_stdout(&from, &out));
	ck_assert_int_eq(recv(peer, packet, sizeof(packet), 0), 0);
}
END_TEST

static void
stream(const char *first, const char *second)
{
	http_header_set(&io.reply, "Content-Type", "text/xml;charset=utf-8");
	ck_assert_int_eq(http_stream(&io.reply, first, strlen(first)), 0);
	ck_assert_int_eq(http_stream(&io.reply, second, strlen(second)), 0);
}

#define HEAD_OF_STREAM							\
	"Status: 200 OK\r\nContent-Type: text/xml;charset=utf-8\r\n\r\n"

START_TEST(a_streamed_reply_has_no_length)
{
	simple_request("GET");
	stream("one ", "two");
	ck_assert(finish_and_answer());
	ck_assert_str_eq(buf_str(&out), HEAD_OF_STREAM "one two");
}
END_TEST

START_TEST(head_of_a_streamed_reply_has_no_body)
{
	simple_request("HEAD");
	stream("one ", "two");
	ck_assert(finish_and_answer());
	ck_assert_str_eq(buf_str(&out), HEAD_OF_STREAM);
}
END_TEST

/* Half a list must not pass for a whole one. */
START_TEST(a_broken_stream_is_cut_not_ended)
{
	char	piece[20000];

	memset(piece, 'a', sizeof(piece));
	simple_request("GET");
	ck_assert_int_eq(http_stream(&io.reply, piece, sizeof(piece)), 0);
	io.reply.broken = true;
	ck_assert(!finish_and_answer());
	ck_assert_uint_gt(out.len, 0);
	ck_assert_uint_lt(out.len, sizeof(piece));
	ck_assert_int_eq(io_kept(&io), -1);
}
END_TEST

START_TEST(a_client_that_is_gone_breaks_the_stream)
{
	char	piece[20000];

	memset(piece, 'a', sizeof(piece));
	simple_request("GET");
	peer_close();
	ck_assert_int_eq(http_stream(&io.reply, piece, sizeof(piece)), -1);
	ck_assert(io.reply.broken);
	io_finish(&io, false);
	ck_assert_int_eq(io_kept(&io), -1);
}
END_TEST

/* The web server keeps its end open, and nobody waits for that. */
START_TEST(what_took_waiting_is_closed_at_once)
{
	simple_request("GET");
	fill_reply(200, "54321");
	io_finish(&io, true);
	ck_assert_int_eq(io_kept(&io), -1);
	ck_assert(answer());
	ck_assert_uint_gt(out.len, strlen("54321"));
	ck_assert_str_eq(buf_str(&out) + out.len - 5, "54321");
}
END_TEST

/* ---- one request after another */

START_TEST(nothing_of_a_request_is_left_for_the_next)
{
	params("POST", "text/xml", "5");
	record_stdin(&to, "12345", 5);
	record_stdin_end(&to);
	request(0);
	body_is("12345");
	stream("one", "two");
	ck_assert(finish_and_answer());
	io_reset(&io);
	peer_close();
	buf_reset(&from);
	buf_reset(&out);

	simple_request("HEAD");
	ck_assert_ptr_null(io.body);
	fill_reply(200, "54321");
	ck_assert(finish_and_answer());
	ck_assert_str_eq(buf_str(&out), HEAD_OF_5);
}
END_TEST

START_TEST(a_large_reply_gives_its_memory_back)
{
	char	*text = malloc(1 << 20);

	memset(text, 'a', (1 << 20) - 1);
	text[(1 << 20) - 1] = '\0';
	simple_request("HEAD");
	fill_reply(200, text);
	ck_assert(finish_and_answer());
	ck_assert_uint_gt(io.reply.body.cap, 1 << 19);
	io_reset(&io);
	ck_assert_uint_eq(io.reply.body.cap, 0);
	free(text);
}
END_TEST

START_TEST(a_kept_connection_brings_the_next_request)
{
	const char	*env[] = { "REQUEST_URI=/one", NULL };
	const char	*env2[] = { "REQUEST_URI=/two", NULL };
	int		 fd;

	record_begin(&to, RECORD_KEEP);
	record_params(&to, env);
	record_stdin_end(&to);
	request(0);
	fd = io_kept(&io);
	fill_reply(200, "12345");
	io_finish(&io, true);
	io_reset(&io);
	ck_assert_int_eq(io_kept(&io), fd);

	record_begin(&to, false);
	record_params(&to, env2);
	record_stdin_end(&to);
	ck_assert_int_eq(send(peer, to.data, to.len, 0), (ssize_t)to.len);
	ck_assert_int_eq(io_accept(&io, -1), 0);
	ck_assert_int_eq(io_request(&io, &err), 0);
	ck_assert_str_eq(io.req.path, "/two");
	fill_reply(200, "12345");
	ck_assert(finish_and_answer());
	ck_assert_int_eq(io_kept(&io), -1);
}
END_TEST

static void
add_bodies(TCase *t)
{
	tcase_add_test(t, a_body_said_to_be_too_large_is_not_read);
	tcase_add_test(t, a_form_has_its_own_limit);
	tcase_add_test(t, a_body_without_length_has_the_same_limits);
	tcase_add_test(t, a_body_that_ends_early_is_refused);
	tcase_add_test(t, a_body_cut_off_is_refused);
	tcase_add_test(t, a_body_without_length_cut_off_is_refused);
	tcase_add_test(t, a_spool_that_cannot_be_written_is_no_crash);
	tcase_add_test(t, a_body_is_read_once);
	tcase_add_test(t, a_body_ends_at_its_length);
	tcase_add_test(t, a_body_without_length_ends_with_its_stream);
	tcase_add_loop_test(t, a_body_may_be_empty, 0,
	    sizeof(empty_lengths) / sizeof(empty_lengths[0]));
	tcase_add_test(t, a_large_body_moves_to_a_file);
}

static void
add_replies(TCase *t)
{
	tcase_add_test(t, a_reply_says_its_length);
	tcase_add_test(t, head_gets_the_same_without_the_body);
	tcase_add_test(t, no_content_has_no_length);
	tcase_add_test(t, head_and_body_leave_in_one_write);
	tcase_add_test(t, a_streamed_reply_has_no_length);
	tcase_add_test(t, head_of_a_streamed_reply_has_no_body);
	tcase_add_test(t, a_broken_stream_is_cut_not_ended);
	tcase_add_test(t, a_client_that_is_gone_breaks_the_stream);
	tcase_add_test(t, what_took_waiting_is_closed_at_once);
	tcase_add_test(t, nothing_of_a_request_is_left_for_the_next);
	tcase_add_test(t, a_large_reply_gives_its_memory_back);
	tcase_add_test(t, a_kept_connection_brings_the_next_request);
}

int
main(void)
{
	Suite	*s = suite_create("io");
	TCase	*t = tcase_create("io");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_peer_that_says_nothing_is_left);
	tcase_add_test(t, what_is_no_fastcgi_is_left);
	tcase_add_test(t, parameters_that_break_off_are_left);
	tcase_add_test(t, after_a_broken_one_the_next_is_served);
	tcase_add_test(t, a_request_is_refused_by_its_limits);
	tcase_add_test(t, a_request_is_read);
	add_bodies(t);
	add_replies(t);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
