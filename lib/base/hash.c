/*
 * Pointers found by a key of bytes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/random.h>

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#define LEAST_CAP	16

/*
 * Open addressing, linear probing.  A deletion moves those behind the gap
 * forward, so there are no tombstones, and a search ends at an empty slot.
 */
struct slot {
	const void	*key;
	void		*value;		/* NULL: the slot is empty */
	uint32_t	 sum;
	uint32_t	 len;
};

struct hash {
	struct slot	*slots;
	size_t		 cap;		/* a power of two */
	size_t		 len;
};

static uint64_t
rotl(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

static void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/*
 * SipHash-1-3 (Aumasson and Bernstein).  Keys come from strangers, and the
 * quicker FNV and Murmur have collisions that no seed takes away.
 */
static uint32_t
sip_sum(const uint64_t seed[2], const void *key, size_t len)
{
	uint64_t	 v[4] = {
		seed[0] ^ UINT64_C(0x736f6d6570736575),
		seed[1] ^ UINT64_C(0x646f72616e646f6d),
		seed[0] ^ UINT64_C(0x6c7967656e657261),
		seed[1] ^ UINT64_C(0x7465646279746573)
	};
	const char	*p = key;
	uint64_t	 word, last = (uint64_t)len << 56;
	size_t		 left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		sip_word(v, le64toh(word));
	}
	while (left-- > 0)
		last |= (uint64_t)(unsigned char)p[left] << (8 * left);
	sip_word(v, last);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	word = v[0] ^ v[1] ^ v[2] ^ v[3];
	return (uint32_t)(word ^ word >> 32);
}

/* One seed a process, drawn at its first hash. */
static const uint64_t *
process_seed(void)
{
	static uint64_t	seed[2];
	static bool	drawn;

	if (!drawn && getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		log_fatal(EX_OSERR, "no random numbers from the system");
	drawn = true;
	return seed;
}

struct hash *
hash_new(void)
{
	struct hash	*h = xcalloc(1, sizeof(*h));

	h->cap = LEAST_CAP;
	h->slots = xcalloc(h->cap, sizeof(*h->slots));
	return h;
}

void
hash_free(struct hash *h)
{
	if (h == NULL)
		return;
	free(h->slots);
	free(h);
}

size_t
hash_len(const struct hash *h)
{
	return h->len;
}

/* The key's slot, or the empty one where it would go. */
static struct slot *
find(const struct hash *h, const void *key, size_t len, uint32_t sum)
{
	size_t		 i;
	struct slot	*s;

	for (i = sum;; i++) {
		s = &h->slots[i & (h->cap - 1)];
		if (s->value == NULL)
			return s;
		if (s->sum == sum && s->len == len &&
		    (len == 0 || memcmp(s->key, key, len) == 0))
			return s;
	}
}

/* Sums are kept in the slots, so no key is hashed again. */
static void
resize(struct hash *h, size_t cap)
{
	struct slot	*old = h->slots;
	size_t		 i, j, old_cap = h->cap;

	h->slots = xcalloc(cap, sizeof(*h->slots));
	h->cap = cap;
	for (i = 0; i < old_cap; i++) {
		if (old[i].value == NULL)
			continue;
		for (j = old[i].sum & (cap - 1); h->slots[j].value != NULL;)
			j = (j + 1) & (cap - 1);
		h->slots[j] = old[i];
	}
	free(old);
}

void *
hash_get(const struct hash *h, const void *key, size_t len)
{
	return find(h, key, len, sip_sum(process_seed(), key, len))->value;
}

void *
hash_put(struct hash *h, const void *key, size_t len, void *value)
{
	uint32_t	 sum = sip_sum(process_seed(), key, len);
	struct slot	*s = find(h, key, len, sum);
	void		*old = s->value;

	assert(value != NULL && len <= UINT32_MAX);
	if (old == NULL && (h->len + 1) * 10 > h->cap * 7) {
		resize(h, h->cap * 2);
		s = find(h, key, len, sum);
	}
	if (old == NULL)
		h->len++;
	*s = (struct slot){ key, value, sum, (uint32_t)len };
	return old;
}

/* Moves into the gap whoever may sit there, until a gap is left in peace. */
static void
close_gap(struct hash *h, size_t gap)
{
	size_t	i, mask = h->cap - 1;

	for (i = (gap + 1) & mask; h->slots[i].value != NULL;
	    i = (i + 1) & mask) {
		/* Is the gap on this one's way from its home to here? */
		if (((i - h->slots[i].sum) & mask) < ((i - gap) & mask))
			continue;
		h->slots[gap] = h->slots[i];
		gap = i;
	}
	h->slots[gap].value = NULL;
}

/*
 * Shrinks far below where it grew, or a table at the border would do both in
 * turn.
 */
void *
hash_del(struct hash *h, const void *key, size_t len)
{
	struct slot	*s = find(h, key, len,
			    sip_sum(process_seed(), key, len));
	void		*old = s->value;

	if (old == NULL)
		return NULL;
	close_gap(h, (size_t)(s - h->slots));
	h->len--;
	if (h->cap > LEAST_CAP && h->len * 8 < h->cap)
		resize(h, h->cap / 2);
	return old;
}

void
hash_each(struct hash *h, void (*fn)(void *value, void *ctx), void *ctx)
{
	size_t	i;

	for (i = 0; i < h->cap; i++)
		if (h->slots[i].value != NULL)
			fn(h->slots[i].value, ctx);
}
