/*
 * Frontends: what may be written, and who is told.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "fixture.h"
#include "store/frontend.h"

START_TEST(key_and_secret_are_enough)
{
	char		*id = fixture_frontend("f");
	struct frontend	 f;

	ck_assert_int_eq(frontend_get(db, id, a, &f, &e), 1);
	ck_assert_str_eq(f.key, "f");
	ck_assert_str_eq(f.secrets[0], "secret of f");
	ck_assert(f.active && !f.bare_path);
	ck_assert_str_eq(f.settings, "{}");
	ck_assert_str_eq(sql_text("SELECT meetings || ' ' || users"
	    " FROM frontend_load WHERE frontend_id = '%s'", id), "0 0");
}
END_TEST

START_TEST(an_unknown_id_gives_nothing)
{
	struct frontend	f;

	ck_assert_int_eq(frontend_get(db,
	    "00000000-0000-0000-0000-000000000000", a, &f, &e), 0);
	ck_assert_int_eq(frontend_get(db, "no uuid", a, &f, &e), -1);
	ck_assert_int_eq(e.code, ERR_INPUT);
}
END_TEST

static int
count(const struct frontend *f, void *ctx)
{
	unsigned	*mask = ctx;

	*mask |= 1u << (f->key[0] - 'a');
	return 0;
}

START_TEST(all_are_listed)
{
	unsigned	mask = 0;

	fixture_frontend("a");
	fixture_frontend("b");
	sql("INSERT INTO frontends (key, secret, active)"
	    " VALUES ('c', 's', false)");
	ck_ok(frontend_all(db, count, &mask, &e));
	ck_assert_uint_eq(mask, 7);
}
END_TEST

static const char *const bad[] = {
	"INSERT INTO frontends (key, secret) VALUES ('', 's')",
	"INSERT INTO frontends (key, secret) VALUES ('a/b', 's')",
	"INSERT INTO frontends (key, secret) VALUES (E'a\\nb', 's')",
	"INSERT INTO frontends (key, secret) VALUES (repeat('x', 256), 's')",
	"INSERT INTO frontends (key, secret) VALUES ('x', '')",
	"INSERT INTO frontends (key, secret) VALUES ('f', 'another')",
	"INSERT INTO frontends (key, secret, settings) VALUES ('x','s','[]')",
	"INSERT INTO frontends (key, secret, hosts) VALUES ('x','s','{\"\"}')",
	"INSERT INTO frontends (key, secret, hosts) VALUES ('x','s','{a b}')",
	"INSERT INTO frontends (key, secret, hosts) VALUES ('x','s','{a/b}')",
	"INSERT INTO frontends (key, secret, hosts)"
	    " VALUES ('x', 's', '{NULL}')",
	"INSERT INTO frontend_secrets (frontend_id, secret)"
	    " SELECT id, '' FROM frontends",
};

START_TEST(bad_values_are_refused)
{
	fixture_frontend("f");
	sql_error("%s", bad[_i]);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM frontends"), 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM frontend_secrets"),
	    0);
}
END_TEST

/* Hosts */

START_TEST(a_host_belongs_to_one_frontend)
{
	sql("INSERT INTO frontends (key, secret, hosts)"
	    " VALUES ('f', 's', '{a.example.org, a.example.org}')");
	ck_assert_str_eq(sql_error("INSERT INTO frontends (key, secret,"
	    " hosts) VALUES ('g', 't', '{b, A.example.org}')"),
	    "host a.example.org belongs to another frontend");
	fixture_frontend("g");
	ck_assert_str_eq(sql_error("UPDATE frontends SET"
	    " hosts = '{A.EXAMPLE.ORG}' WHERE key = 'g'"),
	    "host a.example.org belongs to another frontend");
}
END_TEST

