/*
 * The places to edit are found first, and written only if all is well-formed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/splice.h"

#include <stdbool.h>
#include <string.h>

#include "proto/xmlout.h"
#include "proto/xmlsax.h"

/* No rule is longer, so what lies deeper need not be known by its path. */
#define PATH_MAX_LEN	128

/* Bytes of the reply that give way to text, in the order of the reply. */
struct edit {
	struct view	 old;
	const char	*text;
	const char	*reopen;	/* name of a `<name/>` to be opened */
	struct edit	*next;
};

struct splicer {
	struct xmlsax			 sax;	/* first: the handlers get it */
	struct arena			*arena;
	const struct splice_rule	*rules;
	size_t				 nrules;
	void				*ctx;
	char				 path[PATH_MAX_LEN]; /* the element's */
	size_t				 path_len;
	size_t				 beyond;	/* levels not in path */
	struct buf			 text;
	const struct splice_rule	*rule;	/* NULL: none, or children */
	struct view			 tag;
	struct edit			*first;
	struct edit			**tail;
};

/* Few rules, and paths differ early: no search is quicker. */
static const struct splice_rule *
find_rule(const struct splicer *s)
{
	size_t	i;

	for (i = 0; i < s->nrules; i++)
		if (strcmp(s->rules[i].path, s->path) == 0)
			return &s->rules[i];
	return NULL;
}

/* false: the path no longer fits. */
static bool
path_push(struct splicer *s, const char *name)
{
	size_t	len = strlen(name), slash = s->path_len > 0;

	if (s->beyond > 0 || s->path_len + slash + len >= sizeof(s->path)) {
		s->beyond++;
		return false;
	}
	if (slash)
		s->path[s->path_len++] = '/';
	memcpy(s->path + s->path_len, name, len + 1);
	s->path_len += len;
	return true;
}

static void
path_pop(struct splicer *s, const char *name)
{
	size_t	len = strlen(name);

	if (s->beyond > 0) {
		s->beyond--;
		return;
	}
	s->path_len -= len < s->path_len ? len + 1 : len;
	s->path[s->path_len] = '\0';
}

static void
on_start(struct xmlsax *sax, const char *name, const char **attrs,
    struct view tag)
{
	struct splicer	*s = (struct splicer *)sax;

	(void)attrs;
	s->rule = path_push(s, name) ? find_rule(s) : NULL;
	s->tag = tag;
	buf_reset(&s->text);
}

static void
on_text(struct xmlsax *sax, const char *p, size_t len)
{
	struct splicer	*s = (struct splicer *)sax;

	if (s->rule != NULL)
		buf_add(&s->text, p, len);
}

static void
add_edit(struct splicer *s, const char *name, const char *text,
    struct view end)
{
	struct edit	*ed = arena_zalloc(s->arena, 1, sizeof(*ed));

	ed->text = text;
	ed->old.p = s->tag.p + s->tag.len;
	if (end.len == 0) {		/* `<name/>`: the "/>" goes */
		ed->reopen = arena_strdup(s->arena, name);
		ed->old.p -= 2;
	}
	ed->old.len = (size_t)(end.p - ed->old.p);
	*s->tail = ed;
	s->tail = &ed->next;
}

/*
 * map() sees the text without its escapes and gives the new one so, too; NULL,
 * or the same, leaves the bytes alone.
 */
static void
on_end(struct xmlsax *sax, const char *name, struct view tag)
{
	struct splicer	*s = (struct splicer *)sax;
	const char	*text;

	/* A rule still set here means that no child came between. */
	if (s->rule != NULL) {
		text = s->rule->map(s->arena, buf_str(&s->text), s->ctx);
		if (text != NULL && strcmp(text, buf_str(&s->text)) != 0)
			add_edit(s, name, text, tag);
		s->rule = NULL;
	}
	path_pop(s, name);
}

static void
write_edited(struct view xml, const struct edit *ed, struct buf *out)
{
	const char	*p = xml.p;

	for (; ed != NULL; ed = ed->next) {
		buf_add(out, p, (size_t)(ed->old.p - p));
		if (ed->reopen != NULL)
			buf_addc(out, '>');
		xml_escape(out, ed->text, strlen(ed->text));
		if (ed->reopen != NULL)
			buf_printf(out, "</%s>", ed->reopen);
		p = ed->old.p + ed->old.len;
	}
	buf_add(out, p, (size_t)(xml.p + xml.len - p));
}

int
splice(struct arena *a, struct view xml, const struct splice_rule *rules,
    size_t n, void *ctx, struct buf *out, struct err *e)
{
	struct splicer	s;
	int		rc;

	memset(&s, 0, sizeof(s));
	s.sax.start = on_start;
	s.sax.end = on_end;
	s.sax.text = on_text;
	s.arena = a;
	s.rules = rules;
	s.nrules = n;
	s.ctx = ctx;
	s.tail = &s.first;
	if ((rc = xmlsax_run(&s.sax, xml, ERR_BACKEND, e)) == 0)
		write_edited(xml, s.first, out);
	buf_free(&s.text);
	return rc;
}
