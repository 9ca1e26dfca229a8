/*
 * Tests of base/log: what ends up in a line, byte for byte.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define LINE_MOST	4096

/* Stderr, as a pipe that keeps each write(2) apart. */
static int	stderr_fd = -1;
static char	line[LINE_MOST * 2];

static void
setup(void)
{
	int	fds[2];

	ck_assert_int_eq(pipe2(fds, O_DIRECT | O_NONBLOCK | O_CLOEXEC), 0);
	ck_assert_int_ge(dup2(fds[1], STDERR_FILENO), 0);
	close(fds[1]);
	stderr_fd = fds[0];
	log_open("prog", LOG_TO_STDERR, LOG_LEVEL_DEBUG, LOG_AS_TEXT);
}

static void
as_json(void)
{
	log_open("prog", LOG_TO_STDERR, LOG_LEVEL_DEBUG, LOG_AS_JSON);
}

static void
assert_silent(void)
{
	ck_assert_int_eq(read(stderr_fd, line, sizeof(line)), -1);
	ck_assert_int_eq(errno, EAGAIN);
}

/* What one write brought: one whole line, which is returned without its end. */
static char *
next_line(void)
{
	ssize_t	len = read(stderr_fd, line, sizeof(line));

	ck_assert_int_gt(len, 0);
	ck_assert_int_le(len, LINE_MOST);
	ck_assert_int_eq(line[len - 1], '\n');
	line[len - 1] = '\0';
	ck_assert_uint_eq(strlen(line), (size_t)len - 1);
	ck_assert_ptr_null(strchr(line, '\n'));
	return line;
}

static void
assert_is_now(const char *iso)
{
	char	earliest[CLOCK_ISO_LEN], latest[CLOCK_ISO_LEN];
	int64_t	now = clock_wall_ms();

	clock_iso(now - 60000, earliest);
	clock_iso(now, latest);
	ck_assert_int_ge(strncmp(iso, earliest, CLOCK_ISO_LEN - 1), 0);
	ck_assert_int_le(strncmp(iso, latest, CLOCK_ISO_LEN - 1), 0);
}

/* The next line, behind "TIME prog[PID]: ". */
static const char *
next_text(void)
{
	char	*l = next_line(), head[64];

	assert_is_now(l);
	l += CLOCK_ISO_LEN - 1;
	snprintf(head, sizeof(head), " prog[%d]: ", (int)getpid());
	ck_assert_msg(strncmp(l, head, strlen(head)) == 0,
	    "'%s' does not begin with '%s'", l, head);
	return l + strlen(head);
}

/* The next line as an object; duplicate names and bad UTF-8 are refused. */
static json_t *
next_json(void)
{
	json_error_t	 je;
	json_t		*o = json_loads(next_line(), JSON_REJECT_DUPLICATES,
			    &je);

	ck_assert_msg(o != NULL, "%s: %s", je.text, line);
	return o;
}

static void
assert_member(json_t *o, const char *name, const char *want)
{
	const char	*is = json_string_value(json_object_get(o, name));

	ck_assert_msg(is != NULL, "no string %s in %s", name, line);
	ck_assert_str_eq(is, want);
}

START_TEST(fatal_ends_with_the_status)
{
	log_fatal(EX_CONFIG, "cannot go on: %s", "reason");
}
END_TEST

/* At exit the parent's end of the pipe is gone, so look from inside. */
static void
look_at_exit(void)
{
	if (strcmp(next_text(), "error: cannot go on: reason") != 0)
		_exit(99);
}

START_TEST(fatal_says_why)
{
	atexit(look_at_exit);
	log_fatal(EX_CONFIG, "cannot go on: %s", "reason");
}
END_TEST

