/*
 * Backends, their list's version, and what is reserved when.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/clock.h"
#include "fixture.h"
#include "store/backend.h"

#define MINUTE	60000LL
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

static struct cluster_rows
list(void)
{
	struct cluster_rows	c;
	unsigned long		before;

	ck_ok(db_open(db, 1000, &e));
	before = db_statements(db);
	ck_ok(backend_list(db, a, &c, &e));
	ck_assert_uint_eq(db_statements(db) - before, 1);
	return c;
}

START_TEST(host_and_secret_are_enough)
{
	char		*id = fixture_backend("a");
	struct backend	 b;

	ck_assert_int_eq(backend_get(db, id, a, &b, &e), 1);
	ck_assert_str_eq(b.host, "http://a/bigbluebutton/api/");
	ck_assert_str_eq(b.secret, "secret of a");
	ck_assert_int_eq(b.admin_state, ADMIN_READY);
	ck_assert_int_eq(b.node_state, NODE_INIT);
	ck_assert_double_eq(b.load_factor, 1);
	ck_assert_uint_eq(b.ntags, 0);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM backend_health h"
	    " JOIN backend_load l USING (backend_id)"), 1);
}
END_TEST

START_TEST(an_unknown_id_gives_nothing)
{
	struct backend	b;

	ck_assert_int_eq(backend_get(db,
	    "00000000-0000-0000-0000-000000000000", a, &b, &e), 0);
}
END_TEST

static const struct {
	const char	*typed;
	const char	*kept;
} hosts[] = {
	{ "https://a.org",			"https://a.org/bigbluebutton/api/" },
	{ " HTTPS://A.Org/ ",			"https://a.org/bigbluebutton/api/" },
	{ "https://a.org/bigbluebutton",	"https://a.org/bigbluebutton/api/" },
	{ "https://a.org//bigbluebutton/api",	"https://a.org/bigbluebutton/api/" },
	{ "http://a:8090/bigbluebutton/api/",	"http://a:8090/bigbluebutton/api/" },
	{ "http://[::1]:80/Sub",		"http://[::1]:80/Sub/bigbluebutton/api/" },
};

START_TEST(an_address_ends_in_the_apis_path)
{
	sql("INSERT INTO backends (host, secret) VALUES ('%s', 's')",
	    hosts[_i].typed);
	ck_assert_str_eq(sql_text("SELECT host FROM backends"),
	    hosts[_i].kept);
}
END_TEST

static const char *const bad[] = {
	"INSERT INTO backends (host, secret) VALUES ('a.org', 's')",
	"INSERT INTO backends (host, secret) VALUES ('ftp://a.org', 's')",
	"INSERT INTO backends (host, secret) VALUES ('http://u:p@a', 's')",
	"INSERT INTO backends (host, secret) VALUES ('http://a?b=c', 's')",
	"INSERT INTO backends (host, secret) VALUES ('http://a#b', 's')",
	"INSERT INTO backends (host, secret) VALUES ('http://a/b c', 's')",
	"INSERT INTO backends (host, secret) VALUES ('http://a/b?c=d', 's')",
	"INSERT INTO backends (host, secret) VALUES ('http:///x', 's')",
	"INSERT INTO backends (host, secret) VALUES ('http://a', '')",
	"INSERT INTO backends (host, secret) VALUES ('http://x', 's')",
	"INSERT INTO backends (host, secret, admin_state)"
	    " VALUES ('http://a', 's', 'error')",
	"INSERT INTO backends (host, secret, node_state)"
	    " VALUES ('http://a', 's', 'stopped')",
	"INSERT INTO backends (host, secret, load_factor)"
	    " VALUES ('http://a', 's', 0)",
	"INSERT INTO backends (host, secret, load_factor)"
	    " VALUES ('http://a', 's', 'NaN')",
	"INSERT INTO backends (host, secret, meetings_cap)"
	    " VALUES ('http://a', 's', -1)",
	"INSERT INTO backends (host, secret, settings)"
	    " VALUES ('http://a', 's', '1')",
};

START_TEST(bad_values_are_refused)
{
	fixture_backend("x");
	sql_error("%s", bad[_i]);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM backends"), 1);
}
END_TEST

START_TEST(the_list_has_all_of_them)
{
	struct cluster_rows	c = list();

	ck_assert_uint_eq(c.nbackends, 0);
	ck_assert_uint_eq(c.nreservations, 0);
	fixture_backend("a");
	fixture_backend("b");
	sql("UPDATE backends SET settings = '{\"tags\": [\"x\", 7, \"y\"]}',"
	    " admin_state = 'stopped', node_state = 'error'"
	    " WHERE host ~ '//b/'");
	sql("UPDATE backends SET settings = '{\"tags\": \"x\"}'"
	    " WHERE host ~ '//a/'");
	c = list();
	ck_assert_uint_eq(c.nbackends, 2);
	ck_assert_uint_eq(c.backends[0].ntags, 0);
	ck_assert_uint_eq(c.backends[1].ntags, 2);
	ck_assert_str_eq(c.backends[1].tags[1], "y");
	ck_assert_int_eq(c.backends[1].admin_state, ADMIN_STOPPED);
	ck_assert_int_eq(c.backends[1].node_state, NODE_ERROR);
	ck_assert_int_ne(c.backends[0].slot, c.backends[1].slot);
	ck_assert_int_gt(c.valid_until, clock_wall_ms() + DAY);
}
END_TEST

/* What raises the list's version, and what must not. */
static const struct {
	const char	*sql;
	bool		 raises;
} changes[] = {
	{ "UPDATE backends SET admin_state = 'stopped'",	true },
	{ "UPDATE backends SET node_state = 'error'",		true },
	{ "UPDATE backends SET secret = 'x'",			true },
	{ "UPDATE backends SET load_factor = 2",		true },
	{ "UPDATE backends SET settings = '{\"tags\": []}'",	true },
	{ "INSERT INTO backends (host, secret) VALUES ('http://c', 's')", true },
	{ "DELETE FROM backends WHERE host ~ '//a/'",		true },
	{ "UPDATE backends SET admin_state = 'ready'",		false },
	{ "UPDATE backends SET last_error = 'x', bbb_version = '3.0'", false },
	{ "UPDATE backends SET meetings_cap = 5, users_cap = 5", false },
	{ "UPDATE backend_health SET heartbeat = now(), failures = 1", false },
	{ "UPDATE backend_load SET load = 7, meetings = 1",	false },
	{ "INSERT INTO reservations (tag) VALUES ('x')",	true },
	{ "UPDATE reservations SET note = 'x'",			true },
	{ "DELETE FROM reservations",				true },
};

