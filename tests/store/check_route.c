/*
 * The look-up of a call: frontend, meeting and server in one statement.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fixture.h"
#include "store/route.h"

#define INTERNAL "6367c48dd193d56ea7b0baad25b19455e529f5ee-1731999600123"

static char	*f, *g, *b1;

static void
cluster(void)
{
	f = fixture_frontend("f");
	g = fixture_frontend("g");
	b1 = fixture_backend("a");
	sql("UPDATE backends SET settings = '{\"tags\": [\"x\", \"y\"]}',"
	    " load_factor = 1.5");
}

static struct routes
lookup(const char *key, const char *host, const char *meeting)
{
	const struct route_query	q = { .key = key, .host = host,
		.meeting_id = meeting, .placing = true };
	struct routes			r;
	unsigned long			before;

	ck_ok(db_open(db, 1000, &e));
	before = db_statements(db);
	ck_ok(route_lookup(db, &q, a, &r, &e));
	ck_assert_uint_eq(db_statements(db) - before, 1);
	return r;
}

START_TEST(an_unknown_key_gives_nothing)
{
	ck_assert_uint_eq(lookup("none", NULL, NULL).n, 0);
	ck_assert_uint_eq(lookup("", NULL, "m").n, 0);
}
END_TEST

START_TEST(a_frontend_comes_with_all_that_it_has)
{
	struct routes		 r;
	const struct frontend	*fe;

	sql("UPDATE frontends SET settings = '{\"attendees_limit\": 1}', hosts ="
	    " '{b3s.example.org,\" Other.Example.ORG \"}' WHERE id = '%s'",
	    f);
	sql("INSERT INTO frontend_secrets VALUES ('%s', 'old', now() +"
	    " interval '1 h', now()), ('%s', 'older', NULL, now() -"
	    " interval '1 h'), ('%s', 'gone', now() - interval '1 s',"
	    " now())", f, f,
	    f);
	sql("UPDATE frontend_load SET users = 7 WHERE frontend_id = '%s'",
	    f);
	r = lookup("f", NULL, NULL);
	ck_assert_uint_eq(r.n, 1);
	fe = &r.v[0].fe;
	ck_assert_str_eq(fe->id, f);
	ck_assert_str_eq(fe->key, "f");
	ck_assert_uint_eq(fe->nsecrets, 3);
	ck_assert_str_eq(fe->secrets[0], "secret of f");
	ck_assert_str_eq(fe->secrets[1], "older");
	ck_assert_str_eq(fe->secrets[2], "old");
	ck_assert_int_eq(fe->secrets_until, sql_int("SELECT time_ms("
	    "valid_until) FROM frontend_secrets WHERE secret = 'old'"));
	ck_assert(fe->active && !fe->bare_path);
	ck_assert_uint_eq(fe->nhosts, 2);
	ck_assert_str_eq(fe->hosts[0], "b3s.example.org");
	ck_assert_str_eq(fe->hosts[1], "other.example.org");
	ck_assert_str_eq(fe->settings, "{\"attendees_limit\": 1}");
	ck_assert_int_eq(fe->version, sql_int("SELECT version FROM frontends"
	    " WHERE id = '%s'", f));
	ck_assert_int_eq(r.v[0].users, 7);
	ck_assert(!r.v[0].has_meeting);
	ck_assert_int_eq(r.backends_version, sql_int("SELECT version"
	    " FROM versions WHERE name = 'cluster'"));
}
END_TEST

START_TEST(a_frontend_with_one_secret_has_one)
{
	struct routes	r = lookup("f", NULL, NULL);

	ck_assert_uint_eq(r.v[0].fe.nsecrets, 1);
	ck_assert_int_eq(r.v[0].fe.secrets_until, 0);
	ck_assert_uint_eq(r.v[0].fe.nhosts, 0);
	ck_assert_str_eq(r.v[0].fe.settings, "{}");
}
END_TEST

START_TEST(what_a_call_does_not_want_is_not_read)
{
	const struct route_query	q = { .key = "f" };
	struct routes			r;

	sql("UPDATE frontend_load SET users = 7 WHERE frontend_id = '%s'", f);
	ck_ok(route_lookup(db, &q, a, &r, &e));
	ck_assert_uint_eq(r.n, 1);
	ck_assert_int_eq(r.v[0].users, 0);
	ck_assert_int_eq(r.backends_version, 0);
}
END_TEST

START_TEST(secrets_come_and_go)
{
	sql("INSERT INTO frontend_secrets VALUES ('%s', 'b'), ('%s', 'c')", f,
	    f);
	ck_assert_uint_eq(lookup("f", NULL, NULL).v[0].fe.nsecrets, 3);
	sql("DELETE FROM frontend_secrets WHERE secret = 'b'");
	ck_assert_uint_eq(lookup("f", NULL, NULL).v[0].fe.nsecrets, 2);
	sql("UPDATE frontend_secrets SET frontend_id = '%s'", g);
	ck_assert_uint_eq(lookup("f", NULL, NULL).v[0].fe.nsecrets, 1);
	ck_assert_uint_eq(lookup("g", NULL, NULL).v[0].fe.nsecrets, 2);
	sql("DELETE FROM frontend_secrets");
	ck_assert_int_eq(sql_int("SELECT count(further_secrets)"
	    " FROM frontends"), 0);
}
END_TEST

START_TEST(an_inactive_frontend_is_told)
{
	struct routes	r;

	sql("UPDATE frontends SET active = false WHERE id = '%s'", f);
	r = lookup("f", NULL, NULL);
	ck_assert_uint_eq(r.n, 1);
	ck_assert(!r.v[0].fe.active);
}
END_TEST

START_TEST(a_meeting_comes_with_its_server)
{
	struct routes	r;
	long long	row = fixture_meeting(f, "m", b1, "i-1");

	r = lookup("f", NULL, "m");
	ck_assert(r.v[0].has_meeting);
	ck_assert_int_eq(r.v[0].meeting.row, row);
	ck_assert_int_eq(r.v[0].meeting.state, MEETING_LIVING);
	ck_assert_str_eq(r.v[0].meeting.internal_id, "i-1");
	ck_assert_str_eq(r.v[0].meeting.attendee_pw, "ap");
	ck_assert_str_eq(r.v[0].meeting.voice_bridge, "70001");
	ck_assert_str_eq(r.v[0].backend.id, b1);
	ck_assert_str_eq(r.v[0].backend.host,
	    "http://a/bigbluebutton/api/");
	ck_assert_str_eq(r.v[0].backend.secret, "secret of a");
	ck_assert_double_eq(r.v[0].backend.load_factor, 1.5);
	ck_assert_uint_eq(r.v[0].backend.ntags, 2);
	ck_assert_str_eq(r.v[0].backend.tags[1], "y");
	ck_assert_int_eq(r.v[0].backend.admin_state, ADMIN_READY);
	ck_assert_int_eq(r.v[0].backend.node_state, NODE_INIT);
	ck_assert_int_gt(r.v[0].backend.slot, 0);
}
END_TEST

START_TEST(tenants_do_not_see_each_others_meetings)
{
	fixture_meeting(f, "m", b1, INTERNAL);
	ck_assert(!lookup("g", NULL, "m").v[0].has_meeting);
	ck_assert(!lookup("g", NULL, INTERNAL).v[0].has_meeting);
}
END_TEST

START_TEST(a_meeting_is_found_by_its_internal_id)
{
	fixture_meeting(f, "m", b1, INTERNAL);
	ck_assert_str_eq(lookup("f", NULL, INTERNAL).v[0].meeting.meeting_id,
	    "m");
}
END_TEST

/* A breakout room's own id looks like an internal one. */
START_TEST(an_id_that_looks_internal_may_be_a_name)
{
	fixture_meeting(f, INTERNAL, b1, "i-1");
	ck_assert_str_eq(lookup("f", NULL, INTERNAL).v[0]
	    .meeting.internal_id, "i-1");
}
END_TEST

