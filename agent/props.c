/*
 * Java properties: ISO-8859-1, escapes, lines that go on.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "props.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "proto/url.h"

#define FILE_MAX	(1 << 20)

struct prop {
	const char	*name;
	const char	*value;
	struct prop	*next;
};

struct props {
	struct arena	*arena;
	struct prop	*first;		/* the last one read */
};

struct props *
props_new(struct arena *a)
{
	struct props	*p = arena_zalloc(a, 1, sizeof(*p));

	p->arena = a;
	return p;
}

static void
add_utf8(struct buf *b, unsigned int cp)
{
	if (cp < 0x80)
		buf_addc(b, (char)cp);
	else if (cp < 0x800) {
		buf_addc(b, (char)(0xc0 | cp >> 6));
		buf_addc(b, (char)(0x80 | (cp & 0x3f)));
	} else {
		buf_addc(b, (char)(0xe0 | cp >> 12));
		buf_addc(b, (char)(0x80 | (cp >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (cp & 0x3f)));
	}
}

/* The four digits behind \u; halves of surrogate pairs are refused. */
static int
add_unicode(struct buf *b, const char *p, const char *end)
{
	unsigned int	cp = 0;
	int		i, d;

	for (i = 0; i < 4; i++) {
		if (p + i >= end || (d = url_hexdigit(p[i])) == -1)
			return -1;
		cp = cp << 4 | (unsigned int)d;
	}
	if (cp == 0 || (cp >= 0xd800 && cp <= 0xdfff))
		return -1;
	add_utf8(b, cp);
	return 0;
}

/*
 * The character at *p, escapes resolved, into b.  Files in UTF-8 are common
 * however much the format says otherwise: their bytes stay as they are.
 */
static int
add_char(struct buf *b, const char **p, const char *end)
{
	static const char	 letters[] = "tnrf", meant[] = "\t\n\r\f";
	const char		*at;
	char			 c = *(*p)++;

	if (c != '\\' || *p == end) {
		buf_addc(b, c);
		return 0;
	}
	c = *(*p)++;
	if (c == 'u') {
		if (add_unicode(b, *p, end) == -1)
			return -1;
		*p += 4;
	} else if ((at = strchr(letters, c)) != NULL && c != '\0')
		buf_addc(b, meant[at - letters]);
	else
		buf_addc(b, c);
	return 0;
}

/* Latin-1 to UTF-8, unless it is UTF-8. */
static const char *
as_utf8(struct arena *a, const struct buf *b)
{
	struct buf	 out = { NULL, 0, 0 };
	size_t		 i;

	if (str_utf8_valid(buf_str(b), b->len))
		return arena_memdup(a, buf_str(b), b->len);
	for (i = 0; i < b->len; i++)
		add_utf8(&out, (unsigned char)b->data[i]);
	return arena_take(a, &out);
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

/* One logical line: name, then '=', ':' or a blank, then the value. */
static int
read_pair(struct props *p, struct view line, struct err *e, int nr)
{
	const char	*at = line.p, *end = line.p + line.len;
	struct buf	 name = { NULL, 0, 0 }, value = { NULL, 0, 0 };
	struct prop	*prop;
	int		 rc = -1;

	while (at < end && *at != '=' && *at != ':' && !is_blank(*at))
		if (add_char(&name, &at, end) == -1)
			goto bad;
	while (at < end && is_blank(*at))
		at++;
	if (at < end && (*at == '=' || *at == ':'))
		at++;
	while (at < end && is_blank(*at))
		at++;
	/* Blanks at the end are Java's to keep, and nobody's intention. */
	while (end > at && is_blank(end[-1]))
		end--;
	while (at < end)
		if (add_char(&value, &at, end) == -1)
			goto bad;
	prop = arena_zalloc(p->arena, 1, sizeof(*prop));
	prop->name = as_utf8(p->arena, &name);
	prop->value = as_utf8(p->arena, &value);
	prop->next = p->first;
	p->first = prop;
	rc = 0;
	goto out;
bad:
	err_set(e, ERR_CONFIG, "%d: \\u wants four hex digits", nr);
out:
	buf_free(&name);
	buf_free(&value);
	return rc;
}

/* An odd number of backslashes: the line goes on. */
static int
goes_on(const struct buf *b)
{
	size_t	n = 0;

	while (n < b->len && b->data[b->len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

/* Takes one line off text, its end and the blanks before it gone. */
static struct view
next_line(struct view *text)
{
	struct view	 line = *text;
	const char	*nl = memchr(text->p, '\n', text->len);

	if (nl != NULL)
		line.len = (size_t)(nl - text->p);
	text->p += line.len + (nl != NULL);
	text->len -= line.len + (nl != NULL);
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	while (line.len > 0 && is_blank(*line.p)) {
		line.p++;
		line.len--;
	}
	return line;
}

/* Comments do not go on: a backslash at their end means nothing. */
int
props_read(struct props *p, struct view text, struct err *e)
{
	struct buf	 whole = { NULL, 0, 0 };
	struct view	 line;
	int		 nr = 0, first, rc = 0;

	while (text.len > 0 && rc == 0) {
		line = next_line(&text);
		first = ++nr;
		if (line.len == 0 || *line.p == '#' || *line.p == '!')
			continue;
		buf_reset(&whole);
		buf_add(&whole, line.p, line.len);
		/* The next line's leading blanks are gone, as Java has it. */
		while (goes_on(&whole)) {
			whole.data[--whole.len] = '\0';
			if (text.len == 0)
				break;
			line = next_line(&text);
			nr++;
			buf_add(&whole, line.p, line.len);
		}
		rc = read_pair(p, (struct view){ buf_str(&whole), whole.len },
		    e, first);
	}
	buf_free(&whole);
	return rc;
}

int
props_load(struct props *p, const char *path, struct err *e)
{
	char	*text;
	FILE	*f;
	size_t	 len;
	int	 failed;

	if ((f = fopen(path, "re")) == NULL)
		return err_set(e, ERR_CONFIG, "%s: %s", path,
		    strerror(errno));
	text = arena_alloc(p->arena, FILE_MAX + 1);
	len = fread(text, 1, FILE_MAX + 1, f);
	failed = ferror(f) ? errno : 0;
	fclose(f);
	if (failed != 0)
		return err_set(e, ERR_CONFIG, "%s: %s", path,
		    strerror(failed));
	if (len > FILE_MAX)
		return err_set(e, ERR_CONFIG, "%s: longer than %d bytes",
		    path, FILE_MAX);
	if (props_read(p, (struct view){ text, len }, e) == -1)
		return err_set(e, ERR_CONFIG, "%s:%s", path, e->text);
	return 0;
}

/* The last one read comes first, so the last definition wins. */
static const char *
raw_value(const struct props *p, const char *name, size_t len)
{
	const struct prop	*q;

	for (q = p->first; q != NULL; q = q->next)
		if (strncmp(q->name, name, len) == 0 && q->name[len] == '\0')
			return q->value;
	return NULL;
}

const char *
props_get(const struct props *p, const char *name)
{
	const char	*v = raw_value(p, name, strlen(name));
	const char	*begin, *end, *other;

	if (v == NULL || (begin = strstr(v, "${")) == NULL ||
	    (end = strchr(begin, '}')) == NULL)
		return v;
	other = raw_value(p, begin + 2, (size_t)(end - begin - 2));
	if (other == NULL)
		return NULL;
	return arena_printf(p->arena, "%.*s%s%s", (int)(begin - v), v, other,
	    end + 1);
}

/* securitySalt is BBB's name for the secret of its API. */
int
props_bbb(const struct props *p, struct props_bbb *b, struct err *e)
{
	const char	*server = props_get(p, "bigbluebutton.web.serverURL");
	const char	*port = props_get(p, "redisPort");
	const char	*s;
	char		*url;
	long long	 n = 6379;

	if (server == NULL || server[0] == '\0')
		return err_set(e, ERR_CONFIG,
		    "bigbluebutton.web.serverURL: missing");
	if (url_backend(p->arena, server, &url, e) == -1)
		return err_set(e, ERR_CONFIG,
		    "bigbluebutton.web.serverURL: %s", e->text);
	b->url = url;
	b->secret = props_get(p, "securitySalt");
	if (b->secret == NULL || b->secret[0] == '\0')
		return err_set(e, ERR_CONFIG, "securitySalt: missing");
	s = props_get(p, "redisHost");
	b->redis_host = s != NULL && s[0] != '\0' ? s : "localhost";
	if (port != NULL && port[0] != '\0' && (str_to_ll(port, &n) == -1 ||
	    n < 1 || n > 65535))
		return err_set(e, ERR_CONFIG, "redisPort: not a port: %s",
		    port);
	b->redis_port = (int)n;
	s = props_get(p, "redisPassword");
	b->redis_password = s != NULL ? s : "";
	return 0;
}
