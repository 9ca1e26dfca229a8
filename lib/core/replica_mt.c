/*
 * The replica's meetings: found by either id, the newest version of each.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/replica_mt.h"

/*
 * One allocation.  The text begins with "internal\0frontend\0meeting\0", so
 * that both keys, (internal, frontend) and (frontend, meeting), lie in it
 * without a byte of their own.
 */
struct entry {
	LIST_ENTRY(entry)	all;
	struct meeting		m;	/* points into text */
	size_t			internal_len;	/* of the two keys */
	size_t			meeting_len;
	unsigned		mark;	/* the list that it was last in */
	char			text[];
};

/* The end of a meeting. */
struct tomb {
	TAILQ_ENTRY(tomb)	all;	/* in order of time */
	long long		row;
	long long		version;
	int64_t			at;	/* clock_mono_ms */
};

struct replica_mt {
	LIST_HEAD(, entry)	 all;
	struct hash		*by_row;
	struct hash		*by_meeting;
	struct hash		*by_internal;
	TAILQ_HEAD(tombs, tomb)	 tombs;
	struct hash		*tomb_by_row;
	int			 remember_ms;
	unsigned		 mark;
};

/* Room for the longest ids that a database row can have, twice over. */
#define KEY_SIZE	2048

struct replica_mt *
replica_mt_new(int remember_ms)
{
	struct replica_mt	*t = xcalloc(1, sizeof(*t));

	LIST_INIT(&t->all);
	TAILQ_INIT(&t->tombs);
	t->by_row = hash_new();
	t->by_meeting = hash_new();
	t->by_internal = hash_new();
	t->tomb_by_row = hash_new();
	t->remember_ms = remember_ms;
	return t;
}

