/*
 * The router chain: what drops a backend, and on random clusters, what never
 * may pass.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/pick.h"

#define NOW 1000000LL

static struct arena	*a;
static struct settings	 none;
static struct backend	 backends[40];
static struct cluster_rows cluster;

static void
setup(void)
{
	size_t	i;

	a = arena_new();
	memset(&cluster, 0, sizeof(cluster));
	memset(backends, 0, sizeof(backends));
	for (i = 0; i < 40; i++) {
		backends[i].id = arena_printf(a, "b%zu", i);
		backends[i].slot = (int)i;
		backends[i].admin_state = ADMIN_READY;
		backends[i].node_state = NODE_READY;
	}
	cluster.backends = backends;
	cluster.nbackends = 3;
}

static void
teardown(void)
{
	arena_free(a);
}

static void
tag(struct backend *b, const char *name)
{
	char	**v = arena_zalloc(a, b->ntags + 1, sizeof(*v));

	if (b->ntags > 0)
		memcpy(v, b->tags, b->ntags * sizeof(*v));
	v[b->ntags++] = arena_strdup(a, name);
	b->tags = v;
}

static struct words
words(const char *one)
{
	struct words	w = { arena_zalloc(a, 1, sizeof(*w.v)), 1 };

	w.v[0] = one;
	return w;
}

/* The ids that are left, joined by blanks; and who dropped the last one. */
static const char *
run(struct pick_req q, const char **dropped_by)
{
	struct picked	 p;
	const char	*s = "";
	size_t		 i;

	q.now = NOW;
	if (q.settings == NULL)
		q.settings = &none;
	if (q.frontend_id == NULL)
		q.frontend_id = "f1";
	pick(a, &cluster, &q, &p);
	for (i = 0; i < p.n; i++)
		s = arena_printf(a, "%s%sb%d", s, i == 0 ? "" : " ",
		    p.slots[i]);
	if (dropped_by != NULL)
		*dropped_by = p.dropped_by;
	return s;
}

static struct reservation
reserve(const char *backend, const char *with_tag, const char *frontend)
{
	struct reservation	r = { 0 };

	r.backend_id = arena_strdup(a, backend);
	r.tag = arena_strdup(a, with_tag);
	r.frontend_ids = arena_zalloc(a, 1, sizeof(char *));
	r.frontend_ids[0] = arena_strdup(a, frontend);
	r.nfrontends = 1;
	r.periods = arena_zalloc(a, 1, sizeof(*r.periods));
	r.periods[0][0] = NOW - 10;
	r.periods[0][1] = NOW + 10;
	r.nperiods = 1;
	return r;
}

START_TEST(an_empty_cluster_has_no_candidate)
{
	const char	*by;

	cluster.nbackends = 0;
	ck_assert_str_eq(run((struct pick_req){ 0 }, &by), "");
	ck_assert_str_eq(by, "placeable");
}
END_TEST

START_TEST(only_ready_backends_take_meetings)
{
	backends[0].admin_state = ADMIN_STOPPED;
	backends[1].node_state = NODE_ERROR;
	backends[2].node_state = NODE_INIT;	/* never polled: not failed */
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b2");
	backends[2].admin_state = ADMIN_INIT;
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "");
	backends[2].admin_state = ADMIN_DECOMMISSIONED;
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "");
}
END_TEST

START_TEST(what_was_tried_is_not_tried_again)
{
	struct words	tried = words("b1");

	ck_assert_str_eq(run((struct pick_req){ .tried = &tried }, NULL),
	    "b0 b2");
	ck_assert_str_eq(run((struct pick_req){ .only = "b2" }, NULL), "b2");
	tried = words("b2");
	ck_assert_str_eq(run((struct pick_req){ .only = "b2",
	    .tried = &tried }, NULL), "");
}
END_TEST

START_TEST(all_required_tags_must_be_there)
{
	struct settings	s = { 0 };
	const char	*by;

	s.required_tags = words("sb");
	ck_assert_str_eq(run((struct pick_req){ .settings = &s }, &by), "");
	ck_assert_str_eq(by, "tags");
	tag(&backends[1], "sb");
	tag(&backends[2], "SB");
	ck_assert_str_eq(run((struct pick_req){ .settings = &s }, NULL),
	    "b1");
}
END_TEST

START_TEST(without_required_tags_tagged_backends_serve_too)
{
	tag(&backends[1], "sb");
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b0 b1 b2");
}
END_TEST

START_TEST(a_tag_asked_for_must_be_allowed)
{
	struct settings	s = { 0 };

	tag(&backends[1], "gpu");
	/* a wish that is not allowed is no wish, a demand finds nothing */
	ck_assert_str_eq(run((struct pick_req){ .tag = "gpu" }, NULL),
	    "b0 b1 b2");
	ck_assert_str_eq(run((struct pick_req){ .tag = "gpu",
	    .tag_required = true }, NULL), "");
	s.allowed_tags = words("gpu");
	ck_assert_str_eq(run((struct pick_req){ .settings = &s,
	    .tag = "gpu" }, NULL), "b1");
	ck_assert_str_eq(run((struct pick_req){ .settings = &s,
	    .tag = "gpu", .tag_required = true }, NULL), "b1");
}
END_TEST

