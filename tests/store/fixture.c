/*
 * The throwaway server's connections and rows for the store tests.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "base/log.h"

struct arena	*a;
struct db	*db, *db2;
struct err	 e;
static PGconn	*raw;

static void
silent(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

/* A dead connection is made anew: tests stop the server on purpose. */
static PGresult *
run(const char *fmt, va_list ap)
{
	char		*text = arena_vprintf(a, fmt, ap);
	PGresult	*res = NULL;
	int		 tries;

	for (tries = 0; tries < 2; tries++) {
		PQclear(res);
		if (raw == NULL)
			raw = PQconnectdb(getenv("B3SCALE_TEST_DB"));
		PQsetNoticeProcessor(raw, silent, NULL);
		res = PQexec(raw, text);
		if (PQstatus(raw) == CONNECTION_OK)
			return res;
		PQfinish(raw);
		raw = NULL;
	}
	ck_abort_msg("no connection for %s", text);
	return NULL;
}

static void
expect_ok(PGresult *res)
{
	ck_assert_msg(PQresultStatus(res) == PGRES_TUPLES_OK ||
	    PQresultStatus(res) == PGRES_COMMAND_OK, "%s",
	    PQresultErrorMessage(res));
}

void
sql(const char *fmt, ...)
{
	va_list		 ap;
	PGresult	*res;

	va_start(ap, fmt);
	res = run(fmt, ap);
	va_end(ap);
	expect_ok(res);
	PQclear(res);
}

static char *
value(const char *fmt, va_list ap)
{
	PGresult	*res = run(fmt, ap);
	char		*s = NULL;

	expect_ok(res);
	ck_assert_int_le(PQntuples(res), 1);
	if (PQntuples(res) == 1 && !PQgetisnull(res, 0, 0))
		s = arena_strdup(a, PQgetvalue(res, 0, 0));
	PQclear(res);
	return s;
}

#define VALUE(s, fmt) do {						\
	va_list	ap_;							\
	va_start(ap_, fmt);						\
	s = value(fmt, ap_);						\
	va_end(ap_);							\
} while (0)

char *
sql_text(const char *fmt, ...)
{
	char	*s;

	VALUE(s, fmt);
	return s;
}

long long
sql_int(const char *fmt, ...)
{
	char	*s;

	VALUE(s, fmt);
	ck_assert_ptr_nonnull(s);
	return strtoll(s, NULL, 10);
}

double
sql_real(const char *fmt, ...)
{
	char	*s;

	VALUE(s, fmt);
	ck_assert_ptr_nonnull(s);
	return strtod(s, NULL);
}

bool
sql_true(const char *fmt, ...)
{
	char	*s;

	VALUE(s, fmt);
	return s != NULL && s[0] == 't';
}

char *
sql_error(const char *fmt, ...)
{
	va_list		 ap;
	PGresult	*res;
	const char	*why;
	char		*s;

	va_start(ap, fmt);
	res = run(fmt, ap);
	va_end(ap);
	why = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	ck_assert_msg(why != NULL, "no error");
	s = arena_strdup(a, why);
	PQclear(res);
	return s;
}

void
await_true(const char *fmt, ...)
{
	const struct timespec	 pause = { 0, 5000000 };
	int64_t			 deadline = clock_mono_ms() + 10000;
	char			*s;

	for (;;) {
		VALUE(s, fmt);
		if (s != NULL && s[0] == 't')
			return;
		ck_assert_msg(clock_left_ms(deadline) > 0, "never: %s", fmt);
		nanosleep(&pause, NULL);
	}
}

struct db *
fixture_db(const char *conninfo, int statement_ms)
{
	struct db_opts	 o = { conninfo != NULL ? conninfo :
	    getenv("B3SCALE_TEST_DB"), "store-test", FIXTURE_CONNECT_MS,
	    statement_ms };
	struct db	*d = db_new(&o, &e);

	ck_assert_msg(d != NULL, "%s", e.text);
	return d;
}

/* Slots of backends, so that children of a test need not ask for them. */
#define KNOWN_MAX	1100
static struct {
	const char	*id;
	int		 slot;
} known[KNOWN_MAX];
static size_t	nknown;

