/*
 * Parameters: parsed in two allocations, since every request passes here.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/query.h"

#include <stdint.h>
#include <string.h>

#include "proto/url.h"

/* An upper bound for what is allocated: empty pieces count too. */
static size_t
count_pieces(struct view raw)
{
	const char	*p = raw.p, *end = raw.p + raw.len;
	size_t		 n = 1;

	while (p < end && (p = memchr(p, '&', (size_t)(end - p))) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* Decodes one piece into mem and returns the first byte behind it. */
static char *
parse_piece(struct param *p, struct view piece, char *mem)
{
	const char	*eq = memchr(piece.p, '=', piece.len);

	p->raw_name = piece;
	p->raw_value.p = piece.p + piece.len;
	p->raw_value.len = 0;
	if (eq != NULL) {
		p->raw_name.len = (size_t)(eq - piece.p);
		p->raw_value.p = eq + 1;
		p->raw_value.len = piece.len - p->raw_name.len - 1;
	}
	p->name = mem;
	p->name_len = url_decode_into(mem, p->raw_name, true);
	p->value = mem + p->name_len + 1;
	p->value_len = url_decode_into(p->value, p->raw_value, true);
	return p->value + p->value_len + 1;
}

int
query_parse(struct arena *a, struct view raw, size_t max, struct query *q,
    struct err *e)
{
	const char	*p = raw.p, *end;
	size_t		 pieces = raw.len > 0 ? count_pieces(raw) : 0;
	struct view	 piece;
	char		*mem;

	memset(q, 0, sizeof(*q));
	q->arena = a;
	if (pieces == 0)
		return 0;
	/* Empty pieces take room in v, but no more than the input has bytes. */
	q->cap = (pieces < max ? pieces : max) + 4;
	q->v = arena_alloc(a, q->cap * sizeof(*q->v));
	mem = arena_alloc(a, raw.len + 2 * pieces);
	for (end = raw.p + raw.len; p < end; p += piece.len + 1) {
		piece.p = p;
		p = memchr(p, '&', (size_t)(end - p));
		piece.len = (size_t)((p != NULL ? p : end) - piece.p);
		p = piece.p;
		if (piece.len == 0)
			continue;
		if (q->n == max)
			return err_set(e, ERR_INPUT,
			    "more than %zu parameters", max);
		mem = parse_piece(&q->v[q->n++], piece, mem);
	}
	return 0;
}

/*
 * BBB's families of free names; only of these does letter case not matter
 * (bbb-api 5).
 */
static bool
is_prefixed(const char *name, size_t len)
{
	return (len > 5 && memcmp(name, "meta_", 5) == 0) ||
	    (len > 7 && memcmp(name, "plugin_", 7) == 0);
}

/* Lengths decide first: a name with a NUL in it is not its beginning. */
static bool
same(const char *a, size_t alen, const char *b, size_t blen)
{
	if (alen != blen)
		return false;
	if (memcmp(a, b, alen) == 0)
		return true;
	return is_prefixed(a, alen) && is_prefixed(b, blen) &&
	    memchr(a, '\0', alen) == NULL && str_ieq(a, b);
}

bool
query_same_name(const char *a, const char *b)
{
	return same(a, strlen(a), b, strlen(b));
}

const struct param *
query_find(const struct query *q, const char *name)
{
	size_t	i, len = strlen(name);

	for (i = 0; i < q->n; i++)
		if (same(q->v[i].name, q->v[i].name_len, name, len))
			return &q->v[i];
	return NULL;
}

const char *
query_get(const struct query *q, const char *name)
{
	const struct param	*p = query_find(q, name);

	return p != NULL ? p->value : NULL;
}

/* Drops those of this name from index on. */
static void
drop_from(struct query *q, size_t from, const char *name, size_t len)
{
	size_t	r, w = from;

	for (r = from; r < q->n; r++) {
		if (same(q->v[r].name, q->v[r].name_len, name, len))
			continue;
		if (w != r)
			q->v[w] = q->v[r];
		w++;
	}
	q->n = w;
}

/* The old array stays in the arena; few requests grow at all. */
static struct param *
append(struct query *q)
{
	struct param	*v;

	if (q->n == q->cap) {
		q->cap = q->cap * 2 + 8;
		v = arena_alloc(q->arena, q->cap * sizeof(*v));
		if (q->n > 0)
			memcpy(v, q->v, q->n * sizeof(*v));
		q->v = v;
	}
	return &q->v[q->n++];
}

/* Written anew from its value: what stood there in raw form is gone. */
void
query_set(struct query *q, const char *name, const char *value)
{
	struct param	*p = NULL;
	size_t		 i, len = strlen(name);

	for (i = 0; i < q->n && p == NULL; i++)
		if (same(q->v[i].name, q->v[i].name_len, name, len))
			p = &q->v[i];
	if (p != NULL)
		drop_from(q, i, name, len);
	else
		p = append(q);
	memset(p, 0, sizeof(*p));
	p->name = arena_strdup(q->arena, name);
	p->name_len = len;
	p->value = arena_strdup(q->arena, value);
	p->value_len = strlen(value);
}

void
query_drop(struct query *q, const char *name)
{
	drop_from(q, 0, name, strlen(name));
}

/* The first of a name counts, as in BBB. */
void
query_unique(struct query *q)
{
	size_t	i;

	for (i = 0; i < q->n; i++)
		drop_from(q, i + 1, q->v[i].name, q->v[i].name_len);
}

bool
query_name_ok(const struct param *p)
{
	size_t	i;
	char	c;

	for (i = 0; i < p->name_len; i++) {
		c = p->name[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '_' ||
		    c == '.'))
			return false;
	}
	return p->name_len > 0;
}

/* May these bytes go to a server as they are? */
static bool
is_clean(struct view v)
{
	static const uint32_t	 clean[4] = {	/* a bit for each ASCII byte */
		0,
		0x8fffff92,	/* ! $ ' ( ) * + , - . / 0-9 : ; ? */
		0x87ffffff,	/* @ A-Z _ */
		0x47fffffe	/* a-z ~ */
	};
	size_t			 i;
	unsigned char		 c;

	for (i = 0; i < v.len; i++) {
		c = (unsigned char)v.p[i];
		if (c == '%') {
			if (v.len - i < 3 || url_hexdigit(v.p[i + 1]) < 0 ||
			    url_hexdigit(v.p[i + 2]) < 0)
				return false;
			i += 2;
		} else if (c > 127 || (clean[c >> 5] >> (c & 31) & 1) == 0)
			return false;
	}
	return true;
}

void
query_write(const struct query *q, struct buf *out)
{
	const struct param	*p;
	size_t			 i;

	for (i = 0; i < q->n; i++) {
		p = &q->v[i];
		if (i > 0)
			buf_addc(out, '&');
		url_encode(out, p->name, p->name_len);
		buf_addc(out, '=');
		if (p->raw_value.p != NULL && is_clean(p->raw_value))
			buf_add(out, p->raw_value.p, p->raw_value.len);
		else
			url_encode(out, p->value, p->value_len);
	}
}