START_TEST(a_lost_stderr_stops_nobody)
{
	close(stderr_fd);
	signal(SIGPIPE, SIG_IGN);
	errno = ENOENT;
	log_info("into a closed pipe");
	close(STDERR_FILENO);
	log_info("into nothing");
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(each_verb_has_its_level)
{
	log_alarm("a %d", 1);
	ck_assert_str_eq(next_text(), "error: a 1");
	log_warnx("b %d", 2);
	ck_assert_str_eq(next_text(), "warn: b 2");
	log_info("c %d", 3);
	ck_assert_str_eq(next_text(), "info: c 3");
	log_debug("d %d", 4);
	ck_assert_str_eq(next_text(), "debug: d 4");
	errno = ENOENT;
	log_warn("open %s", "/x");
	ck_assert_str_eq(next_text(),
	    "warn: open /x: No such file or directory");
	assert_silent();
}
END_TEST

START_TEST(errno_survives_each)
{
	const struct log_field	f = { "n", NULL, 1, true };

	errno = EDOM;
	log_warn("x");
	log_warnx("x");
	log_info("x");
	log_debug("x");
	log_alarm("x");
	log_fields(LOG_LEVEL_INFO, "x", &f, 1);
	as_json();
	log_fields(LOG_LEVEL_INFO, "x", &f, 1);
	log_info("x");
	ck_assert_int_eq(errno, EDOM);
}
END_TEST

/* At each level: how many of error, warn, info, debug come through. */
START_TEST(a_level_silences_those_below)
{
	enum log_level	l;
	int		seen;

	for (l = LOG_LEVEL_ERROR; l <= LOG_LEVEL_DEBUG; l++) {
		log_open("prog", LOG_TO_STDERR, l, LOG_AS_TEXT);
		log_alarm("x");
		log_warnx("x");
		log_info("x");
		log_debug("x");
		log_fields(LOG_LEVEL_DEBUG, "x", NULL, 0);
		for (seen = 0; read(stderr_fd, line, sizeof(line)) > 0;)
			seen++;
		ck_assert_int_eq(seen, l == LOG_LEVEL_DEBUG ? 5 : (int)l + 1);
		ck_assert(log_wants(l));
		ck_assert(!log_wants(l + 1));
	}
}
END_TEST

START_TEST(syslog_is_not_stderr)
{
	log_open("prog", LOG_TO_SYSLOG, LOG_LEVEL_DEBUG, LOG_AS_TEXT);
	log_info("to syslog");
	assert_silent();
}
END_TEST

START_TEST(the_identity_is_on_every_line)
{
	const struct log_field	f = { "ms", NULL, 4, true };
	char			ident[] = "req=7f3a";

	log_ident(ident);
	memset(ident, 'x', sizeof(ident) - 1);
	log_info("one");
	ck_assert_str_eq(next_text(), "info: req=7f3a one");
	log_fields(LOG_LEVEL_INFO, "api", &f, 1);
	ck_assert_str_eq(next_text(), "info: req=7f3a api ms=4");
	log_ident("");
	log_info("two");
	ck_assert_str_eq(next_text(), "info: two");
	log_ident("again");
	log_ident(NULL);
	log_info("three");
	ck_assert_str_eq(next_text(), "info: three");
}
END_TEST

START_TEST(a_long_identity_is_cut)
{
	char	ident[301], want[200];
	int	i;

	for (i = 0; i < 300; i += 2)
		memcpy(ident + i, "\xc3\xa4", 2);
	ident[300] = '\0';
	log_ident(ident);
	log_info("x");
	snprintf(want, sizeof(want), "info: %.126s x", ident);
	ck_assert_str_eq(next_text(), want);
}
END_TEST

/* What strangers may send, and how it must look as text and as JSON. */
static const struct {
	const char	*in;
	const char	*text;
	const char	*json;		/* parsed again */
} hostile[] = {
	{ "a\nb", "a\\nb", "a\nb" },
	{ "x\n2024-01-01T00:00:00.000Z prog[1]: error: forged",
	  "x\\n2024-01-01T00:00:00.000Z prog[1]: error: forged",
	  "x\n2024-01-01T00:00:00.000Z prog[1]: error: forged" },
	{ "\r\n\t", "\\r\\n\\t", "\r\n\t" },
	{ "\x01\x1b[2J\x7f", "\\x01\\x1b[2J\\x7f", "\x01\x1b[2J\x7f" },
	{ "\"q\" \\ ", "\"q\" \\ ", "\"q\" \\ " },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xff|\xc3|\xed\xa0\x80", "\\xff|\\xc3|\\xed\\xa0\\x80",
	  "\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "cut \xf0\x9f\x98", "cut \\xf0\\x9f\\x98",
	  "cut \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	/* next line, line and paragraph separator */
	{ "\xc2\x85|\xe2\x80\xa8|\xe2\x80\xa9", "\\x85|\\u2028|\\u2029",
	  "\xc2\x85|\xe2\x80\xa8|\xe2\x80\xa9" },
	{ "%s%n%d", "%s%n%d", "%s%n%d" },
};

START_TEST(no_message_forges_a_line)
{
	char	want[256];
	size_t	i;

	for (i = 0; i < COUNT(hostile); i++) {
		log_info("%s", hostile[i].in);
		snprintf(want, sizeof(want), "info: %s", hostile[i].text);
		ck_assert_str_eq(next_text(), want);
		log_ident(hostile[i].in);
		log_info("m");
		snprintf(want, sizeof(want), "info: %s m", hostile[i].text);
		ck_assert_str_eq(next_text(), want);
		log_ident(NULL);
		assert_silent();
	}
}
END_TEST

START_TEST(no_message_breaks_the_json)
{
	struct log_field	 f = { "v", NULL, 0, false };
	json_t			*o;
	size_t			 i;

	as_json();
	for (i = 0; i < COUNT(hostile); i++) {
		f.value = hostile[i].in;
		log_ident(hostile[i].in);
		log_fields(LOG_LEVEL_INFO, hostile[i].in, &f, 1);
		o = next_json();
		assert_member(o, "ident", hostile[i].json);
		assert_member(o, "message", hostile[i].json);
		assert_member(o, "v", hostile[i].json);
		/* plain in the line, too: no control and no odd separator */
		ck_assert_ptr_null(strpbrk(line, "\r\t\x1b\x7f"));
		ck_assert_ptr_null(strstr(line, "\xe2\x80\xa8"));
		json_decref(o);
	}
}
END_TEST

START_TEST(every_byte_alone_is_safe)
{
	char	in[2] = "", want[24];
	int	c;

	for (c = 1; c < 256; c++) {
		in[0] = (char)c;
		log_info("%s", in);
		if (c >= ' ' && c < 0x7f)
			snprintf(want, sizeof(want), "info: %c", c);
		else if (strchr("\n\r\t", c) != NULL)
			snprintf(want, sizeof(want), "info: \\%c",
			    c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
		else
			snprintf(want, sizeof(want), "info: \\x%02x", c);
		ck_assert_str_eq(next_text(), want);
	}
}
END_TEST

START_TEST(fields_are_quoted_when_they_must_be)
{
	static const struct {
		const char	*value, *text;
	} t[] = {
		{ "create", "create" },
		{ "", "\"\"" },
		{ "a b", "\"a b\"" },
		{ "a=b", "a=b" },
		{ "a\\b", "a\\b" },
		{ "a\\ b", "\"a\\\\ b\"" },
		{ "say \"x\"", "\"say \\\"x\\\"\"" },
		{ "\"", "\"\\\"\"" },
		{ "a\nstatus=SUCCESS", "\"a\\nstatus=SUCCESS\"" },
		{ "a status=SUCCESS", "\"a status=SUCCESS\"" },
		{ "\x7f", "\"\\x7f\"" },
		{ "\xff", "\"\\xff\"" },
		{ "\xc3\xa4", "\xc3\xa4" },
		{ "\xe2\x80\xa8", "\"\\u2028\"" },
	};
	struct log_field	f = { "v", NULL, 0, false };
	char			want[80];
	size_t			i;

	for (i = 0; i < COUNT(t); i++) {
		f.value = t[i].value;
		log_fields(LOG_LEVEL_INFO, "api", &f, 1);
		snprintf(want, sizeof(want), "info: api v=%s", t[i].text);
		ck_assert_str_eq(next_text(), want);
	}
}
END_TEST

static const struct log_field request[] = {
	{ "call",	"create",	0,		false },
	{ "meeting",	"m 1",		0,		false },
	{ "backend",	NULL,		0,		false },
	{ "ms",		NULL,		41,		true },
	{ "sql",	NULL,		0,		true },
	{ "least",	NULL,		LLONG_MIN,	true },
	{ "status",	"SUCCESS",	5,		true },
};

START_TEST(a_request_as_text)
{
	log_fields(LOG_LEVEL_INFO, "api", request, COUNT(request));
	ck_assert_str_eq(next_text(), "info: api call=create meeting=\"m 1\""
	    " ms=41 sql=0 least=-9223372036854775808 status=SUCCESS");
	log_fields(LOG_LEVEL_WARN, "nothing", NULL, 0);
	ck_assert_str_eq(next_text(), "warn: nothing");
}
END_TEST

START_TEST(a_request_as_json)
{
	json_t	*o;
	char	 tail[256];

	as_json();
	log_ident("req=7f3a");
	log_fields(LOG_LEVEL_WARN, "api", request, COUNT(request));
	o = next_json();
	assert_is_now(json_string_value(json_object_get(o, "time")));
	json_decref(o);
	snprintf(tail, sizeof(tail), "\",\"program\":\"prog\",\"pid\":%d,"
	    "\"level\":\"warn\",\"ident\":\"req=7f3a\",\"message\":\"api\","
	    "\"call\":\"create\",\"meeting\":\"m 1\",\"ms\":41,\"sql\":0,"
	    "\"least\":-9223372036854775808,\"status\":\"SUCCESS\"}",
	    (int)getpid());
	ck_assert_str_eq(line + strlen("{\"time\":\"") + CLOCK_ISO_LEN - 1,
	    tail);
}
END_TEST

START_TEST(a_message_as_json_has_no_empty_identity)
{
	json_t	*o;

	as_json();
	log_info("plain");
	o = next_json();
	assert_member(o, "message", "plain");
	assert_member(o, "level", "info");
	ck_assert_ptr_null(json_object_get(o, "ident"));
	ck_assert_ptr_null(json_object_get(o, "cut"));
	json_decref(o);
}
END_TEST

START_TEST(a_long_line_is_cut_visibly)
{
	char	*big = malloc(20001);
	size_t	 len;

	memset(big, 'x', 20000);
	big[20000] = '\0';
	log_info("%s", big);
	len = strlen(next_text());
	ck_assert_uint_gt(len, 3900);
	ck_assert_str_eq(line + strlen(line) - 5, "xx...");
	errno = ENOENT;
	log_warn("%s", big);
	next_text();
	ck_assert_str_eq(line + strlen(line) - 5, "xx...");
	free(big);
}
END_TEST

/* Escapes and characters of each length, so that the end falls anywhere. */
START_TEST(a_cut_never_splits_anything)
{
	static const char *const	units[] = { "\x01", "\n", "\xff", "\"",
		"\xc3\xa4", "\xf0\x9f\x98\x80", "\xe2\x80\xa8", "y" };
	struct log_field		f[2] = { { "v", NULL, 0, false },
					    { "after", "z", 0, false } };
	char				in[9001];
	size_t				i, pad, len, unit;
	json_t				*o;

	as_json();
	for (i = 0; i < COUNT(units); i++)
		for (pad = 0; pad < 8; pad++) {
			memset(in, 'p', pad);
			unit = strlen(units[i]);
			for (len = pad; len + unit < sizeof(in); len += unit)
				memcpy(in + len, units[i], unit);
			in[len] = '\0';
			f[0].value = in;
			log_fields(LOG_LEVEL_INFO, "m", f, 2);
			o = next_json();
			ck_assert(json_is_true(json_object_get(o, "cut")));
			ck_assert_ptr_null(json_object_get(o, "after"));
			ck_assert_uint_gt(json_string_length(
			    json_object_get(o, "v")), 600);
			json_decref(o);
		}
}
END_TEST

/* Each length around the limit: whole without a mark, or cut with one. */
START_TEST(the_border_of_a_line_is_exact)
{
	struct log_field	f = { "v", NULL, 0, false };
	char			in[4200];
	size_t			len, kept = 0;
	json_t			*o;

	as_json();
	for (len = 3800; len < 4150; len++) {
		memset(in, 'x', len);
		in[len] = '\0';
		f.value = in;
		log_fields(LOG_LEVEL_INFO, "m", &f, 1);
		o = next_json();
		if (json_object_get(o, "cut") == NULL) {
			assert_member(o, "v", in);
			kept = len;
		} else
			ck_assert_uint_eq(json_string_length(
			    json_object_get(o, "v")), kept);
		json_decref(o);
	}
	ck_assert_uint_gt(kept, 3900);
	ck_assert_uint_lt(kept, LINE_MOST);
}
END_TEST

START_TEST(members_that_do_not_fit_are_dropped_whole)
{
	struct log_field	 f[3] = { { "v", NULL, 0, false },
				    { "number", NULL, 1234567890, true },
				    { "text", "0123456789", 0, false } };
	char			 in[4200];
	size_t			 len;
	json_t			*o;
	const char		*text;

	as_json();
	for (len = 3800; len < 4100; len++) {
		memset(in, 'x', len);
		in[len] = '\0';
		f[0].value = in;
		log_fields(LOG_LEVEL_INFO, "m", f, 3);
		o = next_json();
		text = json_string_value(json_object_get(o, "text"));
		if (json_object_get(o, "number") != NULL)
			ck_assert_int_eq(json_integer_value(
			    json_object_get(o, "number")), 1234567890);
		else
			ck_assert_ptr_null(text);
		if (json_object_get(o, "cut") == NULL)
			ck_assert_str_eq(text, "0123456789");
		json_decref(o);
	}
}
END_TEST

START_TEST(before_it_is_opened_the_program_is_named)
{
	char	*l;

	log_open(NULL, LOG_TO_STDERR, LOG_LEVEL_INFO, LOG_AS_TEXT);
	log_info("early");
	l = next_line();
	ck_assert_msg(strstr(l, " check_log[") != NULL ||
	    strstr(l, "-check_log[") != NULL, "%s", l);
}
END_TEST

static void
add_tests(TCase *tc)
{
	tcase_add_exit_test(tc, fatal_ends_with_the_status, EX_CONFIG);
	tcase_add_exit_test(tc, fatal_says_why, EX_CONFIG);
	tcase_add_test(tc, a_lost_stderr_stops_nobody);
	tcase_add_test(tc, each_verb_has_its_level);
	tcase_add_test(tc, errno_survives_each);
	tcase_add_test(tc, a_level_silences_those_below);
	tcase_add_test(tc, syslog_is_not_stderr);
	tcase_add_test(tc, the_identity_is_on_every_line);
	tcase_add_test(tc, a_long_identity_is_cut);
	tcase_add_test(tc, no_message_forges_a_line);
	tcase_add_test(tc, no_message_breaks_the_json);
	tcase_add_test(tc, every_byte_alone_is_safe);
	tcase_add_test(tc, fields_are_quoted_when_they_must_be);
	tcase_add_test(tc, a_request_as_text);
	tcase_add_test(tc, a_request_as_json);
	tcase_add_test(tc, a_message_as_json_has_no_empty_identity);
	tcase_add_test(tc, a_long_line_is_cut_visibly);
	tcase_add_test(tc, a_cut_never_splits_anything);
	tcase_add_test(tc, the_border_of_a_line_is_exact);
	tcase_add_test(tc, members_that_do_not_fit_are_dropped_whole);
	tcase_add_test(tc, before_it_is_opened_the_program_is_named);
}

int
main(void)
{
	Suite	*s = suite_create("log");
	TCase	*tc = tcase_create("log");
	SRunner	*sr = srunner_create(s);
	int	 failed;

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, NULL);
	add_tests(tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