static void
setup(void)
{
	a = arena_new();
	err_clear(&e);
	nknown = 0;
	sql("DELETE FROM reservations; DELETE FROM frontends;"
	    " DELETE FROM audit;"
	    " DELETE FROM backends; DELETE FROM commands; DELETE FROM alarms");
	db = fixture_db(NULL, 10000);
	db2 = fixture_db(NULL, 10000);
}

static void
teardown(void)
{
	db_free(db);
	db_free(db2);
	PQfinish(raw);
	raw = NULL;
	arena_free(a);
}

TCase *
fixture_case(Suite *s, const char *name)
{
	TCase	*tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return tc;
}

int
fixture_main(Suite *s)
{
	SRunner	*sr = srunner_create(s);
	int	 failed;

	if (getenv("B3SCALE_TEST_DB") == NULL) {
		fprintf(stderr, "run it by with-postgres\n");
		return 77;
	}
	log_open("check", LOG_TO_STDERR, LOG_LEVEL_ERROR, LOG_AS_TEXT);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

char *
fixture_frontend(const char *key)
{
	return sql_text("INSERT INTO frontends (key, secret)"
	    " VALUES ('%s', 'secret of %s') RETURNING id", key, key);
}

static int
slot_learn(const char *id)
{
	ck_assert_uint_lt(nknown, KNOWN_MAX);
	known[nknown].id = id;
	known[nknown].slot = (int)sql_int("SELECT slot FROM backends"
	    " WHERE id = '%s'", id);
	return known[nknown++].slot;
}

/* Lists mostly name them in the order in which they became known. */
static int
slot_of(const char *id, size_t hint)
{
	size_t	i, k;

	for (i = 0; i < nknown; i++) {
		k = (hint + i) % nknown;
		if (strcmp(known[k].id, id) == 0)
			return known[k].slot;
	}
	return slot_learn(id);
}

char *
fixture_backend(const char *host)
{
	char	*id = sql_text("INSERT INTO backends (host, secret)"
	    " VALUES ('http://%s/', 'secret of %s') RETURNING id", host,
	    host);

	slot_learn(id);
	return id;
}

struct place_req
fixture_place(const char *frontend, const char *meeting,
    const char *const *backends)
{
	struct place_req	q = { .frontend_id = frontend,
	    .meeting_id = meeting, .expected = 15,
	    .fade_s = 1800, .agent_timeout_ms = 5000,
	    .attendee_pw = "ap", .moderator_pw = "mp", .voice_bridge = "",
	    .name = "Room", .metadata = "", .params = "name=Room" };

	int			*slots;
	size_t			 i;

	q.backend_meeting_id = arena_printf(a, "enc-%s", meeting);
	while (backends[q.ncandidates] != NULL)
		q.ncandidates++;
	slots = arena_zalloc(a, q.ncandidates + 1, sizeof(*slots));
	for (i = 0; i < q.ncandidates; i++)
		slots[i] = slot_of(backends[i], i);
	q.candidates = slots;
	return q;
}

long long
fixture_meeting(const char *frontend, const char *meeting,
    const char *backend, const char *internal_id)
{
	const char		*list[] = { backend, NULL };
	struct place_req	 q = fixture_place(frontend, meeting, list);
	struct meeting_created	 c = { .internal_id = internal_id,
	    .create_time = 1731999600123, .create_date = "Tue Nov 19",
	    .attendee_pw = "ap", .moderator_pw = "mp",
	    .voice_bridge = "70001", .dial_number = "613" };
	struct placed		 p;

	ck_ok(place(db, &q, a, &p, &e));
	ck_assert_int_eq(p.outcome, PLACE_NEW);
	c.row = p.meeting.row;
	c.attempt = p.meeting.attempt;
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	return c.row;
}

void
server(const char *verb, const char *arg)
{
	char	*cmd = arena_printf(a, "\"$B3SCALE_TEST_CTL\" -c %s %s", verb,
	    arg == NULL ? "" : arg);

	ck_assert_int_eq(system(cmd), 0);
}
