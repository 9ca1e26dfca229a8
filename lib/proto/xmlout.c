/*
 * Elements are opened, filled and closed; after a failure nothing is written.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/xmlout.h"

#include <string.h>

#include "base/str.h"

void
xmlout_begin(struct xmlout *x, struct buf *buf)
{
	memset(x, 0, sizeof(*x));
	x->buf = buf;
}

void
xmlout_flush(struct xmlout *x, size_t at,
    int (*flush)(void *ctx, struct buf *buf), void *ctx)
{
	x->flush_at = at;
	x->flush = flush;
	x->ctx = ctx;
}

/* After a whole tag or piece, never within one. */
static void
hand_on(struct xmlout *x, size_t at)
{
	if (x->failed || x->flush == NULL || x->buf->len <= at)
		return;
	if (x->flush(x->ctx, x->buf) != 0)
		x->failed = true;
	buf_reset(x->buf);
}

/*
 * The bytes of UTF-8 at p that make one character of XML, or 0: a broken
 * sequence, a control character, U+FFFE, U+FFFF.
 */
static size_t
char_len(const char *p, size_t left)
{
	unsigned int	cp;
	size_t		len = str_utf8_next(p, left, &cp);

	if (len == 0 || (cp < ' ' && cp != '\t' && cp != '\n') ||
	    cp == 0xfffe || cp == 0xffff)
		return 0;
	return len;
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
	case '\r':		/* bare, a reader takes it for a newline */
		return "&#13;";
	}
	return NULL;
}

/* Most text is: it needs neither an entity nor a look at its UTF-8. */
static bool
is_plain(char c)
{
	return c >= ' ' && c != '&' && c != '<' && c != '>' && c != '"' &&
	    c != '\'' && c < 0x7f;
}

void
xml_escape(struct buf *out, const char *text, size_t len)
{
	const char	*ent;
	size_t		 i, n, run = 0;

	for (i = 0; i < len; i += n) {
		n = 1;
		if (is_plain(text[i]))
			continue;
		ent = entity(text[i]);
		if (ent == NULL && (n = char_len(text + i, len - i)) > 0)
			continue;
		buf_add(out, text + run, i - run);
		if (ent != NULL)
			buf_adds(out, ent);
		n = 1;
		run = i + 1;
	}
	buf_add(out, text + run, len - run);
}

static void
tag(struct xmlout *x, const char *before, const char *name, const char *after)
{
	buf_adds(x->buf, before);
	buf_adds(x->buf, name);
	buf_adds(x->buf, after);
}

void
out_open(struct xmlout *x, const char *name)
{
	if (x->depth == XMLOUT_DEPTH)
		x->failed = true;
	if (x->failed)
		return;
	x->open[x->depth++] = name;
	tag(x, "<", name, ">\n");
}

/*
 * More closed than opened is our mistake, and no XML: nothing more is written.
 */
void
out_close(struct xmlout *x)
{
	if (x->depth == 0)
		x->failed = true;
	if (x->failed)
		return;
	tag(x, "</", x->open[--x->depth], ">\n");
	hand_on(x, x->flush_at);
}

void
out_str(struct xmlout *x, const char *name, const char *text)
{
	if (x->failed)
		return;
	tag(x, "<", name, ">");
	if (text != NULL)
		xml_escape(x->buf, text, strlen(text));
	tag(x, "</", name, ">\n");
	hand_on(x, x->flush_at);
}

void
out_int(struct xmlout *x, const char *name, long long n)
{
	if (x->failed)
		return;
	buf_printf(x->buf, "<%s>%lld</%s>\n", name, n, name);
	hand_on(x, x->flush_at);
}

void
out_bool(struct xmlout *x, const char *name, bool b)
{
	out_str(x, name, b ? "true" : "false");
}

void
out_empty(struct xmlout *x, const char *name)
{
	if (x->failed)
		return;
	tag(x, "<", name, "/>\n");
	hand_on(x, x->flush_at);
}

/* Whoever calls vouches for it being well-formed. */
void
out_raw(struct xmlout *x, const char *xml, size_t len)
{
	if (x->failed)
		return;
	buf_add(x->buf, xml, len);
	hand_on(x, x->flush_at);
}

int
out_done(struct xmlout *x)
{
	if (x->depth > 0)
		x->failed = true;
	hand_on(x, 0);
	return x->failed ? -1 : 0;
}
