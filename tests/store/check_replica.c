/*
 * Tests of core/replica: what it serves is what the database says, or said.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "core/cluster.h"
#include "core/replica.h"
#include "fixture.h"

#define STALE_MS	60000

static struct cluster	*cluster;
static struct replica	*r;
static struct routes	 out;
static char		*fe, *be, *be2;
static long long	 row;

/* A frontend, its meeting "m" on one of two servers, all of it loaded. */
static void
setup(void)
{
	fe = fixture_frontend("moodle");
	be = fixture_backend("bbb1.example");
	be2 = fixture_backend("bbb2.example");
	row = fixture_meeting(fe, "m", be, "int-m");
	ck_ok(db_open(db2, 5000, &e));
	cluster = cluster_new(db);
	r = replica_new(db, cluster, STALE_MS);
	replica_sync(r);
	ck_assert(replica_usable(r));
}

static void
teardown(void)
{
	replica_free(r);
	cluster_free(cluster);
}

static bool
route(const char *key, const char *meeting_id)
{
	return replica_route(r, key, NULL, meeting_id, a, &out);
}

static bool
route_host(const char *host, const char *meeting_id)
{
	return replica_route(r, NULL, host, meeting_id, a, &out);
}

/* The route of the meeting "m", which must be held. */
static const struct route *
held(void)
{
	ck_assert(route("moodle", "m"));
	ck_assert_uint_eq(out.n, 1);
	ck_assert(out.v[0].has_meeting);
	return &out.v[0];
}

/* What is notified arrives soon: syncs until the expression holds. */
#define eventually(expr) do {						\
	const struct timespec	pause_ = { 0, 1000000 };		\
	int64_t			deadline_ = clock_mono_ms() + 10000;	\
	for (;;) {							\
		replica_sync(r);					\
		if (expr)						\
			break;						\
		ck_assert_msg(clock_left_ms(deadline_) > 0,		\
		    "never: %s", #expr);				\
		nanosleep(&pause_, NULL);				\
	}								\
} while (0)

/*
 * Notices come in their order: once one that is sent now has been applied,
 * so have all before it.
 */
static void
sync_all(void)
{
	static int	n;
	char		*key = arena_printf(a, "mark-%d", ++n);

	fixture_frontend(key);
	eventually(route(key, NULL));
}

static void
lose_connections(void)
{
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	    " WHERE application_name = 'store-test'");
	eventually(!db_up(db));
}

static void
asked_of_database(const char *key, const char *meeting, struct routes *found)
{
	const struct route_query	q = { .key = key,
		.meeting_id = meeting, .placing = true };

	ck_ok(route_lookup(db, &q, a, found, &e));
}

START_TEST(nothing_is_known_without_a_database)
{
	struct db	*away = fixture_db("host=/nonexistent", 1000);
	struct cluster	*c = cluster_new(away);
	struct replica	*none = replica_new(away, c, STALE_MS);
	struct route	 kept = *held();

	replica_sync(none);
	ck_assert(!replica_usable(none));
	replica_keep(none, &kept);
	ck_assert(!replica_usable(none));
	ck_assert(!replica_route(none, "moodle", NULL, NULL, a, &out));
	ck_assert_uint_eq(out.n, 0);
	replica_free(none);
	cluster_free(c);
	db_free(away);
	replica_free(NULL);
}
END_TEST

START_TEST(an_unknown_frontend_is_a_miss)
{
	ck_assert(!route("nobody", NULL));
	ck_assert_uint_eq(out.n, 0);
	ck_assert(!route("nobody", "m"));
	ck_assert_uint_eq(out.n, 0);
	ck_assert(!route_host("nobody.example", "m"));
	ck_assert_uint_eq(out.n, 0);
}
END_TEST

/* Its frontend is known all the same: a bad checksum asks nobody. */
START_TEST(an_unknown_meeting_is_a_miss)
{
	ck_assert(!route("moodle", "other"));
	ck_assert_uint_eq(out.n, 1);
	ck_assert_str_eq(out.v[0].fe.secrets[0], "secret of moodle");
	ck_assert(!out.v[0].has_meeting);
}
END_TEST

