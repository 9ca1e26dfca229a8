/*
 * The three forms in which records are printed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "out.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/str.h"

#define GAP	2	/* blanks between two columns */

static const char *const form_names[OUT__MAX] = {
	[OUT_TABLE] = "table", [OUT_JSON] = "json",
	[OUT_KEYVALUE] = "keyvalue",
};

int
out_form(const char *name)
{
	int	i;

	for (i = 0; i < OUT__MAX; i++)
		if (form_names[i] != NULL && strcmp(form_names[i], name) == 0)
			return i;
	return -1;
}

void
out_text(struct buf *b, const char *s)
{
	size_t		len = strlen(s), n;
	unsigned int	cp;

	for (; len > 0; s += n, len -= n)
		if ((n = str_utf8_next(s, len, &cp)) == 0) {
			buf_addc(b, '?');
			n = 1;
		} else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
		    cp == 0x2028 || cp == 0x2029)
			buf_addc(b, '?');
		else
			buf_add(b, s, n);
}

size_t
out_width(const char *s)
{
	size_t		len = strlen(s), n, width = 0;
	unsigned int	cp;
	int		w;

	for (; len > 0; s += n, len -= n) {
		if ((n = str_utf8_next(s, len, &cp)) == 0)
			n = 1;
		else if ((w = wcwidth((wchar_t)cp)) >= 0)
			width += (size_t)w;
		else
			width++;
	}
	return width;
}

static void
add_compact(struct buf *b, const json_t *j)
{
	struct buf	text = { 0 };

	json_write(&text, j);
	out_text(b, buf_str(&text));
	buf_free(&text);
}

static void
add_words(struct buf *b, const json_t *list)
{
	size_t	i;
	json_t	*j;

	json_array_foreach(list, i, j) {
		if (i > 0)
			buf_addc(b, ',');
		if (json_is_string(j))
			out_text(b, json_string_value(j));
		else
			add_compact(b, j);
	}
}

static void
add_time(struct buf *b, const char *s)
{
	/* Fractions of a second are for programs. */
	if (strcmp(s, JSON_NO_TIME) == 0)
		return;
	if (strlen(s) >= 19 && s[10] == 'T' && s[strlen(s) - 1] == 'Z') {
		buf_add(b, s, 19);
		buf_addc(b, 'Z');
	} else
		out_text(b, s);
}

void
out_cell(struct buf *b, const struct field *f, const json_t *row)
{
	const json_t	*j = json_member(row, f->name);

	if (j == NULL || json_is_null(j))
		return;
	if (json_is_string(j) && f->type == FIELD_TIME)
		add_time(b, json_string_value(j));
	else if (json_is_string(j))
		out_text(b, json_string_value(j));
	else if (json_is_array(j) && f->type == FIELD_LIST)
		add_words(b, j);
	else
		add_compact(b, j);
}

/* ---- a table */

static bool
is_void(const json_t *j)
{
	return json_is_null(j) || (json_is_object(j) &&
	    json_object_size(j) == 0) || (json_is_array(j) &&
	    json_array_size(j) == 0);
}

/* A cell has no room for what is not set; the other forms tell all. */
static void
table_cell(struct buf *b, const struct field *f, const json_t *row)
{
	const json_t	*object = json_member(row, f->name);
	const char	*name;
	json_t		*value, *set;

	if (f->type != FIELD_OBJECT || !json_is_object(object)) {
		out_cell(b, f, row);
		return;
	}
	set = json_object();
	json_object_foreach((json_t *)object, name, value)
		if (!is_void(value))
			json_object_set(set, name, value);
	if (!is_void(set))
		add_compact(b, set);
	json_decref(set);
}

struct table {
	const struct field	**v;		/* a column each */
	size_t			  n;
	const json_t		 *rows;
	char			**cells;	/* of all rows */
	size_t			 *widths;
};

/*
 * Names are looked up as they stand in the program: one that is missing is our
 * mistake.
 */
static const struct field *
find_field(const struct record *r, const char *name, size_t len)
{
	size_t	i;

	for (i = 0; i < r->n; i++)
		if (strlen(r->v[i].name) == len &&
		    memcmp(r->v[i].name, name, len) == 0)
			return &r->v[i];
	return NULL;
}

static void
choose_all(struct table *t, const struct record *r)
{
	size_t	i;

	for (i = 0; i < r->n; i++)
		if (r->v[i].column != NULL)
			t->v[t->n++] = &r->v[i];
}

