/*
 * Tests of core/replica_fe: whoever is not known for certain is not found.
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
#include "core/replica_fe.h"

static struct replica_fe	*t;
static const struct frontend	*v[REPLICA_FE_MAX];

static void
setup(void)
{
	t = replica_fe_new();
}

static void
teardown(void)
{
	replica_fe_free(t);
}

static const char *
id_of(int n)
{
	static char	id[40];

	snprintf(id, sizeof(id), "%08d-0000-4000-8000-000000000000", n);
	return id;
}

/* Key "fe<n>", host "h<n>.example", two secrets; the buffers serve again. */
static struct frontend *
frontend(int n, long long version)
{
	static char		texts[6][128];
	static char		*secrets[2], *hosts[1];
	static struct frontend	f;

	memset(&f, 0, sizeof(f));
	f.id = strcpy(texts[0], id_of(n));
	snprintf(texts[1], sizeof(texts[1]), "fe%d", n);
	f.key = texts[1];
	snprintf(texts[2], sizeof(texts[2]), "secret-%d", n);
	snprintf(texts[3], sizeof(texts[3]), "older-secret-%d", n);
	secrets[0] = texts[2];
	secrets[1] = texts[3];
	f.secrets = secrets;
	f.nsecrets = 2;
	snprintf(texts[4], sizeof(texts[4]), "h%d.example", n);
	hosts[0] = texts[4];
	f.hosts = hosts;
	f.nhosts = 1;
	f.settings = strcpy(texts[5], "{\"attendees_limit\": 5}");
	f.active = true;
	f.version = version;
	return &f;
}

static struct frontend *
bare_frontend(int n, long long version)
{
	struct frontend	*f = frontend(n, version);

	f->bare_path = true;
	f->nhosts = 0;
	return f;
}

static long long
by_key(const char *key)
{
	return replica_fe_find(t, key, NULL, v) == 1 ? v[0]->version : 0;
}

static long long
by_host(const char *host)
{
	return replica_fe_find(t, NULL, host, v) == 1 ? v[0]->version : 0;
}

static const char *
due(void)
{
	bool		 all;
	const char	*id = replica_fe_due(t, &all);

	ck_assert(!all);
	return id;
}

static bool
all_due(void)
{
	bool	all;

	replica_fe_due(t, &all);
	return all;
}

START_TEST(nothing_is_found_at_first)
{
	ck_assert_uint_eq(replica_fe_len(t), 0);
	ck_assert_uint_eq(replica_fe_find(t, "fe1", NULL, v), 0);
	ck_assert_uint_eq(replica_fe_find(t, "fe1", "h1.example", v), 0);
	ck_assert_uint_eq(replica_fe_find(t, NULL, "h1.example", v), 0);
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), 0);
	ck_assert_ptr_null(due());
	replica_fe_del(t, id_of(1));
	replica_fe_free(NULL);
}
END_TEST

START_TEST(a_frontend_is_found_by_key_and_host)
{
	replica_fe_put(t, frontend(1, 5));
	frontend(2, 6);		/* the buffers change */
	ck_assert_int_eq(by_key("fe1"), 5);
	ck_assert_int_eq(by_host("h1.example"), 5);
	ck_assert_str_eq(v[0]->id, id_of(1));
	ck_assert_str_eq(v[0]->key, "fe1");
	ck_assert_uint_eq(v[0]->nsecrets, 2);
	ck_assert_str_eq(v[0]->secrets[0], "secret-1");
	ck_assert_str_eq(v[0]->secrets[1], "older-secret-1");
	ck_assert_uint_eq(v[0]->nhosts, 1);
	ck_assert_str_eq(v[0]->hosts[0], "h1.example");
	ck_assert_str_eq(v[0]->settings, "{\"attendees_limit\": 5}");
	ck_assert(v[0]->active);
	ck_assert_int_eq(by_key("fe"), 0);
	ck_assert_int_eq(by_key("fe11"), 0);
	ck_assert_int_eq(by_key(""), 0);
	ck_assert_int_eq(by_host("h2.example"), 0);
	/* a key goes before a host */
	ck_assert_uint_eq(replica_fe_find(t, "fe2", "h1.example", v), 0);
}
END_TEST

START_TEST(an_inactive_one_is_held_and_shares_no_path)
{
	struct frontend	*f = frontend(1, 5);

	f->active = false;
	f->bare_path = true;
	replica_fe_put(t, f);
	ck_assert_int_eq(by_key("fe1"), 5);
	ck_assert(!v[0]->active);
	ck_assert_int_eq(by_host("h1.example"), 5);
	ck_assert_uint_eq(replica_fe_find(t, NULL, "other.example", v), 0);
	replica_fe_put(t, bare_frontend(2, 6));
	ck_assert_int_eq(by_host("other.example"), 6);
	replica_fe_del(t, id_of(1));
	ck_assert_uint_eq(replica_fe_len(t), 1);
}
END_TEST

