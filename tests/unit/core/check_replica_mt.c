/*
 * Tests of core/replica_mt: no old news, no forgotten end, little memory.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/replica_mt.h"

#define FE1	"11111111-1111-1111-1111-111111111111"
#define FE2	"22222222-2222-2222-2222-222222222222"
#define BE1	"bbbbbbbb-1111-1111-1111-111111111111"

static struct replica_mt	*t;

static void
setup(void)
{
	t = replica_mt_new(300000);
}

static void
teardown(void)
{
	replica_mt_free(t);
}

/* A living meeting; the same buffers serve the next one. */
static struct meeting *
meeting(long long row, const char *fe, const char *id, long long version)
{
	static char		texts[4][64];
	static char		be[] = BE1, pw[] = "secret";
	static struct meeting	m;

	memset(&m, 0, sizeof(m));
	m.row = row;
	m.frontend_id = strcpy(texts[0], fe);
	m.meeting_id = strcpy(texts[1], id);
	m.backend_id = be;
	snprintf(texts[2], sizeof(texts[2]), "b-%s", id);
	m.backend_meeting_id = texts[2];
	snprintf(texts[3], sizeof(texts[3]), "int-%lld", row);
	m.internal_id = texts[3];
	m.state = MEETING_LIVING;
	m.attempt = 1;
	m.attendee_pw = m.moderator_pw = m.voice_bridge = pw;
	m.version = version;
	return &m;
}

static long long
version_of(const char *fe, const char *id)
{
	const struct meeting	*m = replica_mt_find(t, fe, id);

	return m == NULL ? 0 : m->version;
}

START_TEST(nothing_is_held_at_first)
{
	ck_assert_int_eq(replica_mt_len(t), 0);
	ck_assert_ptr_null(replica_mt_find(t, FE1, "m"));
	ck_assert_ptr_null(replica_mt_find(t, FE1, ""));
	replica_mt_free(NULL);
}
END_TEST

START_TEST(an_id_beyond_any_bounds_is_not_held)
{
	static char	id[5000];

	memset(id, 'x', sizeof(id) - 1);
	ck_assert_ptr_null(replica_mt_find(t, FE1, id));
	/* the longest that is looked for, and one more */
	id[2048 - sizeof(FE1) - 1] = '\0';
	ck_assert_ptr_null(replica_mt_find(t, FE1, id));
	strcat(id, "x");
	ck_assert_ptr_null(replica_mt_find(t, FE1, id));
}
END_TEST

START_TEST(only_the_living_are_held)
{
	struct meeting	*m = meeting(1, FE1, "m", 5);

	m->state = MEETING_PLACED;
	replica_mt_put(t, m);
	replica_mt_load(t, m);
	ck_assert_int_eq(replica_mt_len(t), 0);
	m = meeting(1, FE1, "m", 6);
	m->internal_id = NULL;
	replica_mt_put(t, m);
	replica_mt_load(t, m);
	ck_assert_int_eq(replica_mt_len(t), 0);
}
END_TEST

/* Placed again: where it was is no answer any more, nor is older news. */
START_TEST(one_that_is_placed_again_is_forgotten)
{
	struct meeting	*m;

	replica_mt_put(t, meeting(1, FE1, "m", 5));
	m = meeting(1, FE1, "m", 7);
	m->state = MEETING_PLACED;
	replica_mt_put(t, m);
	ck_assert_ptr_null(replica_mt_find(t, FE1, "m"));
	replica_mt_put(t, meeting(1, FE1, "m", 6));
	ck_assert_ptr_null(replica_mt_find(t, FE1, "m"));
	replica_mt_put(t, meeting(1, FE1, "m", 8));
	ck_assert_int_eq(version_of(FE1, "m"), 8);
}
END_TEST

START_TEST(a_meeting_is_found_by_either_id)
{
	const struct meeting	*m;

	replica_mt_put(t, meeting(1, FE1, "m", 5));
	meeting(2, FE2, "other", 6);	/* the buffers change */
	m = replica_mt_find(t, FE1, "m");
	ck_assert_ptr_nonnull(m);
	ck_assert_ptr_eq(replica_mt_find(t, FE1, "int-1"), m);
	ck_assert_int_eq(m->row, 1);
	ck_assert_str_eq(m->frontend_id, FE1);
	ck_assert_str_eq(m->meeting_id, "m");
	ck_assert_str_eq(m->internal_id, "int-1");
	ck_assert_str_eq(m->backend_id, BE1);
	ck_assert_str_eq(m->backend_meeting_id, "b-m");
	ck_assert_int_eq(m->state, MEETING_LIVING);
	ck_assert_str_eq(m->attendee_pw, "");
	ck_assert_str_eq(m->moderator_pw, "");
	ck_assert_str_eq(m->voice_bridge, "");
}
END_TEST