START_TEST(a_reserved_backend_serves_its_frontends_only)
{
	struct reservation	r[2];
	const char		*by;

	r[0] = reserve("b0", NULL, "f2");
	cluster.reservations = r;
	cluster.nreservations = 1;
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b1 b2");
	ck_assert_str_eq(run((struct pick_req){ .frontend_id = "f2" }, NULL),
	    "b0 b1 b2");
	r[1] = reserve("b0", NULL, "f1");	/* two share it */
	cluster.nreservations = 2;
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b0 b1 b2");
	cluster.nreservations = 1;
	cluster.nbackends = 1;
	ck_assert_str_eq(run((struct pick_req){ 0 }, &by), "");
	ck_assert_str_eq(by, "reservations");
}
END_TEST

START_TEST(a_reservation_counts_in_its_periods_only)
{
	struct reservation	r = reserve("b0", NULL, "f2");

	cluster.reservations = &r;
	cluster.nreservations = 1;
	r.periods[0][0] = NOW + 1;
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b0 b1 b2");
	r.periods[0][0] = NOW;		/* from counts, until does not */
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b1 b2");
	r.periods[0][0] = NOW - 10;
	r.periods[0][1] = NOW;
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b0 b1 b2");
}
END_TEST

START_TEST(a_tag_can_be_reserved)
{
	struct reservation	r = reserve(NULL, "exam", "f2");

	tag(&backends[0], "exam");
	tag(&backends[2], "exam");
	cluster.reservations = &r;
	cluster.nreservations = 1;
	ck_assert_str_eq(run((struct pick_req){ 0 }, NULL), "b1");
	ck_assert_str_eq(run((struct pick_req){ .frontend_id = "f2" }, NULL),
	    "b0 b1 b2");
}
END_TEST

static void
random_cluster(struct reservation *r)
{
	static const char *const tags[] = { "t0", "t1", "t2" };
	size_t		 i;

	cluster.nbackends = rand() % 40;
	for (i = 0; i < cluster.nbackends; i++) {
		backends[i].admin_state = rand() % 4;
		backends[i].node_state = rand() % 3;
		backends[i].ntags = 0;
		if (rand() % 2)
			tag(&backends[i], tags[rand() % 3]);
		if (rand() % 4 == 0)
			tag(&backends[i], tags[rand() % 3]);
	}
	cluster.reservations = r;
	cluster.nreservations = rand() % 5;
	for (i = 0; i < cluster.nreservations; i++) {
		r[i] = rand() % 2 ? reserve(backends[rand() % 40].id, NULL,
		    rand() % 2 ? "f1" : "f2") :
		    reserve(NULL, tags[rand() % 3], "f2");
		if (rand() % 3 == 0)
			r[i].periods[0][1] = NOW - 1;
	}
}

static bool
tagged(const struct backend *b, const char *name)
{
	size_t	i;

	for (i = 0; i < b->ntags; i++)
		if (strcmp(b->tags[i], name) == 0)
			return true;
	return false;
}

/* Said anew in other words than pick.c: who may take a meeting of f1. */
static bool
may(const struct backend *b, const struct settings *s)
{
	bool	mine = false, theirs = false;
	size_t	i;

	if (b->admin_state != ADMIN_READY || b->node_state == NODE_ERROR)
		return false;
	if (s->required_tags.n == 1 && !tagged(b, s->required_tags.v[0]))
		return false;
	for (i = 0; i < cluster.nreservations; i++) {
		const struct reservation *r = &cluster.reservations[i];
		bool hit = r->tag != NULL ? tagged(b, r->tag) :
		    strcmp(r->backend_id, b->id) == 0;

		if (!hit || r->periods[0][1] <= NOW)
			continue;
		if (strcmp(r->frontend_ids[0], "f1") == 0)
			mine = true;
		else
			theirs = true;
	}
	return mine || !theirs;
}

START_TEST(on_random_clusters_exactly_those_that_may_are_left)
{
	struct reservation	r[5];
	struct settings		s = { 0 };
	const char		*want;
	size_t			 i, round;

	srand(4711);
	for (round = 0; round < 5000; round++) {
		random_cluster(r);
		s.required_tags.n = 0;
		if (rand() % 3 == 0)
			s.required_tags = words("t1");
		for (want = "", i = 0; i < cluster.nbackends; i++)
			if (may(&backends[i], &s))
				want = arena_printf(a, "%s%s%s", want,
				    *want == '\0' ? "" : " ",
				    backends[i].id);
		ck_assert_str_eq(run((struct pick_req){ .settings = &s },
		    NULL), want);
	}
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("pick");
	TCase	*tc = tcase_create("pick");
	SRunner	*sr = srunner_create(suite);
	int	 failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_cluster_has_no_candidate);
	tcase_add_test(tc, only_ready_backends_take_meetings);
	tcase_add_test(tc, what_was_tried_is_not_tried_again);
	tcase_add_test(tc, all_required_tags_must_be_there);
	tcase_add_test(tc, without_required_tags_tagged_backends_serve_too);
	tcase_add_test(tc, a_tag_asked_for_must_be_allowed);
	tcase_add_test(tc, a_reserved_backend_serves_its_frontends_only);
	tcase_add_test(tc, a_reservation_counts_in_its_periods_only);
	tcase_add_test(tc, a_tag_can_be_reserved);
	tcase_add_test(tc,
	    on_random_clusters_exactly_those_that_may_are_left);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