START_TEST(older_news_are_ignored)
{
	replica_fe_put(t, frontend(1, 5));
	replica_fe_put(t, frontend(1, 4));
	replica_fe_changed(t, id_of(1), 5);
	ck_assert_ptr_null(due());
	ck_assert_int_eq(by_key("fe1"), 5);
	replica_fe_put(t, frontend(1, 6));
	ck_assert_int_eq(by_key("fe1"), 6);
	ck_assert_uint_eq(replica_fe_len(t), 1);
}
END_TEST

START_TEST(a_new_key_or_host_replaces_the_old)
{
	struct frontend	*f;
	char		 key[] = "renamed", host[] = "new.example";

	replica_fe_put(t, frontend(1, 5));
	f = frontend(1, 6);
	f->key = key;
	f->hosts[0] = host;
	replica_fe_put(t, f);
	ck_assert_int_eq(by_key("fe1"), 0);
	ck_assert_int_eq(by_key("renamed"), 6);
	ck_assert_int_eq(by_host("h1.example"), 0);
	ck_assert_int_eq(by_host("new.example"), 6);
}
END_TEST

/* Whichever of the two is read first. */
START_TEST(a_host_may_move_to_another)
{
	struct frontend	*f;

	replica_fe_put(t, frontend(1, 5));
	f = frontend(2, 6);
	strcpy(f->hosts[0], "h1.example");
	replica_fe_put(t, f);
	ck_assert_int_eq(by_host("h1.example"), 6);
	f = frontend(1, 7);
	f->nhosts = 0;
	replica_fe_put(t, f);
	ck_assert_int_eq(by_host("h1.example"), 6);
	replica_fe_del(t, id_of(2));
	ck_assert_int_eq(by_host("h1.example"), 0);
	ck_assert_int_eq(by_key("fe1"), 7);
}
END_TEST

START_TEST(a_stale_one_is_not_found_until_it_is_read)
{
	replica_fe_put(t, frontend(1, 5));
	replica_fe_changed(t, id_of(1), 6);
	ck_assert_int_eq(by_key("fe1"), 0);
	ck_assert_int_eq(by_host("h1.example"), 0);
	ck_assert_str_eq(due(), id_of(1));
	replica_fe_put(t, frontend(1, 5));	/* read before the change */
	ck_assert_int_eq(by_key("fe1"), 0);
	ck_assert_str_eq(due(), id_of(1));
	replica_fe_put(t, frontend(1, 6));
	ck_assert_int_eq(by_key("fe1"), 6);
	ck_assert_ptr_null(due());
}
END_TEST

START_TEST(a_deleted_one_is_due_no_more)
{
	replica_fe_put(t, frontend(1, 5));
	replica_fe_changed(t, id_of(1), 6);
	replica_fe_del(t, due());
	ck_assert_ptr_null(due());
	ck_assert_uint_eq(replica_fe_len(t), 0);
	ck_assert_int_eq(by_key("fe1"), 0);
}
END_TEST

/* It may hold this very host, or share the path. */
START_TEST(one_that_is_not_read_yet_makes_hosts_uncertain)
{
	replica_fe_put(t, frontend(1, 5));
	replica_fe_put(t, bare_frontend(2, 5));
	ck_assert_int_eq(by_host("other.example"), 5);
	replica_fe_changed(t, id_of(3), 6);
	ck_assert_uint_eq(replica_fe_find(t, NULL, "other.example", v), 0);
	ck_assert_int_eq(by_host("h1.example"), 5);
	ck_assert_int_eq(by_key("fe2"), 5);
	ck_assert_str_eq(due(), id_of(3));
	replica_fe_load(t, frontend(3, 6));
	ck_assert_ptr_null(due());
	ck_assert_int_eq(by_host("other.example"), 5);
}
END_TEST

START_TEST(the_bare_path_is_shared)
{
	int	i;

	for (i = 0; i < REPLICA_FE_MAX; i++)
		replica_fe_put(t, bare_frontend(i, 5));
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), REPLICA_FE_MAX);
	ck_assert_ptr_ne(v[0], v[REPLICA_FE_MAX - 1]);
	replica_fe_put(t, bare_frontend(REPLICA_FE_MAX, 5));
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), 0);
	replica_fe_put(t, frontend(0, 6));	/* has a host of its own now */
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), REPLICA_FE_MAX);
}
END_TEST

START_TEST(secrets_end_with_time)
{
	struct frontend	*f = bare_frontend(1, 5);
	int64_t		 until = clock_wall_ms() + 100;

	f->secrets_until = until;
	replica_fe_put(t, f);
	replica_fe_put(t, bare_frontend(2, 5));
	ck_assert_int_eq(by_key("fe1"), 5);
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), 2);
	while (clock_wall_ms() < until)
		;
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), 0);
	ck_assert_int_eq(by_key("fe1"), 0);
	ck_assert_str_eq(due(), id_of(1));
	/* the same version, read later: one secret less */
	f = bare_frontend(1, 5);
	f->nsecrets = 1;
	replica_fe_put(t, f);
	ck_assert_ptr_null(due());
	ck_assert_int_eq(by_key("fe1"), 5);
	ck_assert_uint_eq(v[0]->nsecrets, 1);
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), 2);
}
END_TEST

