/*
 * A hash table from a string to a pointer.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "table.h"

struct entry {
	struct entry	*next;
	const char	*key;
	void		*value;
	uint64_t	 hash;
};

struct table {
	struct entry	**slots;
	size_t		  size;		/* a power of two, 0 at first */
	size_t		  count;
};

/* FNV-1a; whoever talks to a test program needs no seed */
static uint64_t
table_hash(const char *key)
{
	uint64_t	h = 0xcbf29ce484222325;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3;
	return h ^ h >> 32;
}

struct table *
table_new(void)
{
	return mem_alloc(sizeof(struct table));
}

static void
table_grow(struct table *t)
{
	size_t		  size = t->size == 0 ? 16 : t->size * 2, i;
	struct entry	**slots, *e, *next;

	slots = mem_alloc(size * sizeof *slots);
	for (i = 0; i < t->size; i++)
		for (e = t->slots[i]; e != NULL; e = next) {
			next = e->next;
			e->next = slots[e->hash & (size - 1)];
			slots[e->hash & (size - 1)] = e;
		}
	free(t->slots);
	t->slots = slots;
	t->size = size;
}

/* The link that points to the entry, or to NULL at the end of its chain. */
static struct entry **
table_link(const struct table *t, const char *key, uint64_t hash)
{
	struct entry	**l;

	for (l = &t->slots[hash & (t->size - 1)]; *l != NULL; l = &(*l)->next)
		if ((*l)->hash == hash && strcmp((*l)->key, key) == 0)
			break;
	return l;
}

void
table_set(struct table *t, const char *key, void *value)
{
	uint64_t	  hash = table_hash(key);
	struct entry	**l;

	if (t->count >= t->size)
		table_grow(t);
	l = table_link(t, key, hash);
	if (*l == NULL) {
		*l = mem_alloc(sizeof **l);
		t->count++;
	}
	(*l)->key = key;
	(*l)->hash = hash;
	(*l)->value = value;
}

void *
table_get(const struct table *t, const char *key)
{
	struct entry	*e;

	if (t->count == 0)
		return NULL;
	e = *table_link(t, key, table_hash(key));
	return e == NULL ? NULL : e->value;
}

void
table_del(struct table *t, const char *key)
{
	struct entry	**l, *e;

	if (t->count == 0)
		return;
	l = table_link(t, key, table_hash(key));
	if ((e = *l) == NULL)
		return;
	*l = e->next;
	free(e);
	t->count--;
}

size_t
table_count(const struct table *t)
{
	return t->count;
}

void
table_free(struct table *t)
{
	struct entry	*e, *next;
	size_t		 i;

	if (t == NULL)
		return;
	for (i = 0; i < t->size; i++)
		for (e = t->slots[i]; e != NULL; e = next) {
			next = e->next;
			free(e);
		}
	free(t->slots);
	free(t);
}