START_TEST(a_host_that_is_given_up_is_free)
{
	sql("INSERT INTO frontends (key, secret, hosts)"
	    " VALUES ('f', 's', '{a, b}')");
	sql("UPDATE frontends SET hosts = '{b}' WHERE key = 'f'");
	sql("INSERT INTO frontends (key, secret, hosts)"
	    " VALUES ('g', 't', '{a}')");
	sql("DELETE FROM frontends WHERE key = 'f'");
	sql("UPDATE frontends SET hosts = '{a, b}' WHERE key = 'g'");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM frontend_hosts"), 2);
}
END_TEST

/* Bare paths */

#define SHARED "frontends f and g have bare_path and must not share a secret"

START_TEST(bare_ones_have_different_secrets)
{
	sql("INSERT INTO frontends (key, secret, bare_path) VALUES"
	    " ('f', 's', true), ('g', 't', true), ('h', 's', false)");
	ck_assert_str_eq(sql_error("UPDATE frontends SET secret = 's'"
	    " WHERE key = 'g'"), SHARED);
	ck_assert_str_eq(sql_error("INSERT INTO frontend_secrets"
	    " (frontend_id, secret) SELECT id, 's' FROM frontends"
	    " WHERE key = 'g'"), SHARED);
	ck_assert_str_eq(sql_error("UPDATE frontends SET bare_path = true"
	    " WHERE key = 'h'"),
	    "frontends f and h have bare_path and must not share a secret");
	/* Its own twice is no clash. */
	sql("INSERT INTO frontend_secrets (frontend_id, secret)"
	    " SELECT id, 's' FROM frontends WHERE key = 'f'");
}
END_TEST

START_TEST(a_secret_that_is_no_longer_valid_clashes_with_none)
{
	sql("INSERT INTO frontends (key, secret, bare_path) VALUES"
	    " ('f', 's', true), ('g', 't', true)");
	sql("INSERT INTO frontend_secrets (frontend_id, secret, valid_until)"
	    " SELECT id, 's', now() - interval '1 s' FROM frontends"
	    " WHERE key = 'g'");
	/* Until somebody makes it valid again. */
	ck_assert_str_eq(sql_error("UPDATE frontend_secrets"
	    " SET valid_until = NULL"), SHARED);
}
END_TEST

START_TEST(at_most_sixty_four_are_bare)
{
	sql("INSERT INTO frontends (key, secret, bare_path)"
	    " SELECT 'f' || n, 's' || n, true"
	    " FROM generate_series(1, 64) n");
	ck_assert_str_eq(sql_error("INSERT INTO frontends (key, secret,"
	    " bare_path) VALUES ('x', 'x', true)"),
	    "at most 64 frontends may have bare_path");
	sql("UPDATE frontends SET bare_path = false WHERE key = 'f1'");
	sql("INSERT INTO frontends (key, secret, bare_path)"
	    " VALUES ('x', 'x', true)");
}
END_TEST

/* Of two transactions that would break the rule together one is refused. */
START_TEST(two_at_once_cannot_break_the_rule)
{
	PGconn		*other = PQconnectdb(getenv("B3SCALE_TEST_DB"));
	PGresult	*res;

	sql("BEGIN; INSERT INTO frontends (key, secret, bare_path)"
	    " VALUES ('f', 's', true)");
	ck_assert_int_eq(PQsendQuery(other, "INSERT INTO frontends (key,"
	    " secret, bare_path) VALUES ('g', 's', true)"), 1);
	await_true("SELECT EXISTS (SELECT FROM pg_stat_activity"
	    " WHERE wait_event_type = 'Lock')");
	sql("COMMIT");
	res = PQgetResult(other);
	ck_assert_str_eq(PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY),
	    SHARED);
	PQclear(res);
	PQfinish(other);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM frontends"), 1);
}
END_TEST