START_TEST(each_is_due_once_and_in_its_turn)
{
	char	last[40] = "";
	int	i, n = 0;

	for (i = 0; i < 16; i++) {
		replica_fe_changed(t, id_of(i), 5);
		replica_fe_changed(t, id_of(i), 6);
	}
	ck_assert(!all_due());
	replica_fe_load(t, frontend(3, 6));	/* not the next in turn */
	for (; due() != NULL; n++) {
		ck_assert_str_ne(due(), last);
		ck_assert_str_ne(due(), id_of(3));
		strcpy(last, due());
		replica_fe_del(t, due());
	}
	ck_assert_int_eq(n, 15);
}
END_TEST

START_TEST(too_many_make_the_list_due)
{
	int	i;

	replica_fe_put(t, frontend(99, 5));
	replica_fe_put(t, bare_frontend(98, 5));
	for (i = 0; i < 17; i++)
		replica_fe_changed(t, id_of(i), 5);
	ck_assert(all_due());
	replica_fe_changed(t, id_of(99), 6);
	ck_assert_int_eq(by_key("fe99"), 0);
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), 0);
	replica_fe_begin(t);
	replica_fe_load(t, bare_frontend(98, 5));
	replica_fe_load(t, frontend(1, 5));
	ck_assert(all_due());
	replica_fe_end(t);
	ck_assert(!all_due());
	ck_assert_ptr_null(due());
	ck_assert_uint_eq(replica_fe_len(t), 2);
	ck_assert_int_eq(by_key("fe99"), 0);
	ck_assert_int_eq(by_key("fe1"), 5);
	ck_assert_uint_eq(replica_fe_find(t, NULL, NULL, v), 1);
}
END_TEST

START_TEST(an_id_that_is_no_uuid_makes_the_list_due)
{
	replica_fe_changed(t, "00000000-0000-4000-8000-0000000000000", 5);
	ck_assert(all_due());
}
END_TEST

START_TEST(a_complete_list_replaces_all)
{
	replica_fe_put(t, frontend(1, 50));
	replica_fe_put(t, frontend(2, 51));
	replica_fe_begin(t);
	replica_fe_load(t, frontend(1, 2));
	ck_assert_int_eq(by_key("fe2"), 51);	/* until its end */
	replica_fe_end(t);
	ck_assert_int_eq(by_key("fe1"), 2);
	ck_assert_int_eq(by_key("fe2"), 0);
	ck_assert_uint_eq(replica_fe_len(t), 1);
}
END_TEST

START_TEST(a_list_that_breaks_off_drops_nothing)
{
	replica_fe_put(t, frontend(1, 5));
	replica_fe_put(t, frontend(2, 5));
	replica_fe_begin(t);
	replica_fe_load(t, frontend(1, 6));
	replica_fe_begin(t);
	replica_fe_load(t, frontend(2, 6));
	ck_assert_uint_eq(replica_fe_len(t), 2);
	replica_fe_end(t);
	ck_assert_uint_eq(replica_fe_len(t), 1);
}
END_TEST

static void
load_many(int n)
{
	int	i;

	replica_fe_begin(t);
	for (i = 0; i < n; i++)
		replica_fe_load(t, frontend(i, 5));
	replica_fe_end(t);
}

START_TEST(memory_is_little_and_comes_back)
{
	struct mallinfo2	before = mallinfo2(), full, again;
	size_t			held;

	load_many(10000);
	full = mallinfo2();
	held = full.uordblks + full.hblkhd - before.uordblks - before.hblkhd;
	ck_assert_uint_lt(held / 10000, 640);
	load_many(10000);
	again = mallinfo2();
	ck_assert_uint_lt(again.arena + again.hblkhd,
	    full.arena + full.hblkhd + 256 * 1024);
	load_many(0);
	again = mallinfo2();
	ck_assert_uint_lt(again.uordblks + again.hblkhd,
	    before.uordblks + before.hblkhd + 64 * 1024);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("core/replica_fe");
	TCase	*tc = tcase_create("frontends");
	SRunner	*r;
	int	 failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nothing_is_found_at_first);
	tcase_add_test(tc, a_frontend_is_found_by_key_and_host);
	tcase_add_test(tc, an_inactive_one_is_held_and_shares_no_path);
	tcase_add_test(tc, older_news_are_ignored);
	tcase_add_test(tc, a_new_key_or_host_replaces_the_old);
	tcase_add_test(tc, a_host_may_move_to_another);
	tcase_add_test(tc, a_stale_one_is_not_found_until_it_is_read);
	tcase_add_test(tc, a_deleted_one_is_due_no_more);
	tcase_add_test(tc, one_that_is_not_read_yet_makes_hosts_uncertain);
	tcase_add_test(tc, the_bare_path_is_shared);
	tcase_add_test(tc, secrets_end_with_time);
	tcase_add_test(tc, each_is_due_once_and_in_its_turn);
	tcase_add_test(tc, too_many_make_the_list_due);
	tcase_add_test(tc, an_id_that_is_no_uuid_makes_the_list_due);
	tcase_add_test(tc, a_complete_list_replaces_all);
	tcase_add_test(tc, a_list_that_breaks_off_drops_nothing);
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
