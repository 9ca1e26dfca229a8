/*
 * Writes XML as bbb-web does: an element a line, white space squeezed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "xml.h"

void
xml_open(struct buf *b, const char *name)
{
	buf_char(b, '<');
	buf_text(b, name);
	buf_text(b, ">\n");
}

void
xml_close(struct buf *b, const char *name)
{
	buf_text(b, "</");
	buf_text(b, name);
	buf_text(b, ">\n");
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	}
	return NULL;
}

void
xml_escaped(struct buf *b, const char *s)
{
	static const char blanks[] = " \t\n\v\f\r";
	static const char special[] = " \t\n\v\f\r&<>\"'";
	size_t	n;

	for (;;) {
		n = strcspn(s, special);
		buf_bytes(b, s, n);
		s += n;
		if (*s == '\0')
			return;
		if (entity(*s) != NULL) {
			buf_text(b, entity(*s++));
			continue;
		}
		/* a run of white space: one newline if it has one */
		n = strspn(s, blanks);
		buf_char(b, memchr(s, '\n', n) != NULL ? '\n' : ' ');
		s += n;
	}
}

void
xml_text(struct buf *b, const char *name, const char *value)
{
	buf_char(b, '<');
	buf_text(b, name);
	buf_char(b, '>');
	xml_escaped(b, value == NULL ? "" : value);
	xml_close(b, name);
}

void
xml_number(struct buf *b, const char *name, long long value)
{
	char	text[24];

	(void)snprintf(text, sizeof text, "%lld", value);
	xml_text(b, name, text);
}

void
xml_grouped(struct buf *b, const char *name, long long value)
{
	char	plain[24], text[32], *q = text;
	int	i, len;

	len = snprintf(plain, sizeof plain, "%lld", value);
	for (i = 0; i < len; i++) {
		*q++ = plain[i];
		if (i + 1 < len && (len - i - 1) % 3 == 0 && plain[i] != '-')
			*q++ = ',';
	}
	*q = '\0';
	xml_text(b, name, text);
}

void
xml_bool(struct buf *b, const char *name, bool value)
{
	xml_text(b, name, value ? "true" : "false");
}
