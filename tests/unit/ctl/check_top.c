/*
 * The picture of the servers, line by line.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "top.h"
#include "unit.h"

#define HOST(name)	"\"bbb\":{\"host\":\"https://" name\
			"/bigbluebutton/api/\"},\"state\":\"placeable\","\
			"\"load_factor\":1,\"id\":\"" name "\""

static json_t *
servers(const char *text)
{
	json_t	*j = json_loads(text, 0, NULL);

	ck_assert_ptr_nonnull(j);
	return j;
}

/* Line n of the picture, without what is for the terminal. */
static char *
line_of(const struct top *t, int n)
{
	struct buf	 b = { 0 };
	char		*p, *copy, *end;

	top_draw(t, &b);
	copy = arena_strdup(arena, buf_str(&b));
	buf_free(&b);
	for (p = copy; n-- > 0; p += 2) {
		p = strstr(p, "\r\n");
		ck_assert_ptr_nonnull(p);
	}
	while (*p == '\033')
		p += strcspn(p, "HmJ") + 1;
	if ((end = strpbrk(p, "\033\r")) != NULL)
		*end = '\0';
	return p;
}

START_TEST(nothing_known_yet)
{
	struct top	t = { .url = "http://a", .rows = 24, .cols = 80,
			    .error = "cannot reach http://a" };

	ck_assert_str_eq(line_of(&t, 0), "b3scale http://a   q: quit");
	ck_assert_str_eq(line_of(&t, 1), "cannot reach http://a");
}
END_TEST

START_TEST(the_most_loaded_first)
{
	struct top	t = { .url = "u", .rows = 24, .cols = 80 };

	t.now = servers("[{" HOST("b") ",\"attendees_count\":3,"
	    "\"meetings_count\":1},{" HOST("c") ",\"attendees_count\":7,"
	    "\"meetings_count\":2},{" HOST("a") ",\"attendees_count\":3,"
	    "\"meetings_count\":1}]");
	ck_assert_str_eq(line_of(&t, 1),
	    "servers 3 (3 ready)  meetings 4  users 13  joins/s 0.0");
	ck_assert_str_eq(line_of(&t, 3),
	    "     7.0        2      7     0.0 placeable      c");
	ck_assert_str_eq(line_of(&t, 4),
	    "     3.0        1      3     0.0 placeable      a");
	ck_assert_str_eq(line_of(&t, 5),
	    "     3.0        1      3     0.0 placeable      b");
	json_decref(t.now);
}
END_TEST

START_TEST(joins_are_what_came)
{
	struct top	t = { .url = "u", .rows = 24, .cols = 80,
			    .seconds = 2 };

	t.now = servers("[{" HOST("a") ",\"attendees_count\":9},{"
	    HOST("b") ",\"attendees_count\":1},{" HOST("new")
	    ",\"attendees_count\":5}]");
	ck_assert(top_joins(&t, json_array_get(t.now, 0)) < 0.1);
	t.before = servers("[{" HOST("b") ",\"attendees_count\":4},{"
	    HOST("a") ",\"attendees_count\":4}]");
	ck_assert(top_joins(&t, json_array_get(t.now, 0)) > 2.4);
	/* who left did not join; nor does a new server say who did */
	ck_assert(top_joins(&t, json_array_get(t.now, 1)) < 0.1);
	ck_assert(top_joins(&t, json_array_get(t.now, 2)) < 0.1);
	ck_assert_ptr_nonnull(strstr(line_of(&t, 1), "joins/s 2.5"));
	json_decref(t.now);
	json_decref(t.before);
}
END_TEST

START_TEST(it_fits_the_terminal)
{
	struct top	t = { .url = "u", .rows = 6, .cols = 20 };
	int		i;

	t.now = servers("[{" HOST("a") "},{" HOST("b") "},{" HOST("c")
	    "}]");
	for (i = 0; i < 5; i++)
		ck_assert_uint_le(strlen(line_of(&t, i)), 20);
	ck_assert_str_eq(line_of(&t, 4), "... and 2 more");
	t.rows = 5;
	ck_assert_str_eq(line_of(&t, 3), "... and 3 more");
	json_decref(t.now);
}
END_TEST

/* However small it is, the picture never scrolls. */
START_TEST(no_line_too_many)
{
	struct top	 t = { .url = "u", .cols = 20 };
	struct buf	 b = { 0 };
	const char	*p;
	int		 lines;

	t.now = servers("[{" HOST("a") "},{" HOST("b") "},{" HOST("c")
	    "}]");
	for (t.rows = 1; t.rows < 12; t.rows++) {
		buf_reset(&b);
		top_draw(&t, &b);
		lines = 1;
		for (p = buf_str(&b); (p = strstr(p, "\r\n")) != NULL; p++)
			lines++;
		ck_assert_int_le(lines, t.rows);
		/*
		 * Whatever was cut off, nothing stays reversed; and what is
		 * erased begins at a line of its own.
		 */
		p = strstr(buf_str(&b), "\r\n\033[0m\033[J");
		if (p == NULL) {
			ck_assert_int_eq(lines, t.rows);
			ck_assert_ptr_null(strstr(buf_str(&b), "\033[J"));
			p = strrchr(buf_str(&b), '\033');
			ck_assert_str_eq(p, "\033[0m");
		}
	}
	buf_free(&b);
	json_decref(t.now);
}
END_TEST

START_TEST(the_last_column_stays)
{
	struct top	 t = { .url = "u", .rows = 3, .cols = 19 };
	struct buf	 b = { 0 };

	/* "b3scale u   q: quit" has 19 characters. */
	top_draw(&t, &b);
	ck_assert_ptr_nonnull(strstr(buf_str(&b), "q: quit\r\n"));
	buf_reset(&b);
	t.cols = 20;
	top_draw(&t, &b);
	ck_assert_ptr_nonnull(strstr(buf_str(&b), "q: quit\033[K\r\n"));
	buf_free(&b);
}
END_TEST

START_TEST(states_of_the_go_program_do_too)
{
	struct top	t = { .url = "u", .rows = 24, .cols = 80 };

	t.now = servers("[{\"bbb\":{\"host\":\"http://\\u001b[2J/\"},"
	    "\"node_state\":\"error\",\"admin_state\":\"ready\"},"
	    "{\"bbb\":{\"host\":\"http://b/\"},\"node_state\":\"ready\","
	    "\"admin_state\":\"stopped\"}]");
	ck_assert_str_eq(line_of(&t, 3),
	    "     0.0        0      0     0.0 error          ?[2J/");
	ck_assert_str_eq(line_of(&t, 4),
	    "     0.0        0      0     0.0 stopped        b/");
	json_decref(t.now);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		nothing_known_yet, the_most_loaded_first, joins_are_what_came,
		it_fits_the_terminal, no_line_too_many,
		the_last_column_stays, states_of_the_go_program_do_too,
	};

	return unit_run("top", tests, COUNT(tests));
}
