/*
 * The replica's frontends: found by key or host, and which of them are stale.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/replica_fe.h"

/* More stale ones than these, and the complete list costs less. */
#define DUE_MAX		16
#define ID_SIZE		sizeof("01234567-89ab-cdef-0123-456789abcdef")

/* One allocation: first the arrays of secrets and hosts, then the text. */
struct entry {
	LIST_ENTRY(entry)	 all;
	LIST_ENTRY(entry)	 bare;	/* if bare() */
	struct frontend		 fe;
	unsigned		 mark;	/* the list that it was last in */
	bool			 stale;
	char			*data[];
};

struct replica_fe {
	LIST_HEAD(, entry)	 all;
	LIST_HEAD(, entry)	 bare;
	struct hash		*by_id;
	struct hash		*by_key;
	struct hash		*by_host;
	/* Those to be read again, held or not yet. */
	char			 due[DUE_MAX][ID_SIZE];
	size_t			 ndue;
	bool			 all_due;
	unsigned		 mark;
};

struct replica_fe *
replica_fe_new(void)
{
	struct replica_fe	*t = xcalloc(1, sizeof(*t));

	LIST_INIT(&t->all);
	LIST_INIT(&t->bare);
	t->by_id = hash_new();
	t->by_key = hash_new();
	t->by_host = hash_new();
	return t;
}

size_t
replica_fe_len(const struct replica_fe *t)
{
	return hash_len(t->by_id);
}

static bool
bare(const struct frontend *f)
{
	return f->active && f->bare_path;
}

/* Copies a text to *pos and moves that behind its NUL. */
static char *
pack(char **pos, const char *s)
{
	char	*copy = *pos;

	*pos = stpcpy(copy, s) + 1;
	return copy;
}

static struct entry *
entry_new(const struct frontend *f)
{
	struct entry	*n;
	char		*pos;
	size_t		 i, size, pointers = f->nsecrets + f->nhosts;

	size = strlen(f->id) + strlen(f->key) + strlen(f->settings) + 3;
	for (i = 0; i < f->nsecrets; i++)
		size += strlen(f->secrets[i]) + 1;
	for (i = 0; i < f->nhosts; i++)
		size += strlen(f->hosts[i]) + 1;
	n = xmalloc(sizeof(*n) + pointers * sizeof(*n->data) + size);
	n->fe = *f;
	n->stale = false;
	n->fe.secrets = n->data;
	n->fe.hosts = n->data + f->nsecrets;
	pos = (char *)(n->data + pointers);
	n->fe.id = pack(&pos, f->id);
	n->fe.key = pack(&pos, f->key);
	n->fe.settings = pack(&pos, f->settings);
	for (i = 0; i < f->nsecrets; i++)
		n->fe.secrets[i] = pack(&pos, f->secrets[i]);
	for (i = 0; i < f->nhosts; i++)
		n->fe.hosts[i] = pack(&pos, f->hosts[i]);
	return n;
}

static void
entry_add(struct replica_fe *t, struct entry *n)
{
	size_t	i;

	n->mark = t->mark;
	LIST_INSERT_HEAD(&t->all, n, all);
	if (bare(&n->fe))
		LIST_INSERT_HEAD(&t->bare, n, bare);
	hash_put(t->by_id, n->fe.id, strlen(n->fe.id), n);
	hash_put(t->by_key, n->fe.key, strlen(n->fe.key), n);
	for (i = 0; i < n->fe.nhosts; i++)
		hash_put(t->by_host, n->fe.hosts[i], strlen(n->fe.hosts[i]),
		    n);
}

/* Another frontend may have taken over the key in the meantime. */
static void
key_del(struct hash *h, const char *key, const struct entry *n)
{
	size_t	len = strlen(key);

	if (hash_get(h, key, len) == n)
		hash_del(h, key, len);
}

static void
entry_del(struct replica_fe *t, struct entry *n)
{
	size_t	i;

	if (n == NULL)
		return;
	key_del(t->by_id, n->fe.id, n);
	key_del(t->by_key, n->fe.key, n);
	for (i = 0; i < n->fe.nhosts; i++)
		key_del(t->by_host, n->fe.hosts[i], n);
	if (bare(&n->fe))
		LIST_REMOVE(n, bare);
	LIST_REMOVE(n, all);
	free(n);
}

static struct entry *
entry_by_id(const struct replica_fe *t, const char *id)
{
	return hash_get(t->by_id, id, strlen(id));
}