START_TEST(no_isolation_level_breaks_the_rule)
{
	PGconn		*other = PQconnectdb(getenv("B3SCALE_TEST_DB"));
	PGresult	*res;

	PQclear(PQexec(other, "BEGIN ISOLATION LEVEL REPEATABLE READ;"
	    " SELECT count(*) FROM frontends"));
	sql("INSERT INTO frontends (key, secret, bare_path)"
	    " VALUES ('f', 's', true)");
	res = PQexec(other, "INSERT INTO frontends (key, secret, bare_path)"
	    " VALUES ('g', 's', true)");
	ck_assert_int_eq(PQresultStatus(res), PGRES_FATAL_ERROR);
	PQclear(res);
	PQfinish(other);
}
END_TEST

/* Versions */

static long long
version(void)
{
	return sql_int("SELECT version FROM frontends WHERE key = 'f'");
}

static const char *const changes[] = {
	"UPDATE frontends SET secret = 'x'",
	"UPDATE frontends SET settings = '{\"a\": 1}'",
	"UPDATE frontends SET active = false",
	"INSERT INTO frontend_secrets (frontend_id, secret)"
	    " SELECT id, 'x' FROM frontends",
	"UPDATE frontend_secrets SET valid_until = now()",
	"DELETE FROM frontend_secrets",
};

START_TEST(each_change_raises_its_version)
{
	long long	before;

	fixture_frontend("f");
	sql("INSERT INTO frontend_secrets (frontend_id, secret)"
	    " SELECT id, 'old' FROM frontends");
	before = version();
	sql("%s", changes[_i]);
	ck_assert_int_gt(version(), before);
}
END_TEST

START_TEST(counts_do_not)
{
	long long	before;

	fixture_frontend("f");
	before = version();
	sql("UPDATE frontend_load SET users = 5");
	ck_assert_int_eq(version(), before);
}
END_TEST

START_TEST(a_deleted_frontend_takes_everything_along)
{
	char	*f = fixture_frontend("f"), *b = fixture_backend("a");

	sql("INSERT INTO frontend_secrets (frontend_id, secret)"
	    " VALUES ('%s', 'x')", f);
	fixture_meeting(f, "m", b, "i-1");
	sql("DELETE FROM frontends");
	ck_assert_int_eq(sql_int("SELECT (SELECT count(*) FROM meetings) +"
	    " (SELECT count(*) FROM frontend_load) +"
	    " (SELECT count(*) FROM frontend_secrets)"), 0);
}
END_TEST

#define WHO	"{\"sub\":\"me\",\"role\":\"admin\",\"addr\":\"::1\"}"

/* Columns of what the API shows. */
enum { SHOWN_ID, SHOWN_ACTIVE, SHOWN_KEY, SHOWN_SECRET, SHOWN_SETTINGS,
    SHOWN_ACCOUNT };

static const struct {
	const char	*old;
	const char	*patch;
	const char	*merged;
} merges[] = {
	{ "{}", "{\"a\":1}", "{\"a\": 1}" },
	{ "{\"a\":1,\"b\":2}", "{\"a\":null}", "{\"b\": 2}" },
	{ "{\"a\":{\"x\":\"1\",\"y\":\"2\"}}", "{\"a\":{\"x\":\"\"}}",
	    "{\"a\": {\"y\": \"2\"}}" },
	{ "{\"a\":{\"x\":\"1\"}}", "{\"a\":{\"y\":\"2\"}}",
	    "{\"a\": {\"x\": \"1\", \"y\": \"2\"}}" },
	{ "{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\": [3]}" },
	{ "{\"a\":[1,2]}", "{\"a\":{\"x\":1}}", "{\"a\": {\"x\": 1}}" },
	{ "{\"a\":1}", "{\"a\":{\"x\":null}}", "{\"a\": {}}" },
	{ "{\"a\":1}", "{}", "{\"a\": 1}" },
};

START_TEST(settings_are_merged)
{
	char		*id = fixture_frontend("f");
	struct rows	*r;

	sql("UPDATE frontends SET settings = '%s'", merges[_i].old);
	r = frontend_change(db, WHO, id, NULL, arena_printf(a,
	    "{\"settings\":%s}", merges[_i].patch), &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_SETTINGS), merges[_i].merged);
	rows_free(r);
}
END_TEST

