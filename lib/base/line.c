/*
 * A log line of fixed size that strangers' bytes cannot break.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/line.h"
#include "base/str.h"

/* Kept free for line_end: a quote, the sign of a cut, a brace, a newline. */
#define LINE_TAIL	32
#define LINE_ROOM	(LINE_SIZE - LINE_TAIL)

static void
add_bytes(struct line *l, const char *s, size_t len)
{
	if (l->cut || l->len + len > LINE_ROOM) {
		l->cut = true;
		return;
	}
	memcpy(l->data + l->len, s, len);
	l->len += len;
}

void
line_add(struct line *l, const char *s)
{
	add_bytes(l, s, strlen(s));
}

void
line_number(struct line *l, long long n)
{
	char	num[24];

	snprintf(num, sizeof(num), "%lld", n);
	line_add(l, num);
}

/* Room for it is always kept: see LINE_TAIL. */
void
line_end(struct line *l, const char *s)
{
	size_t	len = strlen(s);

	assert(l->len + len <= LINE_SIZE);
	memcpy(l->data + l->len, s, len);
	l->len += len;
}

/* Line ends for terminals, pagers and languages, not only for write(2). */
static bool
is_control(unsigned int cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
	    cp == 0x2028 || cp == 0x2029;
}

/* Most bytes are plain: they are copied by the run. */
static size_t
plain_span(const char *s, enum line_style style)
{
	size_t	n;

	for (n = 0; s[n] >= ' ' && s[n] < 0x7f; n++)
		if (style != LINE_TEXT && (s[n] == '"' || s[n] == '\\'))
			break;
	return n;
}

static void
escape_control(struct line *l, unsigned int cp, enum line_style style)
{
	char	text[12];

	if (cp == '\n')
		line_add(l, "\\n");
	else if (cp == '\r')
		line_add(l, "\\r");
	else if (cp == '\t')
		line_add(l, "\\t");
	else {
		snprintf(text, sizeof(text),
		    style == LINE_JSON || cp > 0xff ? "\\u%04x" : "\\x%02x",
		    cp);
		line_add(l, text);
	}
}

/* One character that is not plain; returns the bytes it took of s. */
static size_t
escape_one(struct line *l, const char *s, enum line_style style)
{
	unsigned int	cp;
	size_t		n = str_utf8_next(s, strnlen(s, 4), &cp);
	char		text[8];

	if (n == 0) {
		snprintf(text, sizeof(text), "\\x%02x", (unsigned char)*s);
		line_add(l, style == LINE_JSON ? "\\ufffd" : text);
		return 1;
	}
	if (is_control(cp)) {
		escape_control(l, cp, style);
	} else if (cp == '"' || cp == '\\') {
		text[0] = '\\';
		text[1] = *s;
		add_bytes(l, text, 2);
	} else
		add_bytes(l, s, n);
	return n;
}

void
line_escape(struct line *l, const char *s, enum line_style style)
{
	size_t	n;

	while (*s != '\0' && !l->cut) {
		n = plain_span(s, style);
		if (n > LINE_ROOM - l->len) {
			add_bytes(l, s, LINE_ROOM - l->len);
			l->cut = true;
			return;
		}
		add_bytes(l, s, n);
		s += n;
		if (*s != '\0')
			s += escape_one(l, s, style);
	}
}

/* Bytes that need no decoding to be part of a word. */
static size_t
word_span(const char *s)
{
	size_t	n;

	for (n = 0; s[n] > ' ' && s[n] < 0x7f && s[n] != '"'; n++)
		continue;
	return n;
}

/* May it stand behind '=' without quotes? */
bool
line_is_word(const char *s)
{
	unsigned int	cp;
	size_t		n;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s += n) {
		/* Nearly all of them, ids and addresses, are plain. */
		if ((n = word_span(s)) > 0)
			continue;
		n = str_utf8_next(s, strnlen(s, 4), &cp);
		if (n == 0 || is_control(cp) || cp == ' ' || cp == '"')
			return false;
	}
	return true;
}
