/*
 * Pages for browsers, from template files that an admin may replace.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/page.h"
#include "proto/xmlout.h"

#define TEMPLATE_MAX	(64 * 1024)	/* bytes; a page goes out whole */
#define VARS_MAX	3

/* The first is what a request gets that prefers none of them. */
static const char *const langs[] = { "en", "de", NULL };
#define LANGS	2

static const struct {
	const char	*file;
	const char	*vars[VARS_MAX + 1];	/* what its template may name */
} defs[PAGE__MAX] = {
	[PAGE_REDIRECT]	 = { "redirect",  { "url", NULL } },
	[PAGE_WAIT]	 = { "wait",	  { "url", "seconds", "try", NULL } },
	[PAGE_GIVEN_UP]	 = { "given_up",  { "url", NULL } },
	[PAGE_NOT_FOUND] = { "not_found", { NULL } },
	[PAGE_LIMIT]	 = { "limit",	  { NULL } },
};

/* A piece of the file as it stands, then the value of a variable. */
struct piece {
	struct view	 text;
	const char	*var;		/* of defs[]; NULL after the last */
};

struct template {
	char		*data;		/* NULL: not in this language */
	struct piece	*pieces;
	size_t		 n;
};

struct pages {
	struct template	t[PAGE__MAX][LANGS];
};

/* For messages only: counted when something is wrong. */
static int
line_of(const char *data, const char *p)
{
	int	line = 1;

	for (; data < p; data++)
		line += *data == '\n';
	return line;
}

static void
piece_add(struct template *t, const char *p, size_t len, const char *var)
{
	t->pieces = xrealloc(t->pieces, t->n + 1, sizeof(*t->pieces));
	t->pieces[t->n].text.p = p;
	t->pieces[t->n].text.len = len;
	t->pieces[t->n++].var = var;
}

/* The variable's name in defs[], or NULL if the page has none such. */
static const char *
var_find(enum page which, const char *name, size_t len)
{
	const char *const	*v;

	for (v = defs[which].vars; *v != NULL; v++)
		if (strlen(*v) == len && memcmp(*v, name, len) == 0)
			return *v;
	return NULL;
}

/*
 * "{{" always begins a variable, "}}" ends one on the same line; alone it
 * means nothing, since style sheets end so.
 */
static int
template_parse(struct template *t, enum page which, const char *path,
    struct err *e)
{
	const char	*p = t->data, *open, *close, *name, *var;
	size_t		 len;

	while ((open = strstr(p, "{{")) != NULL) {
		name = open + 2;
		len = strcspn(name, "}\n");
		close = name + len;
		if (strncmp(close, "}}", 2) != 0)
			return err_set(e, ERR_CONFIG,
			    "%s:%d: {{ without }} on its line", path,
			    line_of(t->data, open));
		if ((var = var_find(which, name, len)) == NULL)
			return err_set(e, ERR_CONFIG,
			    "%s:%d: unknown variable {{%.*s}}", path,
			    line_of(t->data, open), (int)(len < 40 ? len : 40),
			    name);
		piece_add(t, p, (size_t)(open - p), var);
		p = close + 2;
	}
	piece_add(t, p, strlen(p), NULL);
	return 0;
}

/* NULL with e set; or, if the file is missing and may be, without. */
static char *
file_read(const char *path, bool optional, size_t *len, struct err *e)
{
	char	*data = NULL;
	ssize_t	 n;
	size_t	 have = 0;
	int	 fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		if (errno != ENOENT || !optional)
			err_set(e, ERR_CONFIG, "%s: %s", path,
			    strerror(errno));
		return NULL;
	}
	data = xmalloc(TEMPLATE_MAX + 1);
	while ((n = read(fd, data + have, TEMPLATE_MAX + 1 - have)) > 0)
		have += (size_t)n;
	if (n == -1)
		err_set(e, ERR_CONFIG, "%s: %s", path, strerror(errno));
	else if (have > TEMPLATE_MAX)
		err_set(e, ERR_CONFIG, "%s: larger than %d bytes", path,
		    TEMPLATE_MAX);
	close(fd);
	if (n == -1 || have > TEMPLATE_MAX) {
		free(data);
		return NULL;
	}
	data[have] = '\0';
	*len = have;
	return data;
}