START_TEST(another_tenants_meeting_is_a_miss)
{
	fixture_frontend("other");
	sync_all();
	ck_assert(route("other", NULL));
	ck_assert(!route("other", "m"));
	ck_assert(!out.v[0].has_meeting);
	ck_assert(!route("other", "int-m"));
}
END_TEST

START_TEST(a_meeting_on_an_unknown_server_is_a_miss)
{
	struct route	kept = *held();
	char		unknown[] = "00000000-0000-4000-8000-000000000000";

	kept.meeting.backend_id = unknown;
	kept.meeting.version++;
	replica_keep(r, &kept);
	ck_assert(!route("moodle", "m"));
	ck_assert_uint_eq(out.n, 1);
	ck_assert(!out.v[0].has_meeting);
}
END_TEST

START_TEST(a_meeting_that_nobody_confirmed_is_a_miss)
{
	const char		*list[] = { be, NULL };
	struct place_req	 q = fixture_place(fe, "new", list);
	struct placed		 p;
	struct routes		 found;

	ck_ok(place(db2, &q, a, &p, &e));
	sync_all();
	ck_assert(!route("moodle", "new"));
	asked_of_database("moodle", "new", &found);
	ck_assert(found.v[0].has_meeting);
	replica_keep(r, &found.v[0]);
	ck_assert(!route("moodle", "new"));
}
END_TEST

START_TEST(it_tells_what_the_database_would)
{
	const struct route	*have = held(), *want;
	struct routes		 asked;

	asked_of_database("moodle", "m", &asked);
	want = &asked.v[0];
	ck_assert_int_eq(out.backends_version, asked.backends_version);
	ck_assert_str_eq(have->fe.id, want->fe.id);
	ck_assert_str_eq(have->fe.key, "moodle");
	ck_assert_uint_eq(have->fe.nsecrets, 1);
	ck_assert_str_eq(have->fe.secrets[0], "secret of moodle");
	ck_assert_str_eq(have->fe.settings, want->fe.settings);
	ck_assert(have->fe.active);
	ck_assert_int_eq(have->fe.version, want->fe.version);
	ck_assert_int_eq(have->meeting.row, row);
	ck_assert_str_eq(have->meeting.meeting_id, "m");
	ck_assert_str_eq(have->meeting.internal_id, "int-m");
	ck_assert_str_eq(have->meeting.backend_meeting_id, "enc-m");
	ck_assert_int_eq(have->meeting.state, MEETING_LIVING);
	ck_assert_int_eq(have->meeting.version, want->meeting.version);
	ck_assert_str_eq(have->meeting.attendee_pw, "");
	ck_assert_str_eq(have->meeting.moderator_pw, "");
	ck_assert_str_eq(have->backend.id, be);
	ck_assert_str_eq(have->backend.host, want->backend.host);
	ck_assert_str_eq(have->backend.secret, "secret of bbb1.example");
	ck_assert_int_eq(have->backend.slot, want->backend.slot);
	ck_assert(route("moodle", "int-m"));
	ck_assert_int_eq(out.v[0].meeting.row, row);
}
END_TEST

START_TEST(a_hit_asks_nobody)
{
	unsigned long	before = db_statements(db);

	replica_sync(r);
	held();
	ck_assert(!route("moodle", "other"));
	ck_assert(!route("nobody", "m"));
	ck_assert_uint_eq(db_statements(db), before);
}
END_TEST

START_TEST(a_frontend_is_found_by_its_host)
{
	char	*other = fixture_frontend("other");

	sql("UPDATE frontends SET hosts = '{bbb.school.example}'"
	    " WHERE id = '%s'", fe);
	sql("UPDATE frontends SET bare_path = true WHERE id = '%s'", other);
	eventually(route_host("bbb.school.example", "m"));
	ck_assert_str_eq(out.v[0].fe.key, "moodle");
	ck_assert(route_host("any.example", NULL));
	ck_assert_uint_eq(out.n, 1);
	ck_assert_str_eq(out.v[0].fe.key, "other");
	/* the host moves: never both, never the wrong one */
	sql("UPDATE frontends SET hosts = '{}' WHERE id = '%s'", fe);
	sql("UPDATE frontends SET hosts = '{bbb.school.example}'"
	    " WHERE id = '%s'", other);
	sync_all();
	ck_assert(route_host("bbb.school.example", NULL));
	ck_assert_str_eq(out.v[0].fe.key, "other");
}
END_TEST