START_TEST(the_lists_version_rises_with_what_it_shows)
{
	struct cluster_rows	c;

	fixture_backend("a");
	fixture_backend("b");
	sql("INSERT INTO reservations (tag) VALUES ('y')");
	c = list();
	sql("%s", changes[_i].sql);
	/* A deletion may raise it more than once, by what goes with it. */
	ck_assert_int_eq(list().version > c.version, changes[_i].raises);
}
END_TEST

START_TEST(a_load_factor_reaches_the_row_that_place_reads)
{
	fixture_backend("a");
	sql("UPDATE backends SET load_factor = 2.5");
	ck_assert_double_eq(sql_real("SELECT factor FROM backend_load"),
	    2.5);
}
END_TEST

/* Reservations */

static char	*f, *b1;

static void
cluster(void)
{
	f = fixture_frontend("f");
	b1 = fixture_backend("a");
}

static struct reservation
only_one(void)
{
	struct cluster_rows	c = list();

	ck_assert_uint_eq(c.nreservations, 1);
	return c.reservations[0];
}

START_TEST(a_reservation_without_times_holds_always)
{
	struct reservation	r;

	sql("WITH r AS (INSERT INTO reservations (backend_id)"
	    " VALUES ('%s') RETURNING id) INSERT INTO reservation_frontends"
	    " SELECT id, '%s' FROM r", b1, f);
	r = only_one();
	ck_assert_str_eq(r.backend_id, b1);
	ck_assert_ptr_null(r.tag);
	ck_assert_uint_eq(r.nfrontends, 1);
	ck_assert_str_eq(r.frontend_ids[0], f);
	ck_assert_uint_eq(r.nperiods, 1);
	ck_assert_int_eq(r.periods[0][0], 0);
	ck_assert_int_gt(r.periods[0][1], clock_wall_ms() + 999 * DAY);
}
END_TEST