START_TEST(a_placed_one_is_there_an_ended_one_is_not)
{
	const char		*list[] = { b1, NULL };
	struct place_req	 q = fixture_place(f, "m", list);
	struct placed		 p;

	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(lookup("f", NULL, "m").v[0].meeting.state,
	    MEETING_PLACED);
	ck_ok(meeting_end(db, p.meeting.row, NULL, &e));
	ck_assert(!lookup("f", NULL, "m").v[0].has_meeting);
}
END_TEST

START_TEST(a_host_name_names_its_frontend)
{
	struct routes	r;

	sql("UPDATE frontends SET hosts = '{one.example.org}'"
	    " WHERE id = '%s'", f);
	sql("UPDATE frontends SET bare_path = true WHERE id = '%s'", g);
	fixture_meeting(f, "m", b1, "i-1");
	r = lookup(NULL, "one.example.org", "m");
	ck_assert_uint_eq(r.n, 1);
	ck_assert_str_eq(r.v[0].fe.key, "f");
	ck_assert(r.v[0].has_meeting);
	r = lookup(NULL, "another.example.org", NULL);
	ck_assert_uint_eq(r.n, 1);
	ck_assert_str_eq(r.v[0].fe.key, "g");
}
END_TEST

START_TEST(all_active_bare_ones_share_the_other_names)
{
	struct routes	r;
	size_t		i, with = 0;

	sql("UPDATE frontends SET bare_path = true");
	sql("INSERT INTO frontends (key, secret, bare_path, active)"
	    " VALUES ('h', 's', true, false)");
	fixture_meeting(g, "m", b1, INTERNAL);
	r = lookup(NULL, "x", INTERNAL);
	ck_assert_uint_eq(r.n, 2);
	for (i = 0; i < r.n; i++) {
		ck_assert(r.v[i].fe.bare_path);
		with += r.v[i].has_meeting;
	}
	ck_assert_uint_eq(with, 1);
}
END_TEST