START_TEST(those_who_share_the_bare_path_come_together)
{
	char	*other = fixture_frontend("other");
	size_t	 i;

	sql("UPDATE frontends SET bare_path = true");
	fixture_meeting(other, "n", be2, "int-n");
	eventually(route_host(NULL, NULL) && out.n == 2);
	ck_assert(route_host("any.example", "m"));
	ck_assert_uint_eq(out.n, 2);
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(out.v[i].has_meeting,
		    strcmp(out.v[i].fe.key, "moodle") == 0);
	ck_assert(!route_host("any.example", "unknown"));
	ck_assert_uint_eq(out.n, 2);
	sql("UPDATE frontends SET active = false WHERE id = '%s'", other);
	eventually(route_host(NULL, NULL) && out.n == 1);
	ck_assert_str_eq(out.v[0].fe.key, "moodle");
}
END_TEST

START_TEST(what_the_database_said_is_kept)
{
	char		*other = fixture_frontend("other");
	struct routes	 found;
	unsigned long	 before;

	fixture_meeting(other, "n", be2, "int-n");
	ck_assert(!route("other", "n"));
	asked_of_database("other", "n", &found);
	before = db_statements(db);
	replica_keep(r, &found.v[0]);
	ck_assert(route("other", "n"));
	ck_assert_str_eq(out.v[0].backend.id, be2);
	ck_assert(route("other", "int-n"));
	ck_assert_uint_eq(db_statements(db), before);
	sync_all();
	ck_assert(route("other", "n"));
}
END_TEST

START_TEST(what_is_older_is_not_kept)
{
	struct routes	old;

	asked_of_database("moodle", "m", &old);
	sql("UPDATE frontends SET settings = '{\"size_hint\": 7}'");
	sql("UPDATE meetings SET running = true");
	eventually(held()->meeting.running);
	replica_keep(r, &old.v[0]);
	ck_assert_str_eq(held()->fe.settings, "{\"size_hint\": 7}");
	ck_assert(held()->meeting.running);
	ck_assert_int_eq(meeting_end(db2, row, NULL, &e), 1);
	eventually(!route("moodle", "m"));
	replica_keep(r, &old.v[0]);
	ck_assert(!route("moodle", "m"));
}
END_TEST

START_TEST(a_new_meeting_is_announced)
{
	long long	n = fixture_meeting(fe, "n", be2, "int-n");

	ck_assert_int_eq(meeting_announce(db2, n, &e), 1);
	eventually(route("moodle", "n"));
	ck_assert_int_eq(out.v[0].meeting.row, n);
	ck_assert_str_eq(out.v[0].backend.id, be2);
	ck_assert(route("moodle", "int-n"));
}
END_TEST

START_TEST(a_meeting_runs_and_stops)
{
	ck_assert(!held()->meeting.running);
	sql("UPDATE meetings SET running = true");
	eventually(held()->meeting.running);
	sql("UPDATE meetings SET running = false");
	eventually(!held()->meeting.running);
}
END_TEST

START_TEST(a_meeting_that_ends_is_gone)
{
	ck_assert_int_eq(meeting_end(db2, row, "int-m", &e), 1);
	eventually(!route("moodle", "m"));
	ck_assert(!route("moodle", "int-m"));
	/* and its id comes back with another meeting */
	ck_assert_int_eq(fixture_meeting(fe, "m", be2, "int-again"), row);
	ck_assert_int_eq(meeting_announce(db2, row, &e), 1);
	eventually(route("moodle", "m"));
	ck_assert_str_eq(held()->backend.id, be2);
	ck_assert(!route("moodle", "int-m"));
	ck_assert(route("moodle", "int-again"));
}
END_TEST