START_TEST(from_and_until_are_its_period)
{
	struct reservation	r;

	sql("INSERT INTO reservations (tag, from_at, until_at) VALUES ('gpu',"
	    " now() + interval '1 h', now() + interval '2 h')");
	r = only_one();
	ck_assert_ptr_null(r.backend_id);
	ck_assert_str_eq(r.tag, "gpu");
	ck_assert_uint_eq(r.nfrontends, 0);
	ck_assert_uint_eq(r.nperiods, 1);
	ck_assert_int_eq(r.periods[0][1] - r.periods[0][0], HOUR);
	ck_assert_int_le(r.periods[0][0] - clock_wall_ms(), HOUR);
	ck_assert_int_gt(r.periods[0][0] - clock_wall_ms(), 59 * MINUTE);
}
END_TEST

START_TEST(what_is_past_has_no_period)
{
	sql("INSERT INTO reservations (tag, until_at)"
	    " VALUES ('gpu', now() - interval '1 s')");
	ck_assert_uint_eq(only_one().nperiods, 0);
}
END_TEST

static void
reserve_hours(const char *values)
{
	sql("WITH r AS (INSERT INTO reservations (tag) VALUES ('gpu')"
	    " RETURNING id) INSERT INTO reservation_hours (reservation_id,"
	    " weekday, starts, ends, time_zone) SELECT id, h.* FROM r,"
	    " (VALUES %s) h (d, s, e, z)", values);
}

/* Is t, as text, within one of them? */
static bool
holds_at(const struct reservation *r, const char *t)
{
	long long	ms = sql_int("SELECT time_ms((%s)::timestamptz)", t);
	size_t		i;

	for (i = 0; i < r->nperiods; i++)
		if (r->periods[i][0] <= ms && ms < r->periods[i][1])
			return true;
	return false;
}

/* The coming day of that number (1: Monday) in Berlin, at a time of day. */
#define COMING(day, time)						\
	"((date_trunc('day', now() AT TIME ZONE 'Europe/Berlin') +"	\
	" mod((7 + " #day " - extract(isodow FROM now() AT TIME ZONE"	\
	" 'Europe/Berlin'))::integer, 7) * interval '1 day') + time '"	\
	time "') AT TIME ZONE 'Europe/Berlin'"

START_TEST(weekly_hours_are_by_the_clocks_of_their_zone)
{
	struct reservation	r;

	reserve_hours("(1, time '08:00', time '12:00', 'Europe/Berlin'),"
	    " (3, time '08:00', time '12:00', 'Europe/Berlin')");
	/* As if the week had not begun: this Monday may be past. */
	r = only_one();
	ck_assert_uint_ge(r.nperiods, 2);
	for (size_t i = 0; i < r.nperiods; i++)
		ck_assert_int_eq(r.periods[i][1] - r.periods[i][0],
		    4 * HOUR);
	if (sql_true("SELECT " COMING(3, "12:00") " > now()")) {
		ck_assert(holds_at(&r, COMING(3, "08:00")));
		ck_assert(holds_at(&r, COMING(3, "11:59")));
		ck_assert(!holds_at(&r, COMING(3, "12:00")));
		ck_assert(!holds_at(&r, COMING(3, "07:59")));
		ck_assert(!holds_at(&r, COMING(2, "09:00")));
	}
}
END_TEST