START_TEST(another_frontends_is_not_found)
{
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	ck_assert_ptr_null(replica_mt_find(t, FE2, "m"));
	ck_assert_ptr_null(replica_mt_find(t, FE2, "int-1"));
	replica_mt_put(t, meeting(2, FE2, "m", 6));
	ck_assert_int_eq(version_of(FE1, "m"), 5);
	ck_assert_int_eq(version_of(FE2, "m"), 6);
}
END_TEST

START_TEST(a_meeting_id_goes_before_an_internal_one)
{
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	replica_mt_put(t, meeting(2, FE1, "int-1", 6));
	ck_assert_int_eq(version_of(FE1, "int-1"), 6);
}
END_TEST

START_TEST(older_news_are_ignored)
{
	struct meeting	*m;

	replica_mt_put(t, meeting(1, FE1, "m", 5));
	m = meeting(1, FE1, "m", 4);
	m->running = true;
	replica_mt_put(t, m);
	m->version = 5;
	replica_mt_put(t, m);
	replica_mt_gone(t, 1, 4);
	ck_assert_int_eq(version_of(FE1, "m"), 5);
	ck_assert(!replica_mt_find(t, FE1, "m")->running);
}
END_TEST

START_TEST(newer_news_replace_it)
{
	struct meeting	*m;
	char		 internal[] = "int-anew";

	replica_mt_put(t, meeting(1, FE1, "m", 5));
	m = meeting(1, FE1, "m", 6);
	m->running = true;
	m->internal_id = internal;
	replica_mt_put(t, m);
	ck_assert_int_eq(replica_mt_len(t), 1);
	ck_assert(replica_mt_find(t, FE1, "m")->running);
	ck_assert_int_eq(version_of(FE1, "int-anew"), 6);
	ck_assert_int_eq(version_of(FE1, "int-1"), 0);
}
END_TEST

START_TEST(older_news_revive_nothing)
{
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	replica_mt_gone(t, 1, 6);
	ck_assert_int_eq(replica_mt_len(t), 0);
	ck_assert_int_eq(version_of(FE1, "int-1"), 0);
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	replica_mt_put(t, meeting(1, FE1, "m", 6));
	replica_mt_gone(t, 1, 3);	/* does not lower the bar */
	replica_mt_put(t, meeting(1, FE1, "m", 4));
	ck_assert_int_eq(replica_mt_len(t), 0);
	replica_mt_put(t, meeting(1, FE1, "m", 7));	/* its id is back */
	ck_assert_int_eq(version_of(FE1, "m"), 7);
}
END_TEST

START_TEST(an_end_that_comes_first_counts)
{
	replica_mt_gone(t, 1, 6);
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	ck_assert_int_eq(replica_mt_len(t), 0);
}
END_TEST

START_TEST(ends_are_not_remembered_for_ever)
{
	int64_t	begin;

	replica_mt_free(t);
	t = replica_mt_new(0);
	replica_mt_gone(t, 1, 6);
	for (begin = clock_mono_ms(); clock_mono_ms() - begin < 2;)
		;
	replica_mt_gone(t, 2, 6);
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	ck_assert_int_eq(version_of(FE1, "m"), 5);
	replica_mt_put(t, meeting(2, FE1, "n", 5));
	ck_assert_int_eq(version_of(FE1, "n"), 0);
}
END_TEST

START_TEST(a_complete_list_replaces_all)
{
	replica_mt_put(t, meeting(1, FE1, "m", 50));
	replica_mt_put(t, meeting(2, FE1, "n", 51));
	replica_mt_gone(t, 3, 52);
	replica_mt_begin(t);
	replica_mt_load(t, meeting(1, FE1, "m", 2));
	replica_mt_load(t, meeting(3, FE1, "o", 3));
	ck_assert_int_eq(version_of(FE1, "n"), 51);	/* until its end */
	replica_mt_end(t);
	ck_assert_int_eq(version_of(FE1, "m"), 2);
	ck_assert_int_eq(version_of(FE1, "n"), 0);
	ck_assert_int_eq(version_of(FE1, "o"), 3);
	replica_mt_put(t, meeting(2, FE1, "n", 4));
	ck_assert_int_eq(version_of(FE1, "n"), 4);
}
END_TEST

START_TEST(a_list_that_breaks_off_drops_nothing)
{
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	replica_mt_put(t, meeting(2, FE1, "n", 6));
	replica_mt_begin(t);
	replica_mt_load(t, meeting(1, FE1, "m", 7));
	replica_mt_begin(t);
	replica_mt_put(t, meeting(3, FE1, "o", 8));
	ck_assert_int_eq(replica_mt_len(t), 3);
	replica_mt_load(t, meeting(2, FE1, "n", 9));
	replica_mt_load(t, meeting(3, FE1, "o", 9));
	replica_mt_end(t);
	ck_assert_int_eq(replica_mt_len(t), 2);
	ck_assert_int_eq(version_of(FE1, "m"), 0);
}
END_TEST