START_TEST(without_any_there_is_none)
{
	ck_assert_uint_eq(lookup(NULL, "x", "m").n, 0);
}
END_TEST

static struct route
brief(const char *key, const char *meeting_id)
{
	const struct route_query	q = { .key = key,
	    .meeting_id = meeting_id, .brief = true };
	struct routes			r;

	ck_ok(route_lookup(db, &q, a, &r, &e));
	ck_assert_uint_eq(r.n, 1);
	return r.v[0];
}

START_TEST(a_brief_lookup_of_an_unknown_key_gives_nothing)
{
	const struct route_query	q = { .key = "none",
	    .meeting_id = "m", .brief = true };
	struct routes			r;

	ck_ok(route_lookup(db, &q, a, &r, &e));
	ck_assert_uint_eq(r.n, 0);
}
END_TEST

START_TEST(a_brief_lookup_has_what_a_join_wants)
{
	struct route	r;

	sql("UPDATE frontends SET settings = '{\"attendees_limit\": 1}'"
	    " WHERE id = '%s'", f);
	sql("UPDATE frontend_load SET users = 7 WHERE frontend_id = '%s'",
	    f);
	sql("INSERT INTO frontend_secrets VALUES ('%s', 'old', now() +"
	    " interval '1 h', now()), ('%s', 'gone', now(), now())", f, f);
	fixture_meeting(f, "m", b1, "i-1");
	ck_assert(!brief("f", "m").meeting.running);
	sql("UPDATE meetings SET running = true");
	r = brief("f", "m");
	ck_assert_str_eq(r.fe.id, f);
	ck_assert_str_eq(r.fe.key, "f");
	ck_assert_uint_eq(r.fe.nsecrets, 2);
	ck_assert_str_eq(r.fe.secrets[0], "secret of f");
	ck_assert_str_eq(r.fe.secrets[1], "old");
	ck_assert(r.fe.active);
	ck_assert_str_eq(r.fe.settings, "{\"attendees_limit\": 1}");
	ck_assert_int_eq(r.users, 7);
	ck_assert(r.has_meeting && r.meeting.running);
	ck_assert_int_gt(r.meeting.row, 0);
	ck_assert_str_eq(r.meeting.meeting_id, "m");
	ck_assert_str_eq(r.meeting.backend_meeting_id,
	    lookup("f", NULL, "m").v[0].meeting.backend_meeting_id);
	ck_assert_str_eq(r.meeting.internal_id, "i-1");
	ck_assert_int_eq(r.meeting.state, MEETING_LIVING);
	ck_assert_str_eq(r.backend.id, b1);
	ck_assert_str_eq(r.backend.host, "http://a/bigbluebutton/api/");
	ck_assert_str_eq(r.backend.secret, "secret of a");
	ck_assert_int_ne(r.backend.node_state, NODE_ERROR);
	ck_assert_int_gt(r.backend.slot, 0);
}
END_TEST