void
replica_fe_free(struct replica_fe *t)
{
	struct entry	*n;

	if (t == NULL)
		return;
	while ((n = LIST_FIRST(&t->all)) != NULL)
		entry_del(t, n);
	hash_free(t->by_id);
	hash_free(t->by_key);
	hash_free(t->by_host);
	free(t);
}

/*
 * An id that does not fit is none of ours; then the whole list is read, which
 * is always right.
 */
static void
due_add(struct replica_fe *t, const char *id)
{
	size_t	i;

	if (t->all_due)
		return;
	for (i = 0; i < t->ndue; i++)
		if (strcmp(t->due[i], id) == 0)
			return;
	if (t->ndue == DUE_MAX || str_copy(t->due[t->ndue], ID_SIZE, id) == -1)
		t->all_due = true;
	else
		t->ndue++;
}

static void
due_del(struct replica_fe *t, const char *id)
{
	size_t	i;

	for (i = 0; i < t->ndue; i++) {
		if (strcmp(t->due[i], id) != 0)
			continue;
		t->ndue--;
		if (i < t->ndue)
			memcpy(t->due[i], t->due[t->ndue], ID_SIZE);
		return;
	}
}

const char *
replica_fe_due(const struct replica_fe *t, bool *all)
{
	*all = t->all_due;
	return t->ndue == 0 ? NULL : t->due[t->ndue - 1];
}

void
replica_fe_load(struct replica_fe *t, const struct frontend *f)
{
	/* What comes may be a copy of what is held, so that goes last. */
	struct entry	*n = entry_new(f);

	due_del(t, n->fe.id);
	entry_del(t, entry_by_id(t, n->fe.id));
	entry_add(t, n);
}

void
replica_fe_put(struct replica_fe *t, const struct frontend *f)
{
	const struct entry	*held = entry_by_id(t, f->id);

	/* Of one version too: its secrets may end as time goes on. */
	if (held == NULL || held->fe.version < f->version ||
	    (held->fe.version == f->version && held->stale))
		replica_fe_load(t, f);
}

/*
 * No memory of the deleted: news of a frontend are ids only, and an id that
 * is read again is not found.
 */
void
replica_fe_del(struct replica_fe *t, const char *id)
{
	/* The id may be that of the due list, or of the entry. */
	struct entry	*n = entry_by_id(t, id);

	due_del(t, id);
	entry_del(t, n);
}

void
replica_fe_changed(struct replica_fe *t, const char *id, long long version)
{
	struct entry	*held = entry_by_id(t, id);

	/* Not held: it may be new, so it is read as well. */
	if (held != NULL) {
		if (held->fe.version >= version)
			return;
		held->fe.version = version;
		held->stale = true;
	}
	due_add(t, id);
}

void
replica_fe_begin(struct replica_fe *t)
{
	t->mark++;
}

/* A whole list answers everything that was due. */
void
replica_fe_end(struct replica_fe *t)
{
	struct entry	*n, *next;

	for (n = LIST_FIRST(&t->all); n != NULL; n = next) {
		next = LIST_NEXT(n, all);
		if (n->mark != t->mark)
			entry_del(t, n);
	}
	t->ndue = 0;
	t->all_due = false;
}

/* A secret that has ended since it was read makes it stale. */
static bool
fresh(struct replica_fe *t, struct entry *n)
{
	if (!n->stale && n->fe.secrets_until != 0 &&
	    n->fe.secrets_until <= clock_wall_ms()) {
		n->stale = true;
		due_add(t, n->fe.id);
	}
	return !n->stale;
}

/*
 * Whose secret signed can be told only among all of them, so one that is
 * stale, or has not been read yet, spoils the list.
 */
static size_t
find_bare(struct replica_fe *t, const struct frontend **v)
{
	struct entry	*n;
	size_t		 len = 0;

	if (t->ndue > 0 || t->all_due)
		return 0;
	LIST_FOREACH(n, &t->bare, bare) {
		if (len == REPLICA_FE_MAX || !fresh(t, n))
			return 0;
		v[len++] = &n->fe;
	}
	return len;
}

size_t
replica_fe_find(struct replica_fe *t, const char *key, const char *host,
    const struct frontend *v[REPLICA_FE_MAX])
{
	struct entry	*n = NULL;

	if (key != NULL)
		n = hash_get(t->by_key, key, strlen(key));
	else if (host != NULL)
		n = hash_get(t->by_host, host, strlen(host));
	/* A key names one frontend or none; a host may be nobody's own. */
	if (n == NULL)
		return key == NULL ? find_bare(t, v) : 0;
	if (!fresh(t, n))
		return 0;
	v[0] = &n->fe;
	return 1;
}