size_t
replica_mt_len(const struct replica_mt *t)
{
	return hash_len(t->by_row);
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
entry_new(const struct meeting *m)
{
	struct entry	*n;
	char		*pos;
	size_t		 size;

	size = strlen(m->internal_id) + strlen(m->frontend_id) +
	    strlen(m->meeting_id) + strlen(m->backend_id) +
	    strlen(m->backend_meeting_id) + 5;
	n = xmalloc(sizeof(*n) + size);
	n->m = *m;
	pos = n->text;
	n->m.internal_id = pack(&pos, m->internal_id);
	n->m.frontend_id = pack(&pos, m->frontend_id);
	n->internal_len = (size_t)(pos - n->m.internal_id);
	n->m.meeting_id = pack(&pos, m->meeting_id);
	n->meeting_len = (size_t)(pos - n->m.frontend_id);
	n->m.backend_id = pack(&pos, m->backend_id);
	n->m.backend_meeting_id = pack(&pos, m->backend_meeting_id);
	/* Passwords are none of a replica's business: all three "". */
	n->m.attendee_pw = n->m.moderator_pw = n->m.voice_bridge = pos - 1;
	return n;
}

/*
 * A key that another row holds becomes this one's: of two rows with one id the
 * later one lives.
 */
static void
entry_add(struct replica_mt *t, struct entry *n)
{
	n->mark = t->mark;
	LIST_INSERT_HEAD(&t->all, n, all);
	hash_put(t->by_row, &n->m.row, sizeof(n->m.row), n);
	hash_put(t->by_meeting, n->m.frontend_id, n->meeting_len, n);
	hash_put(t->by_internal, n->m.internal_id, n->internal_len, n);
}

/* Another row may have taken over the key in the meantime. */
static void
key_del(struct hash *h, const void *key, size_t len, const struct entry *n)
{
	if (hash_get(h, key, len) == n)
		hash_del(h, key, len);
}

static void
entry_del(struct replica_mt *t, struct entry *n)
{
	if (n == NULL)
		return;
	key_del(t->by_row, &n->m.row, sizeof(n->m.row), n);
	key_del(t->by_meeting, n->m.frontend_id, n->meeting_len, n);
	key_del(t->by_internal, n->m.internal_id, n->internal_len, n);
	LIST_REMOVE(n, all);
	free(n);
}

static struct entry *
entry_by_row(const struct replica_mt *t, long long row)
{
	return hash_get(t->by_row, &row, sizeof(row));
}

static void
tomb_del(struct replica_mt *t, struct tomb *b)
{
	if (b == NULL)
		return;
	hash_del(t->tomb_by_row, &b->row, sizeof(b->row));
	TAILQ_REMOVE(&t->tombs, b, all);
	free(b);
}

/*
 * The list is in order of time since each goes to its end, also when it is
 * renewed; so the old ones are at its head.
 */
static void
tomb_add(struct replica_mt *t, long long row, long long version)
{
	struct tomb	*b, *old = hash_get(t->tomb_by_row, &row, sizeof(row));

	if (old != NULL && old->version > version)
		version = old->version;
	tomb_del(t, old);
	b = xmalloc(sizeof(*b));
	b->row = row;
	b->version = version;
	b->at = clock_mono_ms();
	TAILQ_INSERT_TAIL(&t->tombs, b, all);
	hash_put(t->tomb_by_row, &b->row, sizeof(b->row), b);
	while ((old = TAILQ_FIRST(&t->tombs)) != b &&
	    b->at - old->at > t->remember_ms)
		tomb_del(t, old);
}

void
replica_mt_free(struct replica_mt *t)
{
	struct entry	*n;
	struct tomb	*b;

	if (t == NULL)
		return;
	while ((n = LIST_FIRST(&t->all)) != NULL)
		entry_del(t, n);
	while ((b = TAILQ_FIRST(&t->tombs)) != NULL)
		tomb_del(t, b);
	hash_free(t->by_row);
	hash_free(t->by_meeting);
	hash_free(t->by_internal);
	hash_free(t->tomb_by_row);
	free(t);
}

/* Whatever a notice lacks, for any role may send one. */
static bool
living(const struct meeting *m)
{
	return m->state == MEETING_LIVING && m->internal_id != NULL &&
	    m->backend_meeting_id != NULL;
}

/* What comes may be a copy of what is held, so that goes last. */
static void
replace(struct replica_mt *t, struct entry *held, const struct meeting *m)
{
	struct entry	*n = entry_new(m);

	entry_del(t, held);
	entry_add(t, n);
}

void
replica_mt_put(struct replica_mt *t, const struct meeting *m)
{
	struct entry	*held = entry_by_row(t, m->row);
	struct tomb	*b;

	if (!living(m)) {
		replica_mt_gone(t, m->row, m->version);
		return;
	}
	b = hash_get(t->tomb_by_row, &m->row, sizeof(m->row));
	if ((held != NULL && held->m.version >= m->version) ||
	    (b != NULL && b->version >= m->version))
		return;
	/* Something newer than the end: the row came back (its id may). */
	tomb_del(t, b);
	replace(t, held, m);
}

/*
 * An end of a row that is not held is kept all the same: its older news may
 * still be on their way.
 */
void
replica_mt_gone(struct replica_mt *t, long long row, long long version)
{
	struct entry	*held = entry_by_row(t, row);

	if (held != NULL && held->m.version > version)
		return;
	entry_del(t, held);
	tomb_add(t, row, version);
}

void
replica_mt_begin(struct replica_mt *t)
{
	t->mark++;
}

void
replica_mt_load(struct replica_mt *t, const struct meeting *m)
{
	if (living(m))
		replace(t, entry_by_row(t, m->row), m);
}

/* The list is newer than any end that was remembered. */
void
replica_mt_end(struct replica_mt *t)
{
	struct entry	*n, *next;
	struct tomb	*b;

	for (n = LIST_FIRST(&t->all); n != NULL; n = next) {
		next = LIST_NEXT(n, all);
		if (n->mark != t->mark)
			entry_del(t, n);
	}
	while ((b = TAILQ_FIRST(&t->tombs)) != NULL)
		tomb_del(t, b);
}

/* The key as the entries have it: two texts, each with its NUL. */
static const struct entry *
find_pair(const struct hash *h, const char *first, const char *second)
{
	char	key[KEY_SIZE];
	size_t	first_len = strlen(first) + 1, second_len = strlen(second) + 1;

	/* Longer than any id can be: nobody has it. */
	if (first_len > sizeof(key) || second_len > sizeof(key) - first_len)
		return NULL;
	memcpy(key, first, first_len);
	memcpy(key + first_len, second, second_len);
	return hash_get(h, key, first_len + second_len);
}

const struct meeting *
replica_mt_find(const struct replica_mt *t, const char *frontend_id,
    const char *id)
{
	const struct entry	*n;

	if ((n = find_pair(t->by_meeting, frontend_id, id)) == NULL)
		n = find_pair(t->by_internal, id, frontend_id);
	return n == NULL ? NULL : &n->m;
}