/* A row that was deleted, and another under the same ids: both held awhile. */
START_TEST(a_row_may_take_over_the_ids_of_another)
{
	replica_mt_put(t, meeting(1, FE1, "m", 5));
	replica_mt_begin(t);
	replica_mt_load(t, meeting(2, FE1, "m", 6));
	ck_assert_int_eq(version_of(FE1, "m"), 6);
	replica_mt_end(t);
	ck_assert_int_eq(version_of(FE1, "m"), 6);
	ck_assert_int_eq(replica_mt_len(t), 1);
	replica_mt_put(t, meeting(3, FE1, "m", 7));
	replica_mt_gone(t, 2, 8);
	ck_assert_int_eq(version_of(FE1, "m"), 7);
}
END_TEST

/*
 * News of twenty rows in any order, some of them twice: what is held is what
 * the newest of each row says.
 */
START_TEST(any_order_of_news_ends_the_same)
{
	struct { long long version; bool living; } want[20] = { { 0, false } };
	long long	version;
	char		id[16];
	bool		living;
	int		i, row;

	srand(7);
	for (i = 0; i < 20000; i++) {
		row = rand() % 20;
		/* a version stands for one state of one row */
		version = 1 + i / 10 + rand() % 30;
		living = (version * 7 + row) % 3 != 0;
		snprintf(id, sizeof(id), "m%d", row);
		if (living)
			replica_mt_put(t, meeting(row, FE1, id, version));
		else
			replica_mt_gone(t, row, version);
		if (version > want[row].version) {
			want[row].version = version;
			want[row].living = living;
		}
		ck_assert_int_eq(version_of(FE1, id),
		    want[row].living ? want[row].version : 0);
	}
}
END_TEST

static void
load_many(int n, int version)
{
	struct meeting	*m;
	char		 id[64], be_id[160], internal[64];
	int		 i;

	replica_mt_begin(t);
	for (i = 0; i < n; i++) {
		/* as long as those of Moodle are */
		snprintf(id, sizeof(id), "%040d-%d-%d", i, i % 97, i % 7);
		m = meeting(i, FE1, id, version);
		snprintf(be_id, sizeof(be_id), "%0110d", i);
		m->backend_meeting_id = be_id;
		snprintf(internal, sizeof(internal), "%040d-1700000000000", i);
		m->internal_id = internal;
		replica_mt_load(t, m);
	}
	replica_mt_end(t);
}

START_TEST(memory_is_little_and_comes_back)
{
	struct mallinfo2	before = mallinfo2(), full, again;
	size_t			held;

	load_many(10000, 1);
	full = mallinfo2();
	held = full.uordblks + full.hblkhd - before.uordblks - before.hblkhd;
	ck_assert_uint_eq(replica_mt_len(t), 10000);
	ck_assert_uint_lt(held / 10000, 720);

	/* loading anew takes no second copy of it */
	load_many(10000, 2);
	again = mallinfo2();
	ck_assert_uint_lt(again.arena + again.hblkhd,
	    full.arena + full.hblkhd + 256 * 1024);

	replica_mt_begin(t);
	replica_mt_end(t);
	ck_assert_uint_eq(replica_mt_len(t), 0);
	again = mallinfo2();
	ck_assert_uint_lt(again.uordblks + again.hblkhd,
	    before.uordblks + before.hblkhd + 64 * 1024);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("core/replica_mt");
	TCase	*tc = tcase_create("meetings");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nothing_is_held_at_first);
	tcase_add_test(tc, an_id_beyond_any_bounds_is_not_held);
	tcase_add_test(tc, only_the_living_are_held);
	tcase_add_test(tc, one_that_is_placed_again_is_forgotten);
	tcase_add_test(tc, a_meeting_is_found_by_either_id);
	tcase_add_test(tc, another_frontends_is_not_found);
	tcase_add_test(tc, a_meeting_id_goes_before_an_internal_one);
	tcase_add_test(tc, older_news_are_ignored);
	tcase_add_test(tc, newer_news_replace_it);
	tcase_add_test(tc, older_news_revive_nothing);
	tcase_add_test(tc, an_end_that_comes_first_counts);
	tcase_add_test(tc, ends_are_not_remembered_for_ever);
	tcase_add_test(tc, a_complete_list_replaces_all);
	tcase_add_test(tc, a_list_that_breaks_off_drops_nothing);
	tcase_add_test(tc, a_row_may_take_over_the_ids_of_another);
	tcase_add_test(tc, any_order_of_news_ends_the_same);
	/* a sanitizer's malloc does not count */
	if (mallinfo2().uordblks > 0)
		tcase_add_test(tc, memory_is_little_and_comes_back);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
