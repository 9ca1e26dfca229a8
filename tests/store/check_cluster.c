/*
 * Tests of core/cluster: the copy is as new as it must be, and read no oftener.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/clock.h"
#include "core/cluster.h"
#include "fixture.h"

static struct cluster	*cluster;
static char		*be, *be2;

static void
setup(void)
{
	be = fixture_backend("bbb1.example");
	be2 = fixture_backend("bbb2.example");
	sql("UPDATE backends SET settings = '{\"tags\": [\"gpu\", \"eu\"]}'"
	    " WHERE id = '%s'", be2);
	ck_ok(db_open(db, 5000, &e));
	cluster = cluster_new(db);
}

static void
teardown(void)
{
	cluster_free(cluster);
}

static long long
version_now(void)
{
	return sql_int("SELECT version FROM versions WHERE name = 'cluster'");
}

/* The statements that it took to need this version. */
static unsigned long
need(long long version)
{
	unsigned long	before = db_statements(db);

	ck_ok(cluster_need(cluster, version, &e));
	return db_statements(db) - before;
}

START_TEST(there_is_nothing_without_a_database)
{
	struct db	*away = fixture_db("host=/nonexistent", 200);
	struct cluster	*c = cluster_new(away);

	ck_assert_int_eq(cluster_need(c, 0, &e), -1);
	ck_assert_int_eq(e.code, ERR_STORE);
	ck_assert_int_eq(strncmp(e.text, "read the backends: ", 19), 0);
	ck_assert_uint_eq(cluster_rows(c)->nbackends, 0);
	ck_assert_uint_eq(cluster_rows(c)->nreservations, 0);
	ck_assert_int_eq(cluster_rows(c)->version, 0);
	ck_assert_ptr_null(cluster_backend(c, be));
	cluster_free(c);
	db_free(away);
	cluster_free(NULL);
}
END_TEST

START_TEST(an_old_copy_outlives_a_failure)
{
	long long	version;

	need(0);
	version = cluster_rows(cluster)->version;
	sql("ALTER TABLE backends RENAME TO hidden");
	ck_assert_int_eq(cluster_reload(cluster, &e), -1);
	sql("ALTER TABLE hidden RENAME TO backends");
	ck_assert_int_eq(e.code, ERR_SCHEMA);
	ck_assert_str_eq(e.text, "read the backends: backend_list: relation"
	    " \"backends\" does not exist; the database's schema does not fit:"
	    " run b3scale-schema apply");
	ck_assert_int_eq(cluster_rows(cluster)->version, version);
	ck_assert_ptr_nonnull(cluster_backend(cluster, be));
	ck_assert_uint_eq(need(0), 0);
	ck_ok(cluster_reload(cluster, &e));
}
END_TEST

START_TEST(an_unknown_server_is_not_found)
{
	need(0);
	ck_assert_ptr_null(cluster_backend(cluster, ""));
	ck_assert_ptr_null(cluster_backend(cluster,
	    "00000000-0000-4000-8000-000000000000"));
}
END_TEST

START_TEST(the_copy_is_whole)
{
	const struct cluster_rows	*c = cluster_rows(cluster);
	const struct backend		*b;

	sql("WITH r AS (INSERT INTO reservations (tag) VALUES ('gpu')"
	    " RETURNING id) INSERT INTO reservation_frontends"
	    " SELECT id, '%s' FROM r", fixture_frontend("moodle"));
	need(0);
	ck_assert_uint_eq(c->nbackends, 2);
	ck_assert_int_eq(c->version, version_now());
	ck_assert_uint_eq(c->nreservations, 1);
	ck_assert_str_eq(c->reservations[0].tag, "gpu");
	ck_assert_int_gt(c->valid_until, clock_wall_ms());
	b = cluster_backend(cluster, be2);
	ck_assert_ptr_nonnull(b);
	ck_assert_str_eq(b->id, be2);
	ck_assert_str_eq(b->secret, "secret of bbb2.example");
	ck_assert_uint_eq(b->ntags, 2);
	ck_assert_str_eq(b->tags[1], "eu");
	ck_assert_ptr_ne(cluster_backend(cluster, be), b);
}
END_TEST

START_TEST(an_empty_list_is_a_copy_too)
{
	sql("DELETE FROM backends");
	ck_assert_uint_eq(need(0), 1);
	ck_assert_uint_eq(cluster_rows(cluster)->nbackends, 0);
	ck_assert_uint_eq(need(0), 0);
}
END_TEST

START_TEST(it_is_read_when_it_must_be)
{
	long long	version = version_now();

	ck_assert_uint_eq(need(0), 1);
	ck_assert_uint_eq(need(0), 0);
	ck_assert_uint_eq(need(version), 0);
	ck_assert_uint_eq(need(version - 1), 0);
	sql("UPDATE backends SET node_state = 'error'");
	ck_assert_uint_eq(need(0), 0);
	ck_assert_int_eq(cluster_backend(cluster, be)->node_state, NODE_INIT);
	ck_assert_uint_eq(need(version + 1), 1);
	ck_assert_int_eq(cluster_backend(cluster, be)->node_state,
	    NODE_ERROR);
	ck_assert_uint_eq(need(version + 1), 0);
}
END_TEST

/* After a failover with loss: over a new connection a lower one is newer. */
START_TEST(a_lower_version_of_another_epoch_counts)
{
	struct backend	b;

	need(0);
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	    " WHERE application_name = 'store-test'");
	await_true("SELECT count(*) = 0 FROM pg_stat_activity"
	    " WHERE application_name = 'store-test'");
	sql("BEGIN; SET LOCAL session_replication_role = replica;"
	    " UPDATE backends SET node_state = 'error';"
	    " UPDATE versions SET version = 3; COMMIT");
	ck_ok(backend_get(db, be2, a, &b, &e));	/* any read reconnects */
	ck_assert_uint_eq(need(3), 1);
	ck_assert_int_eq(cluster_backend(cluster, be)->node_state,
	    NODE_ERROR);
	ck_assert_uint_eq(need(3), 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("core/cluster");
	TCase	*tc = fixture_case(s, "cluster");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, there_is_nothing_without_a_database);
	tcase_add_test(tc, an_old_copy_outlives_a_failure);
	tcase_add_test(tc, an_unknown_server_is_not_found);
	tcase_add_test(tc, the_copy_is_whole);
	tcase_add_test(tc, an_empty_list_is_a_copy_too);
	tcase_add_test(tc, it_is_read_when_it_must_be);
	tcase_add_test(tc, a_lower_version_of_another_epoch_counts);
	return fixture_main(s);
}