START_TEST(absent_members_stay)
{
	char		*id = fixture_frontend("f");
	struct rows	*r;

	sql("UPDATE frontends SET account_ref = 'acc', settings ="
	    " '{\"size_hint\":1}', hosts = '{x}'");
	r = frontend_change(db, WHO, id, "acc", "{\"active\":false}", &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert(!rows_bool(r, 0, SHOWN_ACTIVE));
	ck_assert_str_eq(rows_str(r, 0, SHOWN_KEY), "f");
	ck_assert_str_eq(rows_str(r, 0, SHOWN_SECRET), "secret of f");
	ck_assert_str_eq(rows_str(r, 0, SHOWN_ACCOUNT), "acc");
	ck_assert_str_eq(rows_str(r, 0, SHOWN_SETTINGS),
	    "{\"size_hint\": 1}");
	rows_free(r);
	r = frontend_change(db, WHO, id, "acc", "{\"account_ref\":null}", &e);
	ck_assert(rows_null(r, 0, SHOWN_ACCOUNT));
	rows_free(r);
	/* It is nobody's now. */
	r = frontend_show(db, id, "acc", &e);
	ck_assert_uint_eq(rows_len(r), 0);
	rows_free(r);
}
END_TEST

START_TEST(a_former_secret_stays_valid_for_a_while)
{
	struct frontend_rotation	how = { fixture_frontend("f"), NULL,
					    "new", "60" };
	struct frontend			f;
	struct rows			*r;

	r = frontend_rotate(db, WHO, &how, &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_SECRET), "new");
	ck_assert_int_gt(rows_int(r, 0, FRONTEND_COL_UNTIL), 0);
	rows_free(r);
	ck_assert_int_eq(frontend_get(db, how.id, a, &f, &e), 1);
	ck_assert_uint_eq(f.nsecrets, 2);
	ck_assert_str_eq(f.secrets[0], "new");
	ck_assert_str_eq(f.secrets[1], "secret of f");
	/* And back again: the one in use is no former one. */
	how.secret = "secret of f";
	how.valid_s = "0";
	rows_free(frontend_rotate(db, WHO, &how, &e));
	ck_assert_int_eq(frontend_get(db, how.id, a, &f, &e), 1);
	ck_assert_uint_eq(f.nsecrets, 1);
	ck_assert_str_eq(f.secrets[0], "secret of f");
	ck_assert_ptr_null(frontend_rotate(db, WHO, &how, &e));
	ck_assert_int_eq(e.code, ERR_INPUT);
	ck_assert_str_eq(e.text, "frontend_rotate: the secret is the same");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("frontend");
	TCase	*tc = fixture_case(s, "frontend");

	tcase_add_test(tc, key_and_secret_are_enough);
	tcase_add_test(tc, an_unknown_id_gives_nothing);
	tcase_add_test(tc, all_are_listed);
	tcase_add_loop_test(tc, bad_values_are_refused, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, a_host_belongs_to_one_frontend);
	tcase_add_test(tc, a_host_that_is_given_up_is_free);
	tcase_add_test(tc, bare_ones_have_different_secrets);
	tcase_add_test(tc, a_secret_that_is_no_longer_valid_clashes_with_none);
	tcase_add_test(tc, at_most_sixty_four_are_bare);
	tcase_add_test(tc, two_at_once_cannot_break_the_rule);
	tcase_add_test(tc, no_isolation_level_breaks_the_rule);
	tcase_add_loop_test(tc, each_change_raises_its_version, 0,
	    sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tc, counts_do_not);
	tcase_add_test(tc, a_deleted_frontend_takes_everything_along);
	tcase_add_loop_test(tc, settings_are_merged, 0,
	    (int)(sizeof(merges) / sizeof(merges[0])));
	tcase_add_test(tc, absent_members_stay);
	tcase_add_test(tc, a_former_secret_stays_valid_for_a_while);
	return fixture_main(s);
}
