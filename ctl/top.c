/*
 * Draws the servers, the most loaded first, as wide as the terminal is.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "top.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "out.h"
#include "proto/json.h"

#define HEAD_ROWS	4

static const char *
text(const json_t *row, const char *path)
{
	const char	*s = json_string_value(json_member(row, path));

	return s == NULL ? "" : s;
}

static double
number(const json_t *row, const char *path)
{
	return json_number_value(json_member(row, path));
}

/* Ours tells its load; else the users, weighted as it places by. */
static double
load_of(const json_t *row)
{
	const json_t	*load = json_member(row, "load");

	if (json_is_number(load))
		return json_number_value(load);
	return number(row, "attendees_count") * number(row, "load_factor");
}

/* The Go server tells two states instead of one word. */
static const char *
state_of(const json_t *row)
{
	const char	*word = text(row, "state");

	if (word[0] != '\0')
		return word;
	return strcmp(text(row, "admin_state"), "ready") == 0 ?
	    text(row, "node_state") : text(row, "admin_state");
}

/* Between two looks; who left meanwhile is subtracted, so it is a floor. */
double
top_joins(const struct top *t, const json_t *server)
{
	double	 more = 0;
	json_t	*row;
	size_t	 i;

	if (t->before == NULL || t->seconds <= 0)
		return 0;
	json_array_foreach(t->before, i, row)
		if (strcmp(text(row, "id"), text(server, "id")) == 0)
			more = number(server, "attendees_count") -
			    number(row, "attendees_count");
	return more > 0 ? more / t->seconds : 0;
}

/* Equals by name, or rows would dance. */
static int
by_load(const void *a, const void *b)
{
	const json_t	*x = *(json_t *const *)a, *y = *(json_t *const *)b;
	double		 lx = load_of(x), ly = load_of(y);

	if (lx > ly || lx < ly)
		return lx > ly ? -1 : 1;
	return strcmp(text(x, "bbb.host"), text(y, "bbb.host"));
}

/* A line, cut at the right margin; what stood behind it is erased. */
static void
add_line(struct buf *b, const struct top *t, const char *line)
{
	const char	*p = line;
	size_t		 n;
	unsigned int	 cp;
	int		 left = t->cols;
	char		 one[8];

	for (; *p != '\0'; p += n) {
		if ((n = str_utf8_next(p, strlen(p), &cp)) == 0)
			break;
		memcpy(one, p, n);
		one[n] = '\0';
		if (left < (int)out_width(one))
			break;
		left -= (int)out_width(one);
		buf_add(b, p, n);
	}
	/* At the margin the cursor stands on what was written last. */
	if (left > 0)
		buf_adds(b, "\033[K");
	buf_adds(b, "\r\n");
}

static void __attribute__((format(printf, 3, 4)))
add_row(struct buf *b, const struct top *t, const char *fmt, ...)
{
	char	line[512];
	va_list	ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	add_line(b, t, line);
}

static void
add_totals(struct buf *b, const struct top *t)
{
	double	 meetings = 0, users = 0, joins = 0;
	int	 placeable = 0;
	json_t	*row;
	size_t	 i;

	json_array_foreach(t->now, i, row) {
		meetings += number(row, "meetings_count");
		users += number(row, "attendees_count");
		joins += top_joins(t, row);
		placeable += strcmp(state_of(row), "placeable") == 0 ||
		    strcmp(state_of(row), "ready") == 0;
	}
	add_row(b, t, "servers %zu (%d ready)  meetings %.0f  users %.0f  "
	    "joins/s %.1f", json_array_size(t->now), placeable, meetings,
	    users, joins);
}

/* The part of its address that tells it from the others. */
static void
add_host(struct buf *b, const char *url)
{
	static const char	path[] = "/bigbluebutton/api/";
	const char		*p = strstr(url, "://");
	size_t			 len;

	out_text(b, p != NULL ? p + 3 : url);
	len = b->len;
	if (len > sizeof(path) - 1 && strcmp(b->data + len -
	    (sizeof(path) - 1), path) == 0)
		b->data[b->len -= sizeof(path) - 1] = '\0';
}

static void
add_server(struct buf *b, const struct top *t, const json_t *row)
{
	struct buf	host = { 0 };

	add_host(&host, text(row, "bbb.host"));
	add_row(b, t, "%8.1f %8.0f %6.0f %7.1f %-14.14s %s", load_of(row),
	    number(row, "meetings_count"), number(row, "attendees_count"),
	    top_joins(t, row), state_of(row), buf_str(&host));
	buf_free(&host);
}

static void
add_servers(struct buf *b, const struct top *t)
{
	size_t	  n = json_array_size(t->now), room, i;
	json_t	**rows = xcalloc(n + 1, sizeof(*rows));

	room = t->rows > HEAD_ROWS + 1 ? (size_t)t->rows - HEAD_ROWS - 1 : 0;
	for (i = 0; i < n; i++)
		rows[i] = json_array_get(t->now, i);
	qsort(rows, n, sizeof(*rows), by_load);
	for (i = 0; i < n && i < room; i++)
		add_server(b, t, rows[i]);
	if (n > room)
		add_row(b, t, "... and %zu more", n - room);
	free(rows);
}

/*
 * No line behind the last of the terminal: it would scroll.  true: the lines
 * fill it, so that nothing below is left to be erased.
 */
static bool
cut(struct buf *b, size_t from, int rows)
{
	char	*p = b->data + from;

	while (rows-- > 0)
		if ((p = strstr(p, "\r\n")) == NULL)
			return false;
		else if (rows > 0)
			p += 2;
	b->len = (size_t)(p - b->data);
	*p = '\0';
	return true;
}

void
top_draw(const struct top *t, struct buf *b)
{
	size_t	from = b->len;

	buf_adds(b, "\033[H");
	add_row(b, t, "b3scale %s   q: quit", t->url);
	if (t->error != NULL)
		add_row(b, t, "%s", t->error);
	else
		add_totals(b, t);
	buf_adds(b, "\033[7m");
	add_row(b, t, "%8s %8s %6s %7s %-14s %s", "LOAD", "MEETINGS", "USERS",
	    "JOINS/S", "STATE", "SERVER");
	buf_adds(b, "\033[0m");
	add_servers(b, t);
	buf_adds(b, cut(b, from, t->rows) ? "\033[0m" : "\033[0m\033[J");
}
