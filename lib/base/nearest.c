/*
 * Counts letters that differ: left out, put in, another, two exchanged.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "base/nearest.h"

#include <string.h>

#define NAME_MAX_LEN	96	/* addresses of servers, too */

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t	m = a < b ? a : b;

	return m < c ? m : c;
}

/*
 * The optimal string alignment distance: as Levenshtein's, and two letters
 * exchanged, the commonest slip of a hand, count once.
 */
static size_t
distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t	d[NAME_MAX_LEN + 1][NAME_MAX_LEN + 1], i, j, cost;

	for (i = 0; i <= alen; i++)
		d[i][0] = i;
	for (j = 0; j <= blen; j++)
		d[0][j] = j;
	for (i = 1; i <= alen; i++)
		for (j = 1; j <= blen; j++) {
			cost = a[i - 1] != b[j - 1];
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
			    d[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = min3(d[i][j], d[i - 2][j - 2] + 1,
				    d[i][j]);
		}
	return d[alen][blen];
}

void
nearest_begin(struct nearest *n, const char *typed, size_t len)
{
	memset(n, 0, sizeof(*n));
	n->typed = typed;
	n->len = len;
	/* A third of what was typed may be wrong, and one letter always. */
	n->distance = (len < 3 ? 1 : len / 3) + 1;
}

void
nearest_try(struct nearest *n, const char *name, size_t len)
{
	size_t	d;

	if (len > NAME_MAX_LEN || n->len > NAME_MAX_LEN)
		return;
	d = distance(n->typed, n->len, name, len);
	/* What was only begun is near, too: "back" is "backends". */
	if (n->len >= 3 && len > n->len && memcmp(n->typed, name, n->len) == 0)
		d = 1;
	if (d < n->distance && d < len) {
		n->distance = d;
		n->best = name;
		n->best_len = len;
	}
}