START_TEST(hours_may_cross_midnight)
{
	struct reservation	r;

	/* Every night: one of them is now or comes within a day. */
	reserve_hours("(1, time '22:00', time '06:00', 'UTC'),"
	    " (2, time '22:00', time '06:00', 'UTC'),"
	    " (3, time '22:00', time '06:00', 'UTC'),"
	    " (4, time '22:00', time '06:00', 'UTC'),"
	    " (5, time '22:00', time '06:00', 'UTC'),"
	    " (6, time '22:00', time '06:00', 'UTC'),"
	    " (7, time '22:00', time '06:00', 'UTC')");
	r = only_one();
	ck_assert_uint_ge(r.nperiods, 7);
	for (size_t i = 0; i < r.nperiods; i++)
		ck_assert_int_eq(r.periods[i][1] - r.periods[i][0],
		    8 * HOUR);
	ck_assert(holds_at(&r, "date_trunc('day', now() AT TIME ZONE 'UTC')"
	    " AT TIME ZONE 'UTC' + interval '1 day 3 hours'"));
	ck_assert(!holds_at(&r, "date_trunc('day', now() AT TIME ZONE 'UTC')"
	    " AT TIME ZONE 'UTC' + interval '1 day 12 hours'"));
}
END_TEST

START_TEST(hours_count_between_from_and_until_only)
{
	struct reservation	r;

	reserve_hours("(1, time '00:00', time '00:00', 'UTC'),"
	    " (2, time '00:00', time '00:00', 'UTC'),"
	    " (3, time '00:00', time '00:00', 'UTC'),"
	    " (4, time '00:00', time '00:00', 'UTC'),"
	    " (5, time '00:00', time '00:00', 'UTC'),"
	    " (6, time '00:00', time '00:00', 'UTC'),"
	    " (7, time '00:00', time '00:00', 'UTC')");
	sql("UPDATE reservations SET from_at = now() + interval '30 h',"
	    " until_at = now() + interval '31 h'");
	r = only_one();
	ck_assert(!holds_at(&r, "now() + interval '29 h'"));
	ck_assert(holds_at(&r, "now() + interval '30 h 30 min'"));
	ck_assert(!holds_at(&r, "now() + interval '32 h'"));
}
END_TEST

static const char *const bad_reservations[] = {
	"INSERT INTO reservations DEFAULT VALUES",
	"INSERT INTO reservations (tag) VALUES ('')",
	"INSERT INTO reservations (backend_id, tag) SELECT id, 'x'"
	    " FROM backends",
	"INSERT INTO reservations (tag, from_at, until_at)"
	    " VALUES ('x', now(), now())",
	"INSERT INTO reservations (tag, until_at) VALUES ('x', 'infinity')",
	"WITH r AS (INSERT INTO reservations (tag) VALUES ('x')"
	    " RETURNING id) INSERT INTO reservation_hours (reservation_id,"
	    " weekday, starts, ends) SELECT id, 8, '08:00', '09:00' FROM r",
	"WITH r AS (INSERT INTO reservations (tag) VALUES ('x')"
	    " RETURNING id) INSERT INTO reservation_hours (reservation_id,"
	    " weekday, starts, ends, time_zone)"
	    " SELECT id, 1, '08:00', '09:00', 'Europe/Atlantis' FROM r",
};

START_TEST(bad_reservations_are_refused)
{
	sql_error("%s", bad_reservations[_i]);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM reservations"), 0);
}
END_TEST

#define WHO	"{\"sub\":\"me\",\"role\":\"admin\",\"addr\":\"::1\"}"

/* Columns of what the API shows. */
enum { SHOWN_ID, SHOWN_NODE, SHOWN_ADMIN, SHOWN_FACTOR = 9, SHOWN_HOST = 10,
    SHOWN_SETTINGS = 12, SHOWN_STATE = 19 };