START_TEST(a_brief_lookup_tells_states_apart)
{
	const char		*list[] = { b1, NULL };
	struct place_req	 q = fixture_place(f, "m", list);
	struct placed		 p;

	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(brief("f", "m").meeting.state, MEETING_PLACED);
	ck_assert(!brief("f", "m").meeting.running);
	sql("UPDATE backends SET node_state = 'error'");
	ck_assert_int_eq(brief("f", "m").backend.node_state, NODE_ERROR);
	sql("UPDATE frontends SET active = false");
	ck_assert(!brief("f", "m").fe.active);
	ck_ok(meeting_end(db, p.meeting.row, NULL, &e));
	ck_assert(!brief("f", "m").has_meeting);
	ck_assert(!brief("f", NULL).has_meeting);
}
END_TEST

START_TEST(a_brief_lookup_knows_tenants_and_internal_ids)
{
	fixture_meeting(f, "m", b1, INTERNAL);
	ck_assert(!brief("g", "m").has_meeting);
	ck_assert(!brief("g", INTERNAL).has_meeting);
	ck_assert_str_eq(brief("f", INTERNAL).meeting.meeting_id, "m");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("route");
	TCase	*tc = fixture_case(s, "route");

	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, an_unknown_key_gives_nothing);
	tcase_add_test(tc, a_frontend_comes_with_all_that_it_has);
	tcase_add_test(tc, a_frontend_with_one_secret_has_one);
	tcase_add_test(tc, what_a_call_does_not_want_is_not_read);
	tcase_add_test(tc, secrets_come_and_go);
	tcase_add_test(tc, an_inactive_frontend_is_told);
	tcase_add_test(tc, a_meeting_comes_with_its_server);
	tcase_add_test(tc, tenants_do_not_see_each_others_meetings);
	tcase_add_test(tc, a_meeting_is_found_by_its_internal_id);
	tcase_add_test(tc, an_id_that_looks_internal_may_be_a_name);
	tcase_add_test(tc, a_placed_one_is_there_an_ended_one_is_not);
	tcase_add_test(tc, a_host_name_names_its_frontend);
	tcase_add_test(tc, all_active_bare_ones_share_the_other_names);
	tcase_add_test(tc, without_any_there_is_none);
	tcase_add_test(tc, a_brief_lookup_of_an_unknown_key_gives_nothing);
	tcase_add_test(tc, a_brief_lookup_has_what_a_join_wants);
	tcase_add_test(tc, a_brief_lookup_tells_states_apart);
	tcase_add_test(tc, a_brief_lookup_knows_tenants_and_internal_ids);
	return fixture_main(s);
}