START_TEST(a_deleted_row_is_gone)
{
	sql("DELETE FROM meetings");
	eventually(!route("moodle", "m"));
}
END_TEST

START_TEST(a_meeting_moves)
{
	sql("UPDATE meetings SET backend_id = '%s'", be2);
	eventually(strcmp(held()->backend.id, be2) == 0);
	ck_assert_str_eq(held()->backend.secret, "secret of bbb2.example");
}
END_TEST

/* The notice has the row's number only; the next use asks the database. */
START_TEST(what_does_not_fit_is_forgotten)
{
	struct routes	found;

	sql("UPDATE meetings SET backend_meeting_id = repeat('x', 8000),"
	    " running = true");
	eventually(!route("moodle", "m"));
	asked_of_database("moodle", "m", &found);
	replica_keep(r, &found.v[0]);
	sync_all();
	ck_assert(held()->meeting.running);
	ck_assert_uint_eq(strlen(held()->meeting.backend_meeting_id), 8000);
	ck_assert_int_eq(meeting_end(db2, row, NULL, &e), 1);
	eventually(!route("moodle", "m"));
	replica_keep(r, &found.v[0]);
	ck_assert(!route("moodle", "m"));
}
END_TEST

static void
notify_meeting(long long version, bool ended, bool running)
{
	sql("SELECT pg_notify('b3scale', jsonb_build_array('meeting', %lld,"
	    " %s, %s, %lld, '%s', 'm', '%s', 'enc-m', 'int-m')::text)",
	    version, ended ? "true" : "false", running ? "true" : "false",
	    row, fe, be);
}

START_TEST(older_notices_change_nothing)
{
	long long	version = held()->meeting.version;

	notify_meeting(version - 1, false, true);
	notify_meeting(version, false, true);
	notify_meeting(version - 1, true, false);
	sync_all();
	ck_assert_int_eq(held()->meeting.version, version);
	ck_assert(!held()->meeting.running);
	notify_meeting(version + 2, false, true);
	notify_meeting(version + 1, false, false);
	sync_all();
	ck_assert(held()->meeting.running);
}
END_TEST

/* An announcement may be overtaken by the end of its meeting. */
START_TEST(an_older_notice_revives_nothing)
{
	long long	version = held()->meeting.version;

	ck_assert_int_eq(meeting_end(db2, row, NULL, &e), 1);
	notify_meeting(version, false, true);
	sync_all();
	ck_assert(!route("moodle", "m"));
}
END_TEST