START_TEST(the_api_changes_what_it_says)
{
	struct backend_key	k = { fixture_backend("a"), NULL, "5000" };
	struct rows		*r;

	sql("UPDATE backends SET settings = '{\"tags\":[\"x\"],\"other\":1}'");
	r = backend_change(db, WHO, &k, "{\"load_factor\":2.5,"
	    "\"admin_state\":\"stopped\",\"settings\":{\"tags\":null}}", &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_ADMIN), "stopped");
	ck_assert_str_eq(rows_str(r, 0, SHOWN_STATE), "stopped");
	ck_assert_str_eq(rows_str(r, 0, SHOWN_SETTINGS), "{\"other\": 1}");
	rows_free(r);
	ck_assert(sql_true("SELECT factor = 2.5 FROM backend_load"));
	/* 0 and nothing are what the Go tools send for "as it is". */
	r = backend_change(db, WHO, &k,
	    "{\"load_factor\":0,\"admin_state\":\"\"}", &e);
	ck_assert(rows_real(r, 0, SHOWN_FACTOR) == 2.5);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_ADMIN), "stopped");
	rows_free(r);
}
END_TEST

START_TEST(an_agent_has_one_backend_and_no_other)
{
	struct backend_key	 k = { NULL, "ref", "5000" };
	const char		*doc = "{\"bbb\":{\"host\":\"http://n/\","
				    "\"secret\":\"s\"}}";
	struct rows		*r;

	r = backend_add(db, WHO, &k, doc, &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_HOST),
	    "http://n/bigbluebutton/api/");
	k.id = rows_dup(r, 0, SHOWN_ID, a);
	rows_free(r);
	r = backend_of_agent(db, "ref", "5000", &e);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_ID), k.id);
	rows_free(r);
	k.agent = "another";
	r = backend_show(db, &k, &e);
	ck_assert_uint_eq(rows_len(r), 0);
	rows_free(r);
	k.agent = "ref";
	ck_assert_ptr_null(backend_add(db, WHO, &k, "{\"bbb\":{\"host\":"
	    "\"http://m/\",\"secret\":\"s\"}}", &e));
	ck_assert_int_eq(e.code, ERR_CONFLICT);
}
END_TEST

START_TEST(a_removed_one_takes_its_meetings_along)
{
	struct backend_key	 k = { fixture_backend("a"), NULL, "5000" };
	struct rows		*r;

	fixture_meeting(fixture_frontend("f"), "m", k.id, "i-1");
	r = backend_remove(db, WHO, &k, false, &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_ADMIN), "decommissioned");
	rows_free(r);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"), 1);
	r = backend_remove(db, WHO, &k, true, &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_str_eq(rows_str(r, 0, SHOWN_ADMIN), "destroyed");
	rows_free(r);
	ck_assert_int_eq(sql_int("SELECT (SELECT count(*) FROM meetings) +"
	    " (SELECT count(*) FROM backends)"), 0);
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("backend");
	TCase	*tc = fixture_case(s, "backend");

	tcase_add_test(tc, host_and_secret_are_enough);
	tcase_add_test(tc, an_unknown_id_gives_nothing);
	tcase_add_loop_test(tc, an_address_ends_in_the_apis_path, 0,
	    sizeof(hosts) / sizeof(hosts[0]));
	tcase_add_loop_test(tc, bad_values_are_refused, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, the_list_has_all_of_them);
	tcase_add_loop_test(tc, the_lists_version_rises_with_what_it_shows,
	    0, sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tc, a_load_factor_reaches_the_row_that_place_reads);

	tc = fixture_case(s, "reservations");
	tcase_add_checked_fixture(tc, cluster, NULL);
	tcase_add_test(tc, a_reservation_without_times_holds_always);
	tcase_add_test(tc, from_and_until_are_its_period);
	tcase_add_test(tc, what_is_past_has_no_period);
	tcase_add_test(tc, weekly_hours_are_by_the_clocks_of_their_zone);
	tcase_add_test(tc, hours_may_cross_midnight);
	tcase_add_test(tc, hours_count_between_from_and_until_only);
	tcase_add_loop_test(tc, bad_reservations_are_refused, 0,
	    sizeof(bad_reservations) / sizeof(bad_reservations[0]));
	tc = fixture_case(s, "api");
	tcase_add_test(tc, the_api_changes_what_it_says);
	tcase_add_test(tc, an_agent_has_one_backend_and_no_other);
	tcase_add_test(tc, a_removed_one_takes_its_meetings_along);
	return fixture_main(s);
}
