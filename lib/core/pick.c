/*
 * The router chain: from all backends to those that may take a meeting.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/pick.h"

/* Pointers into the cluster: which are left, in the order of its list. */
struct candidates {
	const struct backend	**v;
	size_t			  n;
};

static bool
among(const char *s, const char *const *v, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i], s) == 0)
			return true;
	return false;
}

static bool
has_tag(const struct backend *b, const char *tag)
{
	return among(tag, (const char *const *)b->tags, b->ntags);
}

/* Admin ready, not failed; a silent agent and full servers are place()'s. */
static bool
placeable(const struct cluster_rows *cluster, const struct pick_req *q,
    const struct backend *b)
{
	(void)cluster;
	if (q->only != NULL && strcmp(q->only, b->id) != 0)
		return false;
	if (q->tried != NULL && among(b->id, q->tried->v, q->tried->n))
		return false;
	return b->admin_state == ADMIN_READY && b->node_state != NODE_ERROR;
}

/*
 * All tags that the frontend's setting requires; and the one that this create
 * asks for, which the frontend's setting must allow.  A wish that is not
 * allowed is no wish; a demand that is not allowed finds no server.
 */
static bool
tagged(const struct cluster_rows *cluster, const struct pick_req *q,
    const struct backend *b)
{
	const struct settings	*s = q->settings;
	size_t			 i;

	(void)cluster;
	for (i = 0; i < s->required_tags.n; i++)
		if (!has_tag(b, s->required_tags.v[i]))
			return false;
	if (q->tag == NULL)
		return true;
	if (!among(q->tag, s->allowed_tags.v, s->allowed_tags.n))
		return !q->tag_required;
	return has_tag(b, q->tag);
}

/*
 * Weekly hours have been turned into periods by the database, which knows the
 * time zones.
 */
static bool
active(const struct reservation *r, int64_t now)
{
	size_t	i;

	for (i = 0; i < r->nperiods; i++)
		if (r->periods[i][0] <= now && now < r->periods[i][1])
			return true;
	return false;
}

static bool
covers(const struct reservation *r, const struct backend *b)
{
	if (r->backend_id != NULL && strcmp(r->backend_id, b->id) == 0)
		return true;
	return r->tag != NULL && has_tag(b, r->tag);
}

/* Kept for others now, by each reservation that covers it: dropped. */
static bool
unreserved(const struct cluster_rows *cluster, const struct pick_req *q,
    const struct backend *b)
{
	const struct reservation	*r;
	bool				 kept = false;
	size_t				 i;

	for (i = 0; i < cluster->nreservations; i++) {
		r = &cluster->reservations[i];
		if (!covers(r, b) || !active(r, q->now))
			continue;
		if (among(q->frontend_id,
		    (const char *const *)r->frontend_ids, r->nfrontends))
			return true;
		kept = true;
	}
	return !kept;
}

/* Each may only drop: what one has refused no other brings back. */
static const struct step {
	const char	*name;
	bool		(*keeps)(const struct cluster_rows *,
			    const struct pick_req *, const struct backend *);
} steps[] = {
	{ "placeable",	  placeable },
	{ "tags",	  tagged },
	{ "reservations", unreserved },
};

void
pick(struct arena *a, const struct cluster_rows *cluster,
    const struct pick_req *q, struct picked *p)
{
	struct candidates	c;
	size_t			i, k, kept;

	c.v = arena_zalloc(a, cluster->nbackends + 1, sizeof(*c.v));
	c.n = cluster->nbackends;
	for (i = 0; i < c.n; i++)
		c.v[i] = &cluster->backends[i];
	p->dropped_by = NULL;
	for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		for (i = kept = 0; i < c.n; i++)
			if (steps[k].keeps(cluster, q, c.v[i]))
				c.v[kept++] = c.v[i];
		if (kept == 0 && p->dropped_by == NULL)
			p->dropped_by = steps[k].name;
		c.n = kept;
	}
	p->slots = arena_zalloc(a, c.n + 1, sizeof(*p->slots));
	for (i = 0; i < c.n; i++)
		p->slots[i] = c.v[i]->slot;
	p->n = c.n;
}
