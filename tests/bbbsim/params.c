/*
 * Decoded parameters, in the order of the request, duplicates kept.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "params.h"
#include "text.h"

static struct param *
params_slot(struct params *p)
{
	if (p->count == p->cap) {
		p->cap = p->cap == 0 ? 16 : p->cap * 2;
		p->list = mem_grow(p->list, p->cap * sizeof *p->list);
	}
	return &p->list[p->count++];
}

static void
params_piece(struct params *p, const char *s, size_t len)
{
	const char	*eq = memchr(s, '=', len);
	size_t		 name_len = eq == NULL ? len : (size_t)(eq - s);
	struct param	*q;

	if (name_len == 0)
		return;
	q = params_slot(p);
	q->name = p->store.len;
	text_decode(&p->store, s, name_len);
	buf_char(&p->store, '\0');
	q->value = p->store.len;
	if (eq != NULL)
		text_decode(&p->store, eq + 1, len - name_len - 1);
	buf_char(&p->store, '\0');
}

void
params_parse(struct params *p, const char *raw, size_t len)
{
	const char	*end = raw + len, *amp;

	while (raw < end) {
		amp = memchr(raw, '&', (size_t)(end - raw));
		if (amp == NULL)
			amp = end;
		params_piece(p, raw, (size_t)(amp - raw));
		raw = amp + 1;
	}
}

void
params_add(struct params *p, const char *name, const char *value)
{
	struct param	*q = params_slot(p);

	q->name = p->store.len;
	buf_bytes(&p->store, name, strlen(name) + 1);
	q->value = p->store.len;
	buf_bytes(&p->store, value, strlen(value) + 1);
}

const char *
params_name(const struct params *p, size_t i)
{
	return p->store.data + p->list[i].name;
}

const char *
params_value(const struct params *p, size_t i)
{
	return p->store.data + p->list[i].value;
}

const char *
params_get(const struct params *p, const char *name)
{
	size_t	i;

	for (i = 0; i < p->count; i++)
		if (strcmp(params_name(p, i), name) == 0)
			return params_value(p, i);
	return NULL;
}

void
params_free(struct params *p)
{
	buf_free(&p->store);
	free(p->list);
	*p = (struct params){ 0 };
}