/* Any role may send one. */
START_TEST(notices_of_others_do_no_harm)
{
	static const char *const bad[] = {
		"", "x", "[]", "[1]", "{}", "[\"meeting\"]",
		"[\"frontend\", 1, false, null]", "[\"frontend\", 1e99]",
		"[\"frontend\", 99999999, false, \"no-uuid\"]",
		"[\"cluster\", \"x\"]", "[\"meeting_id\", 1, true]",
		"[\"meeting\", 99999999, false, true, 7, \"f\", \"m\","
		    " \"b\", null, null]",
		"[\"meeting\", 99999999, false, true, 7, \"f\", \"m\","
		    " \"b\", null, \"i\"]",
		"[\"meeting_id\", -9223372036854775808, false, 7, \"f\"]",
		"[\"later\", 1, 2, 3]"
	};
	size_t	i;

	sql("UPDATE frontends SET bare_path = true");
	eventually(route_host("any.example", "m"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		sql("SELECT pg_notify('b3scale', '%s')", bad[i]);
	sync_all();
	held();
	ck_assert(!route("f", "m"));
	/* Nothing is left to be read, or those on the bare path were unsure. */
	ck_assert(route_host("any.example", "m"));
}
END_TEST

START_TEST(an_id_spelt_otherwise_is_not_read_for_ever)
{
	sql("UPDATE frontends SET bare_path = true");
	eventually(route_host("any.example", "m"));
	sql("SELECT pg_notify('b3scale', jsonb_build_array('frontend',"
	    " 99999999, false, upper('%s'))::text)", fe);
	sync_all();
	ck_assert(route_host("any.example", "m"));
}
END_TEST

START_TEST(a_changed_frontend_is_read_again)
{
	unsigned long	before;

	sql("UPDATE frontends SET settings = '{\"size_hint\": 7}',"
	    " secret = 'rotated' WHERE id = '%s'", fe);
	before = db_statements(db);
	eventually(strcmp(held()->fe.secrets[0], "rotated") == 0);
	ck_assert_str_eq(held()->fe.settings, "{\"size_hint\": 7}");
	ck_assert_uint_eq(db_statements(db), before + 1);
}
END_TEST

START_TEST(an_inactive_frontend_is_held)
{
	sql("UPDATE frontends SET active = false");
	eventually(!held()->fe.active);
}
END_TEST

START_TEST(a_deleted_frontend_is_gone)
{
	sql("DELETE FROM frontends");
	eventually(!route("moodle", NULL));
	ck_assert_uint_eq(out.n, 0);
}
END_TEST

START_TEST(a_new_key_replaces_the_old)
{
	sql("UPDATE frontends SET key = 'renamed'");
	eventually(route("renamed", "m"));
	ck_assert(!route("moodle", NULL));
}
END_TEST

START_TEST(many_changed_frontends_are_one_statement)
{
	unsigned long	before;

	sql("INSERT INTO frontends (key, secret)"
	    " SELECT 'fe' || i, 's' FROM generate_series(1, 200) i");
	before = db_statements(db);
	eventually(route("fe200", NULL) && route("fe1", NULL));
	ck_assert_uint_eq(db_statements(db), before + 1);
}
END_TEST

START_TEST(a_changed_server_is_known)
{
	sql("UPDATE backends SET node_state = 'error' WHERE id = '%s'", be);
	eventually(held()->backend.node_state == NODE_ERROR);
	ck_assert_int_eq(out.backends_version,
	    sql_int("SELECT version FROM versions WHERE name = 'cluster'"));
}
END_TEST

START_TEST(many_changed_servers_are_one_statement)
{
	unsigned long	before;

	sql("DO $$ BEGIN FOR i IN 1..20 LOOP UPDATE backends"
	    " SET load_factor = i + 1; END LOOP; END $$");
	before = db_statements(db);
	eventually(held()->backend.load_factor > 20);
	ck_assert_uint_eq(db_statements(db), before + 1);
}
END_TEST

START_TEST(a_deleted_server_takes_its_meetings_along)
{
	sql("DELETE FROM backends WHERE id = '%s'", be);
	eventually(!route("moodle", "m"));
	ck_assert_ptr_null(cluster_backend(cluster, be));
}
END_TEST

/* Not a moment longer, whether it is read again or not. */
START_TEST(a_secret_ends_in_time)
{
	int64_t	until = clock_wall_ms() + 300;

	sql("INSERT INTO frontend_secrets VALUES ('%s', 'older',"
	    " to_timestamp(%lld / 1000.0))", fe, (long long)until);
	sync_all();
	while (clock_wall_ms() < until) {
		if (route("moodle", "m"))
			ck_assert_uint_eq(out.v[0].fe.nsecrets, 2);
		else
			ck_assert_int_ge(clock_wall_ms(), until);
	}
	ck_assert(!route("moodle", "m"));
	ck_assert_uint_eq(out.n, 0);
	replica_sync(r);
	ck_assert_uint_eq(held()->fe.nsecrets, 1);
	ck_assert_str_eq(held()->fe.secrets[0], "secret of moodle");
}
END_TEST

START_TEST(a_lost_connection_serves_on)
{
	lose_connections();
	ck_assert(replica_usable(r));
	held();
	/* what changes meanwhile is known once it is back */
	sql("UPDATE meetings SET running = true");
	sql("UPDATE frontends SET active = false");
	sql("UPDATE backends SET node_state = 'error'");
	ck_ok(db_open(db, 5000, &e));
	ck_assert(!held()->meeting.running);
	replica_sync(r);
	ck_assert(held()->meeting.running);
	ck_assert(!held()->fe.active);
	ck_assert_int_eq(held()->backend.node_state, NODE_ERROR);
	/* and notices arrive again */
	sql("UPDATE meetings SET running = false");
	eventually(!held()->meeting.running);
}
END_TEST

START_TEST(what_went_while_away_is_dropped)
{
	fixture_frontend("other");
	eventually(route("other", NULL));
	lose_connections();
	sql("DELETE FROM frontends WHERE key = 'other'");
	sql("DELETE FROM meetings");
	ck_ok(db_open(db, 5000, &e));
	replica_sync(r);
	ck_assert(!route("other", NULL));
	ck_assert(route("moodle", NULL));
	ck_assert(!route("moodle", "m"));
}
END_TEST

/* A statement that reconnected on its own leaves nobody listening. */
START_TEST(a_connection_that_came_back_unseen_is_noticed)
{
	struct routes	found;

	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
	    " WHERE application_name = 'store-test'");
	await_true("SELECT count(*) = 0 FROM pg_stat_activity"
	    " WHERE application_name = 'store-test'");
	sql("UPDATE meetings SET running = true");
	asked_of_database("moodle", "m", &found);
	ck_assert(!held()->meeting.running);
	replica_sync(r);
	ck_assert(held()->meeting.running);
	sql("UPDATE meetings SET running = false");
	eventually(!held()->meeting.running);
}
END_TEST

/* After a failover with loss: versions begin where they were before. */
START_TEST(another_epoch_replaces_what_is_newer)
{
	sql("UPDATE frontends SET settings = '{\"size_hint\": 1}'");
	sql("UPDATE meetings SET running = true");
	eventually(held()->meeting.running);
	lose_connections();
	sql("BEGIN; SET LOCAL session_replication_role = replica;"
	    " UPDATE frontends SET settings = '{}', version = 1;"
	    " UPDATE meetings SET running = false, version = 1;"
	    " UPDATE backends SET node_state = 'ready', version = 1;"
	    " UPDATE versions SET version = 1; COMMIT");
	ck_ok(db_open(db, 5000, &e));
	replica_sync(r);
	ck_assert(!held()->meeting.running);
	ck_assert_int_eq(held()->meeting.version, 1);
	ck_assert_str_eq(held()->fe.settings, "{}");
	ck_assert_int_eq(held()->backend.node_state, NODE_READY);
	ck_assert_int_eq(out.backends_version, 1);
}
END_TEST

START_TEST(the_old_serves_until_the_new_is_whole)
{
	lose_connections();
	sql("UPDATE frontends SET active = false");
	sql("ALTER TABLE meetings RENAME TO hidden");
	ck_ok(db_open(db, 5000, &e));
	replica_sync(r);
	ck_assert(replica_usable(r));
	held();
	ck_assert(route("moodle", "int-m"));
	sql("ALTER TABLE hidden RENAME TO meetings");
	sql("UPDATE meetings SET running = true");
	eventually(held()->meeting.running);
	ck_assert(!held()->fe.active);
}
END_TEST

START_TEST(a_database_that_stays_away_is_not_waited_for)
{
	unsigned long	before = db_statements(db);

	server("stop", NULL);
	eventually(!db_up(db));
	replica_sync(r);
	held();
	ck_assert_uint_eq(db_statements(db), before);
	server("start", NULL);
	ck_ok(db_open(db, 10000, &e));
	sql("UPDATE meetings SET running = true");
	eventually(held()->meeting.running);
}
END_TEST

/* It takes connections, but every statement waits for a lock. */
START_TEST(a_database_that_hangs_is_not_tried_by_every_call)
{
	struct db	*slow = fixture_db(NULL, 100);
	struct cluster	*c = cluster_new(slow);
	struct replica	*s = replica_new(slow, c, STALE_MS);
	int64_t		 begin;
	int		 i;

	ck_ok(db_open(slow, 5000, &e));
	replica_sync(s);
	ck_assert(replica_usable(s));
	sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
	    " WHERE application_name = 'store-test'");
	sql("BEGIN; LOCK TABLE meetings");
	begin = clock_mono_ms();
	for (i = 0; i < 5; i++) {
		db_tick(slow, 2000, -1);
		replica_sync(s);
		ck_assert(replica_route(s, "moodle", NULL, "m", a, &out));
	}
	/* The first call paid, the others did not. */
	ck_assert_int_lt(clock_mono_ms() - begin, 300);
	sql("ROLLBACK; UPDATE meetings SET running = true");
	do {
		db_tick(slow, 2000, -1);
		replica_sync(s);
		ck_assert(replica_route(s, "moodle", NULL, "m", a, &out));
		ck_assert_int_lt(clock_mono_ms() - begin, 10000);
	} while (!out.v[0].meeting.running);
	replica_free(s);
	cluster_free(c);
	db_free(slow);
}
END_TEST

