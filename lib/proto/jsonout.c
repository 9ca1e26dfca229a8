/*
 * Writes JSON byte for byte as the tools of the Go program expect it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/str.h"
#include "proto/json.h"

/*
 * The escapes of Go's encoder: what it writes may stand in HTML, and clients
 * compare bytes.
 */
static void
write_char(struct buf *out, const char *s, size_t len, unsigned int cp)
{
	static const char	plain[] = "\"\\\n\r\t\b\f";
	static const char	letter[] = "\"\\nrtbf";
	const char		*at;

	if (cp < 0x80 && (at = memchr(plain, (int)cp, sizeof(plain) - 1)) !=
	    NULL) {
		buf_addc(out, '\\');
		buf_addc(out, letter[at - plain]);
	} else if (cp < 0x20 || cp == '<' || cp == '>' || cp == '&' ||
	    cp == 0x2028 || cp == 0x2029)
		buf_printf(out, "\\u%04x", cp);
	else
		buf_add(out, s, len);
}

/* A length and not a NUL ends it, since JSON texts may hold one. */
static void
write_bytes(struct buf *out, const char *s, size_t len)
{
	unsigned int	cp;
	size_t		n;

	buf_addc(out, '"');
	for (; len > 0; s += n, len -= n) {
		if ((n = str_utf8_next(s, len, &cp)) > 0) {
			write_char(out, s, n, cp);
			continue;
		}
		buf_adds(out, "\\ufffd");
		n = 1;
	}
	buf_addc(out, '"');
}

void
json_write_str(struct buf *out, const char *s)
{
	write_bytes(out, s, strlen(s));
}

/* The end of the year 9999: RFC 3339 knows no later one. */
#define TIME_MAX_US	253402300799999999LL

/* Fractions lose the zeros at their end. */
void
json_write_time(struct buf *out, long long us)
{
	time_t		s;
	long		frac;
	struct tm	tm;
	char		text[64], digits[16];
	size_t		n;

	if (us > TIME_MAX_US)
		us = TIME_MAX_US;
	s = (time_t)(us / 1000000);
	frac = (long)(us % 1000000);
	if (frac < 0) {
		frac += 1000000;
		s--;
	}
	gmtime_r(&s, &tm);
	/* %Y would write the year 1 with one digit. */
	strftime(text, sizeof(text), "-%m-%dT%H:%M:%S", &tm);
	buf_printf(out, "\"%04d%s", tm.tm_year + 1900, text);
	if (frac != 0) {
		n = (size_t)snprintf(digits, sizeof(digits), ".%06ld", frac);
		while (digits[n - 1] == '0')
			n--;
		buf_add(out, digits, n);
	}
	buf_adds(out, "Z\"");
}

/* The fewest digits that read back as the same number. */
static void
write_real(struct buf *out, double d)
{
	char		 text[64];
	const char	*e;
	int		 precision, exponent;

	for (precision = 1; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	snprintf(text, sizeof(text), "%.*g", precision, d);
	exponent = (e = strchr(text, 'e')) == NULL ? 0 : atoi(e + 1);
	if (exponent != 0 && exponent >= -6 && exponent < 21)
		snprintf(text, sizeof(text), "%.*f", exponent >= precision ?
		    0 : precision - 1 - exponent, d);
	buf_adds(out, text);
}

/* By bytes, as Go sorts the keys of a map. */
static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
write_object(struct buf *out, const json_t *j)
{
	size_t		  n = json_object_size(j), i = 0;
	const char	**names = xcalloc(n + 1, sizeof(*names));
	const char	 *name;
	json_t		 *value;

	json_object_foreach((json_t *)j, name, value)
		names[i++] = name;
	qsort(names, n, sizeof(*names), by_name);
	buf_addc(out, '{');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(out, ',');
		json_write_str(out, names[i]);
		buf_addc(out, ':');
		json_write(out, json_object_get(j, names[i]));
	}
	buf_addc(out, '}');
	free(names);
}

static void
write_array(struct buf *out, const json_t *j)
{
	json_t	*item;
	size_t	 i;

	buf_addc(out, '[');
	json_array_foreach((json_t *)j, i, item) {
		if (i > 0)
			buf_addc(out, ',');
		json_write(out, item);
	}
	buf_addc(out, ']');
}

void
json_write(struct buf *out, const json_t *j)
{
	if (j == NULL) {
		buf_adds(out, "null");
		return;
	}
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		write_object(out, j);
		break;
	case JSON_ARRAY:
		write_array(out, j);
		break;
	case JSON_STRING:
		write_bytes(out, json_string_value(j), json_string_length(j));
		break;
	case JSON_INTEGER:
		buf_printf(out, "%lld", (long long)json_integer_value(j));
		break;
	case JSON_REAL:
		write_real(out, json_real_value(j));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_adds(out, json_is_true(j) ? "true" : "false");
		break;
	case JSON_NULL:
		buf_adds(out, "null");
		break;
	}
}

/* What the database did not say, of a member that may not be null. */
static const char *const zeros[] = {
	[FIELD_STR] = "\"\"", [FIELD_INT] = "0", [FIELD_REAL] = "0",
	[FIELD_BOOL] = "false", [FIELD_TIME] = "\"" JSON_NO_TIME "\"",
	[FIELD_OBJECT] = "{}", [FIELD_LIST] = "[]", [FIELD_ANY] = "null",
};

static void
write_text(struct buf *out, const char *text)
{
	json_t	*j = json_loads(text, JSON_DECODE_ANY, NULL);

	json_write(out, j);
	json_decref(j);
}

static void
write_cell(struct buf *out, const struct field *f, const char *text)
{
	if (text == NULL) {
		buf_adds(out, (f->flags & FIELD_NULL) != 0 ? "null" :
		    zeros[f->type]);
		return;
	}
	if ((f->flags & FIELD_KEEP) != 0) {
		buf_adds(out, text);
		return;
	}
	switch (f->type) {
	case FIELD_STR:
		json_write_str(out, text);
		break;
	case FIELD_INT:
		buf_adds(out, text);
		break;
	case FIELD_REAL:
		write_real(out, strtod(text, NULL));
		break;
	case FIELD_BOOL:
		buf_adds(out, text[0] == 't' ? "true" : "false");
		break;
	case FIELD_TIME:
		json_write_time(out, strtoll(text, NULL, 10));
		break;
	case FIELD_OBJECT:
	case FIELD_LIST:
	case FIELD_ANY:
		write_text(out, text);
		break;
	}
}

/* How many leading bytes of a name are the object it is in, dot included. */
static size_t
prefix_len(const char *name)
{
	const char	*dot = strrchr(name, '.');

	return dot == NULL ? 0 : (size_t)(dot - name) + 1;
}

/* One level of objects: their members stand together in the table. */
void
json_write_record(struct buf *out, const struct record *r, json_cell *cell,
    void *ctx)
{
	const char	*open = "", *name;
	size_t		 i, n, was = 0;

	buf_addc(out, '{');
	for (i = 0; i < r->n; i++) {
		name = r->v[i].name;
		n = prefix_len(name);
		if (was > 0 && (n != was || strncmp(open, name, n) != 0)) {
			buf_addc(out, '}');
			was = 0;
		}
		if (i > 0)
			buf_addc(out, ',');
		if (n > 0 && was == 0) {
			write_bytes(out, name, n - 1);
			buf_adds(out, ":{");
		}
		open = name;
		was = n;
		json_write_str(out, name + n);
		buf_addc(out, ':');
		write_cell(out, &r->v[i], cell(ctx, i));
	}
	buf_adds(out, was > 0 ? "}}" : "}");
}