/* In the order in which they are named. */
static void
choose(struct table *t, const struct record *r, const char *columns)
{
	size_t	len;

	for (; *columns != '\0'; columns += len + (columns[len] == ' ')) {
		len = strcspn(columns, " ");
		assert(t->n < r->n);
		t->v[t->n] = find_field(r, columns, len);
		assert(t->v[t->n] != NULL);
		t->n++;
	}
}

/*
 * Each cell is made once and kept, since widths are known only after the last.
 */
static void
measure(struct table *t)
{
	struct buf	b = { 0 };
	size_t		i, k, w;
	json_t		*row;

	for (k = 0; k < t->n; k++)
		t->widths[k] = out_width(t->v[k]->column);
	json_array_foreach(t->rows, i, row)
		for (k = 0; k < t->n; k++) {
			buf_reset(&b);
			table_cell(&b, t->v[k], row);
			t->cells[i * t->n + k] = xstrdup(buf_str(&b));
			w = out_width(buf_str(&b));
			if (w > t->widths[k])
				t->widths[k] = w;
		}
	buf_free(&b);
}

static bool
right_aligned(const struct field *f)
{
	return f->type == FIELD_INT || f->type == FIELD_REAL;
}

static void
add_blanks(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, ' ');
}

/* A line of cells; blanks at its end are left out. */
static void
add_line(struct buf *b, const struct table *t, char **cells)
{
	const char	*text;
	size_t		 k, pad, owed = 0;

	for (k = 0; k < t->n; k++) {
		text = cells != NULL ? cells[k] : t->v[k]->column;
		pad = t->widths[k] - out_width(text);
		if (right_aligned(t->v[k])) {
			owed += pad;
			pad = 0;
		}
		if (text[0] != '\0') {
			add_blanks(b, owed);
			owed = 0;
			buf_adds(b, text);
		}
		owed += pad + GAP;
	}
	buf_addc(b, '\n');
}

/*
 * Columns are as wide as their widest cell, in columns of the terminal rather
 * than bytes.
 */
static void
write_table(struct buf *b, const struct record *r, const char *columns,
    const json_t *rows)
{
	struct table	t = { .rows = rows };
	size_t		i, n;

	t.v = xcalloc(r->n, sizeof(*t.v));
	if (columns == NULL)
		choose_all(&t, r);
	else
		choose(&t, r, columns);
	n = json_array_size(rows) * t.n;
	t.cells = xcalloc(n + 1, sizeof(*t.cells));
	t.widths = xcalloc(t.n + 1, sizeof(*t.widths));
	measure(&t);
	add_line(b, &t, NULL);
	for (i = 0; i < json_array_size(rows); i++)
		add_line(b, &t, t.cells + i * t.n);
	for (i = 0; i < n; i++)
		free(t.cells[i]);
	free(t.cells);
	free(t.widths);
	free(t.v);
}

/* ---- name=value */

static void
write_keyvalue(struct buf *b, const struct record *r, const json_t *rows)
{
	size_t	i, k;
	json_t	*row;

	json_array_foreach(rows, i, row) {
		if (i > 0)
			buf_addc(b, '\n');
		for (k = 0; k < r->n; k++) {
			buf_printf(b, "%s=", r->v[k].name);
			out_cell(b, &r->v[k], row);
			buf_addc(b, '\n');
		}
	}
}

/* ---- JSON */

static int
to_buf(const char *p, size_t len, void *b)
{
	buf_add(b, p, len);
	return 0;
}

static void
write_json(struct buf *b, const json_t *data)
{
	json_dump_callback(data, to_buf, b, JSON_INDENT(2) |
	    JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	buf_addc(b, '\n');
}

/*
 * One record is a list of one in all forms but JSON, which shows it as it is.
 */
void
out_write(struct buf *b, enum out_form form, const struct record *r,
    const char *columns, const json_t *data)
{
	json_t	*rows = json_array();

	if (json_is_array(data))
		json_array_extend(rows, (json_t *)data);
	else
		json_array_append(rows, (json_t *)data);
	switch (form) {
	case OUT_JSON:
		write_json(b, data);
		break;
	case OUT_KEYVALUE:
		write_keyvalue(b, r, rows);
		break;
	case OUT_DEFAULT:
	case OUT_TABLE:
	case OUT__MAX:
		write_table(b, r, columns, rows);
		break;
	}
	json_decref(rows);
}

void
out_flush(struct buf *b)
{
	fwrite(buf_str(b), 1, b->len, stdout);
	buf_free(b);
}