/* From now on content may be this old only. */
static void
set_stale_max(int ms)
{
	replica_free(r);
	r = replica_new(db, cluster, ms);
	replica_sync(r);
	held();
}

START_TEST(it_serves_for_stale_max_and_no_longer)
{
	int64_t	begin = clock_mono_ms();

	set_stale_max(400);
	lose_connections();
	while (replica_usable(r))
		replica_sync(r);
	ck_assert_int_ge(clock_mono_ms() - begin, 400);
	ck_assert(!route("moodle", "m"));
	ck_assert_uint_eq(out.n, 0);
	ck_ok(db_open(db, 5000, &e));
	replica_sync(r);
	held();
}
END_TEST

/* The database answers, but the list cannot be read. */
START_TEST(nor_if_loading_fails_again_and_again)
{
	set_stale_max(400);
	lose_connections();
	sql("ALTER TABLE meetings RENAME TO hidden");
	ck_ok(db_open(db, 5000, &e));
	while (replica_usable(r))
		replica_sync(r);
	sql("ALTER TABLE hidden RENAME TO meetings");
	ck_assert(!route("moodle", "m"));
	ck_assert_uint_eq(out.n, 0);
	eventually(route("moodle", "m"));
}
END_TEST

static void
insert_many(void)
{
	sql("BEGIN; SET LOCAL session_replication_role = replica;"
	    " INSERT INTO frontends (key, secret) SELECT 'fe' || i,"
	    "  md5(i::text) FROM generate_series(1, 2000) i;"
	    " INSERT INTO backends (host, secret) SELECT 'https://bbb' || i ||"
	    "  '.example/bigbluebutton/api/', md5(i::text)"
	    "  FROM generate_series(1, 500) i;"
	    " INSERT INTO meetings (frontend_id, meeting_id, backend_id,"
	    "  backend_meeting_id, state, internal_id)"
	    "  SELECT f.id, md5(i::text) || '-' || i, b.id,"
	    "  repeat('x', 110) || i, 'living', repeat('0', 40) || '-' || i"
	    "  FROM generate_series(1, 10000) i"
	    "  JOIN LATERAL (SELECT id FROM frontends"
	    "   WHERE key = 'fe' || (1 + i %% 2000)) f ON true"
	    "  JOIN LATERAL (SELECT id FROM backends WHERE host ="
	    "   'https://bbb' || (1 + i %% 500)"
	    "   || '.example/bigbluebutton/api/') b ON true; COMMIT");
}