/*
 * Everything that an admin may have got wrong is found now, not when a browser
 * waits for the page.
 */
static int
template_load(struct template *t, enum page which, int lang,
    const char *dir, struct err *e)
{
	char		path[4096];
	size_t		len, good, step;
	unsigned int	cp;
	int		n;

	n = snprintf(path, sizeof(path), "%s/%s.%s.html", dir,
	    defs[which].file, langs[lang]);
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(e, ERR_CONFIG, "%.200s...: path too long", dir);
	err_clear(e);
	if ((t->data = file_read(path, lang > 0, &len, e)) == NULL)
		return e->code == ERR_NONE ? 0 : -1;
	if (strlen(t->data) != len)
		return err_set(e, ERR_CONFIG, "%s:%d: a NUL byte", path,
		    line_of(t->data, t->data + strlen(t->data)));
	for (good = 0; good < len; good += step)
		if ((step = str_utf8_next(t->data + good, len - good,
		    &cp)) == 0)
			return err_set(e, ERR_CONFIG, "%s:%d: not UTF-8",
			    path, line_of(t->data, t->data + good));
	return template_parse(t, which, path, e);
}

struct pages *
pages_load(const char *dir, struct err *e)
{
	struct pages	*p = xcalloc(1, sizeof(*p));
	int		 which, lang;

	for (which = 0; which < PAGE__MAX; which++)
		for (lang = 0; lang < LANGS; lang++)
			if (template_load(&p->t[which][lang],
			    (enum page)which, lang, dir, e) == -1) {
				pages_free(p);
				return NULL;
			}
	return p;
}

void
pages_free(struct pages *p)
{
	int	which, lang;

	if (p == NULL)
		return;
	for (which = 0; which < PAGE__MAX; which++)
		for (lang = 0; lang < LANGS; lang++) {
			free(p->t[which][lang].data);
			free(p->t[which][lang].pieces);
		}
	free(p);
}

/*
 * template_parse() let only known names through, so one that is missing here
 * is our mistake.
 */
static const char *
value_of(const char *name, const struct page_var *vars, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (strcmp(vars[i].name, name) == 0)
			return vars[i].value;
	assert(!"a variable of the page was not given");
	return "";
}

static void
template_fill(const struct template *t, const struct page_var *vars,
    size_t n, struct buf *out)
{
	const char	*value;
	size_t		 i;

	for (i = 0; i < t->n; i++) {
		buf_add(out, t->pieces[i].text.p, t->pieces[i].text.len);
		if (t->pieces[i].var == NULL)
			continue;
		value = value_of(t->pieces[i].var, vars, n);
		xml_escape(out, value, strlen(value));
	}
}

void
page_reply(const struct pages *p, enum page which,
    const struct http_req *req, int status, const struct page_var *vars,
    size_t n, struct http_reply *reply)
{
	const char	*lang = http_language(req, langs);
	int		 i = 0;

	/* http_language() gives back one of the list. */
	while (strcmp(langs[i], lang) != 0)
		i++;
	if (p->t[which][i].data == NULL)
		i = 0;
	reply->status = status;
	http_header_set(reply, "Content-Type", "text/html; charset=utf-8");
	http_header_set(reply, "Content-Language", langs[i]);
	http_header_set(reply, "Cache-Control", "no-store");
	http_header_set(reply, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'");
	/* The page's own address holds a join link. */
	http_header_set(reply, "Referrer-Policy", "no-referrer");
	buf_reset(&reply->body);
	template_fill(&p->t[which][i], vars, n, &reply->body);
}
