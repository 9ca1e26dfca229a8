/*
 * The tree is built while a stack of open elements gathers their text.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/xmlread.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proto/xmlsax.h"

/* An element whose end has not come yet. */
struct frame {
	struct xml_node	 *node;
	struct xml_node	**tail;		/* where its next child goes */
	struct buf	  text;		/* kept for the next one this deep */
};

struct reader {
	struct xmlsax		 sax;	/* first: the handlers get it */
	struct arena		*arena;
	const struct xml_limits	*limits;
	struct frame		*frames;
	size_t			 nframes;
	size_t			 depth;
	size_t			 nodes;	/* elements and attributes */
	struct xml_node		*root;
};

/*
 * Buffers of frames are kept for the next element this deep: few are ever
 * allocated.
 */
static struct frame *
frame_push(struct reader *r)
{
	if (r->depth == r->nframes) {
		r->nframes = r->nframes * 2 + 8;
		r->frames = xrealloc(r->frames, r->nframes,
		    sizeof(*r->frames));
		memset(r->frames + r->depth, 0,
		    (r->nframes - r->depth) * sizeof(*r->frames));
	}
	return &r->frames[r->depth++];
}

static struct xml_attr *
read_attrs(struct reader *r, const char **attrs)
{
	struct xml_attr	 *first = NULL, **tail = &first, *at;

	for (; attrs[0] != NULL; attrs += 2) {
		r->nodes++;
		at = arena_zalloc(r->arena, 1, sizeof(*at));
		at->name = arena_strdup(r->arena, attrs[0]);
		at->value = arena_strdup(r->arena, attrs[1]);
		*tail = at;
		tail = &at->next;
	}
	return first;
}

static void
on_start(struct xmlsax *s, const char *name, const char **attrs,
    struct view tag)
{
	struct reader	*r = (struct reader *)s;
	struct xml_node	*node;
	struct frame	*f;

	if (r->depth == r->limits->depth) {
		xmlsax_refuse(s, "too many levels");
		return;
	}
	node = arena_zalloc(r->arena, 1, sizeof(*node));
	node->name = arena_strdup(r->arena, name);
	node->text = "";
	node->raw = tag;
	node->inner.p = tag.p + tag.len;
	node->attrs = read_attrs(r, attrs);
	if (++r->nodes > r->limits->nodes) {
		xmlsax_refuse(s, "too many elements");
		return;
	}
	if (r->depth == 0)
		r->root = node;
	else {
		f = &r->frames[r->depth - 1];
		*f->tail = node;
		f->tail = &node->next;
	}
	f = frame_push(r);
	f->node = node;
	f->tail = &node->child;
	buf_reset(&f->text);
}

/* expat gives text in pieces; they become one at the end. */
static void
on_text(struct xmlsax *s, const char *p, size_t len)
{
	struct reader	*r = (struct reader *)s;

	buf_add(&r->frames[r->depth - 1].text, p, len);
}

static bool
is_blank(const struct buf *b)
{
	return b->len == 0 || strspn(b->data, " \t\r\n") == b->len;
}

static void
on_end(struct xmlsax *s, const char *name, struct view tag)
{
	struct reader	*r = (struct reader *)s;
	struct frame	*f = &r->frames[--r->depth];
	struct xml_node	*node = f->node;

	(void)name;
	node->inner.len = (size_t)(tag.p - node->inner.p);
	node->raw.len = (size_t)(tag.p + tag.len - node->raw.p);
	/* White space between children is layout, not text. */
	if (f->text.len > 0 && (node->child == NULL || !is_blank(&f->text)))
		node->text = arena_memdup(r->arena, f->text.data,
		    f->text.len);
}

/* Views in the nodes point into data; only names and text are copies. */
struct xml_node *
xml_parse(struct arena *a, struct view data, const struct xml_limits *limits,
    struct err *e)
{
	struct reader	 r;
	size_t		 i;
	int		 rc;

	if (data.len > limits->bytes) {
		err_set(e, ERR_INPUT, "the XML is longer than %zu bytes",
		    limits->bytes);
		return NULL;
	}
	memset(&r, 0, sizeof(r));
	r.sax.start = on_start;
	r.sax.end = on_end;
	r.sax.text = on_text;
	r.arena = a;
	r.limits = limits;
	rc = xmlsax_run(&r.sax, data, ERR_INPUT, e);
	for (i = 0; i < r.nframes; i++)
		buf_free(&r.frames[i].text);
	free(r.frames);
	return rc == 0 ? r.root : NULL;
}

struct xml_node *
xml_child(const struct xml_node *node, const char *name)
{
	struct xml_node	*n;

	if (node == NULL)
		return NULL;
	for (n = node->child; n != NULL; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

const char *
xml_text(const struct xml_node *node, const char *name)
{
	const struct xml_node	*n = xml_child(node, name);

	return n != NULL ? n->text : NULL;
}