static size_t
heap_size(void)
{
	struct mallinfo2	m = mallinfo2();

	return m.arena + m.hblkhd;
}

START_TEST(ten_thousand_meetings_are_small)
{
	size_t		before, full;
	const char	*id;

	lose_connections();
	insert_many();
	id = sql_text("SELECT md5('9999') || '-9999'");
	ck_ok(db_open(db, 5000, &e));
	before = heap_size();
	replica_sync(r);
	ck_assert(route("fe2000", id));
	ck_assert_str_eq(out.v[0].backend.host,
	    "https://bbb500.example/bigbluebutton/api/");
	full = heap_size();
	/* 720 bytes a meeting, 640 a frontend, 1024 a server */
	ck_assert_uint_lt(full - before,
	    10000 * 720 + 2000 * 640 + 500 * 1024);

	/* loading anew takes no second copy of it */
	lose_connections();
	ck_ok(db_open(db, 5000, &e));
	replica_sync(r);
	ck_assert(route("fe2000", id));
	ck_assert_uint_lt(heap_size(), full + 1024 * 1024);
}
END_TEST

static void
add_misses(Suite *s)
{
	TCase	*tc = fixture_case(s, "misses");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_known_without_a_database);
	tcase_add_test(tc, an_unknown_frontend_is_a_miss);
	tcase_add_test(tc, an_unknown_meeting_is_a_miss);
	tcase_add_test(tc, another_tenants_meeting_is_a_miss);
	tcase_add_test(tc, a_meeting_on_an_unknown_server_is_a_miss);
	tcase_add_test(tc, a_meeting_that_nobody_confirmed_is_a_miss);
}

static void
add_hits(Suite *s)
{
	TCase	*tc = fixture_case(s, "hits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_tells_what_the_database_would);
	tcase_add_test(tc, a_hit_asks_nobody);
	tcase_add_test(tc, a_frontend_is_found_by_its_host);
	tcase_add_test(tc, those_who_share_the_bare_path_come_together);
	tcase_add_test(tc, what_the_database_said_is_kept);
	tcase_add_test(tc, what_is_older_is_not_kept);
}

static void
add_notices(Suite *s)
{
	TCase	*tc = fixture_case(s, "notices");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_new_meeting_is_announced);
	tcase_add_test(tc, a_meeting_runs_and_stops);
	tcase_add_test(tc, a_meeting_that_ends_is_gone);
	tcase_add_test(tc, a_deleted_row_is_gone);
	tcase_add_test(tc, a_meeting_moves);
	tcase_add_test(tc, what_does_not_fit_is_forgotten);
	tcase_add_test(tc, older_notices_change_nothing);
	tcase_add_test(tc, an_older_notice_revives_nothing);
	tcase_add_test(tc, notices_of_others_do_no_harm);
	tcase_add_test(tc, an_id_spelt_otherwise_is_not_read_for_ever);
	tcase_add_test(tc, a_changed_frontend_is_read_again);
	tcase_add_test(tc, an_inactive_frontend_is_held);
	tcase_add_test(tc, a_deleted_frontend_is_gone);
	tcase_add_test(tc, a_new_key_replaces_the_old);
	tcase_add_test(tc, many_changed_frontends_are_one_statement);
	tcase_add_test(tc, a_changed_server_is_known);
	tcase_add_test(tc, many_changed_servers_are_one_statement);
	tcase_add_test(tc, a_deleted_server_takes_its_meetings_along);
	tcase_add_test(tc, a_secret_ends_in_time);
}

static void
add_away(Suite *s)
{
	TCase	*tc = fixture_case(s, "away");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_lost_connection_serves_on);
	tcase_add_test(tc, what_went_while_away_is_dropped);
	tcase_add_test(tc, a_connection_that_came_back_unseen_is_noticed);
	tcase_add_test(tc, another_epoch_replaces_what_is_newer);
	tcase_add_test(tc, the_old_serves_until_the_new_is_whole);
	tcase_add_test(tc, a_database_that_stays_away_is_not_waited_for);
	tcase_add_test(tc,
	    a_database_that_hangs_is_not_tried_by_every_call);
	tcase_add_test(tc, it_serves_for_stale_max_and_no_longer);
	tcase_add_test(tc, nor_if_loading_fails_again_and_again);
	/* a sanitizer's malloc does not count */
	if (mallinfo2().uordblks > 0)
		tcase_add_test(tc, ten_thousand_meetings_are_small);
}

int
main(void)
{
	Suite	*s = suite_create("core/replica");

	add_misses(s);
	add_hits(s);
	add_notices(s);
	add_away(s);
	return fixture_main(s);
}
