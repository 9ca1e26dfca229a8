/*
 * Connections that are lost, hosts that are away, schemas that do not fit.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/clock.h"
#include "fixture.h"
#include "store/backend.h"
#include "store/frontend.h"
#include "store/schema.h"

static bool
says(PGconn *pg, const char *text)
{
	PGresult	*res = PQexec(pg, text);
	bool		 yes = PQntuples(res) == 1 &&
			    strcmp(PQgetvalue(res, 0, 0), "t") == 0;

	PQclear(res);
	return yes;
}

/*
 * Holds a table until a statement of ours waits for it, ends that one's
 * connection, `times` times over, and lets go.
 */
static void
cutter(const char *table, int times, int ready)
{
	static const char	 waits[] = "SELECT count(*) > 0 FROM"
	    " pg_stat_activity WHERE application_name = 'store-test'"
	    " AND wait_event_type = 'Lock'";
	static const char	 cut[] = "SELECT count(pg_terminate_backend("
	    "pid, 5000)) > 0 FROM pg_stat_activity WHERE application_name ="
	    " 'store-test' AND wait_event_type = 'Lock'";
	const struct timespec	 pause = { 0, 2000000 };
	PGconn			*pg = PQconnectdb(getenv("B3SCALE_TEST_DB"));
	int64_t			 deadline = clock_mono_ms() + 10000;
	char			 text[128];

	snprintf(text, sizeof(text), "BEGIN; LOCK TABLE %s", table);
	PQclear(PQexec(pg, text));
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (; times > 0; times--) {
		while (!says(pg, waits)) {
			if (clock_left_ms(deadline) == 0)
				_exit(2);
			/* What it sees is of one moment in a transaction. */
			PQclear(PQexec(pg, "SELECT pg_stat_clear_snapshot()"));
			nanosleep(&pause, NULL);
		}
		if (!says(pg, cut))
			_exit(3);
		PQclear(PQexec(pg, "SELECT pg_stat_clear_snapshot()"));
	}
	PQclear(PQexec(pg, "ROLLBACK"));
	PQfinish(pg);
	_exit(0);
}

static pid_t
cutter_start(const char *table, int times)
{
	int	fds[2];
	char	byte;
	pid_t	pid;

	ck_assert_int_eq(pipe(fds), 0);
	if ((pid = fork()) == 0)
		cutter(table, times, fds[1]);
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return pid;
}

static void
cutter_end(pid_t pid)
{
	int	status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(a_read_is_tried_once_more)
{
	char		*fe = fixture_frontend("fe");
	struct frontend	 f;
	unsigned	 before;
	pid_t		 pid;

	ck_ok(db_open(db, 1000, &e));
	before = db_generation(db);
	pid = cutter_start("frontends", 1);
	ck_assert_int_eq(frontend_get(db, fe, a, &f, &e), 1);
	ck_assert_str_eq(f.key, "fe");
	ck_assert_uint_eq(db_generation(db), before + 1);
	cutter_end(pid);
}
END_TEST

START_TEST(but_not_twice)
{
	char		*fe = fixture_frontend("fe");
	struct frontend	 f;
	pid_t		 pid;

	ck_ok(db_open(db, 1000, &e));
	pid = cutter_start("frontends", 2);
	ck_assert_int_eq(frontend_get(db, fe, a, &f, &e), -1);
	ck_assert_int_eq(e.code, ERR_STORE);
	cutter_end(pid);
	err_clear(&e);
	ck_assert_int_eq(frontend_get(db, fe, a, &f, &e), 1);
}
END_TEST

START_TEST(a_write_is_not_tried_again)
{
	char	*be = fixture_backend("be");
	pid_t	 pid;

	ck_ok(db_open(db, 1000, &e));
	pid = cutter_start("backend_health", 1);
	ck_assert_int_eq(backend_call_failed(db, be, "why", &e), -1);
	ck_assert_int_eq(e.code, ERR_STORE);
	cutter_end(pid);
	ck_assert_int_eq(sql_int("SELECT failures FROM backend_health"), 0);
	err_clear(&e);
	ck_ok(backend_call_failed(db, be, "why", &e));
	ck_assert_int_eq(sql_int("SELECT failures FROM backend_health"), 1);
}
END_TEST

/* A socket where libpq looks for one, bound or connected. */
static int
socket_in(const char *dir, int (*use)(int, const struct sockaddr *,
    socklen_t))
{
	struct sockaddr_un	 sun = { .sun_family = AF_UNIX };
	int			 fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/.s.PGSQL.5432", dir);
	ck_assert_int_eq(use(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static struct db *
hosts_db(const char *list)
{
	return fixture_db(arena_printf(a, "host=%s dbname=b3scale"
	    " user=postgres", list), 2000);
}

/* One that accepts connections and never says a word. */
static char *
silent_host(void)
{
	char	*dir = arena_printf(a, "%s/silent-XXXXXX",
		    getenv("B3SCALE_TEST_DIR"));

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(listen(socket_in(dir, bind), 8), 0);
	return dir;		/* the socket ends with the test's process */
}

/* What the client says goes on at once, each answer so much later. */
static void
pass_slowly(int client, int host, int ms)
{
	const struct timespec	 late = { 0, ms * 1000000L };
	struct pollfd		 p[2] = { { client, POLLIN, 0 },
				    { host, POLLIN, 0 } };
	char			 piece[8192];
	ssize_t			 n;

	while (poll(p, 2, 10000) > 0) {
		if (p[1].revents != 0)
			nanosleep(&late, NULL);
		n = read(p[0].revents != 0 ? client : host, piece,
		    sizeof(piece));
		if (n <= 0 || write(p[0].revents != 0 ? host : client, piece,
		    (size_t)n) != n)
			return;
	}
}

/*
 * Two answers make a connection.  Of several hosts each answer has its time,
 * not both together; the only one has a statement's.
 */
static const struct {
	int		 ms;
	const char	*others;
} slow[] = {
	{ FIXTURE_CONNECT_MS * 3 / 5, ",/nonexistent" },
	{ FIXTURE_CONNECT_MS * 7 / 5, "" }
};

START_TEST(a_slow_host_is_waited_for)
{
	char		*dir = arena_printf(a, "%s/slow-XXXXXX",
			    getenv("B3SCALE_TEST_DIR"));
	struct db	*d;
	int		 fd;
	pid_t		 pid;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	fd = socket_in(dir, bind);
	ck_assert_int_eq(listen(fd, 8), 0);
	if ((pid = fork()) == 0) {
		pass_slowly(accept(fd, NULL, NULL),
		    socket_in(getenv("B3SCALE_TEST_DIR"), connect),
		    slow[_i].ms);
		_exit(0);
	}
	close(fd);
	d = hosts_db(arena_printf(a, "%s%s", dir, slow[_i].others));
	ck_ok(db_open(d, 5000, &e));
	db_free(d);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

START_TEST(the_next_host_is_taken)
{
	const char	*dir = getenv("B3SCALE_TEST_DIR");
	const char	*silent = silent_host();
	const char	*lists[] = {
		arena_printf(a, "/nonexistent,%s", dir),
		arena_printf(a, "%s,%s", silent, dir),
		arena_printf(a, "%s,/nonexistent,%s", silent, dir),
	};
	struct db	*d = hosts_db(lists[_i]);
	int64_t		 begin;

	ck_ok(db_open(d, 3000, &e));
	/* The one that was good is the first that is tried again. */
	sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
	    " WHERE application_name = 'store-test'");
	begin = clock_mono_ms();
	ck_ok(backend_call_failed(d, fixture_backend("be"), "why", &e));
	ck_assert_int_lt(clock_mono_ms() - begin, 400);
	db_free(d);
}
END_TEST

START_TEST(a_host_that_takes_no_writes_is_none)
{
	struct db	*d = hosts_db(getenv("B3SCALE_TEST_DIR"));

	sql("ALTER DATABASE b3scale SET default_transaction_read_only = on");
	ck_assert_int_eq(db_open(d, 300, &e), -1);
	sql("BEGIN READ WRITE; ALTER DATABASE b3scale RESET"
	    " default_transaction_read_only; COMMIT");
	ck_assert_int_eq(e.code, ERR_STORE);
	err_clear(&e);
	ck_ok(db_open(d, 3000, &e));
	db_free(d);
}
END_TEST

/* What a new connection is told. */
static void
refused_with(const char *text)
{
	struct db	*d = fixture_db(NULL, 2000);

	err_clear(&e);
	ck_assert_int_eq(db_open(d, 2000, &e), -1);
	ck_assert_int_eq(e.code, ERR_SCHEMA);
	ck_assert_str_eq(e.text, text);
	db_free(d);
}

START_TEST(a_program_outside_the_range_is_told_what_mends_it)
{
	struct db	*d;

	sql("CREATE TABLE kept AS SELECT * FROM schema_version");
	sql("DELETE FROM schema_version WHERE version = %d", SCHEMA_VERSION);
	refused_with(arena_printf(a, "the database's schema is version %d,"
	    " this program needs %d: run b3scale-schema apply",
	    SCHEMA_VERSION - 1, SCHEMA_VERSION));
	sql("DELETE FROM schema_version");
	refused_with(arena_printf(a, "the database's schema is version 0,"
	    " this program needs %d: run b3scale-schema apply",
	    SCHEMA_VERSION));
	sql("INSERT INTO schema_version SELECT * FROM kept");
	sql("INSERT INTO schema_version VALUES (1000, 'new', %d)",
	    SCHEMA_VERSION + 1);
	refused_with(arena_printf(a, "the database's schema is version 1000"
	    " and serves programs from %d on, this one is %d: install the"
	    " newer b3scale, then run b3scale-reload", SCHEMA_VERSION + 1,
	    SCHEMA_VERSION));
	/* A rolling upgrade: newer, and it serves this one still. */
	sql("UPDATE schema_version SET compatible_from = %d"
	    " WHERE version = 1000", SCHEMA_VERSION);
	err_clear(&e);
	d = fixture_db(NULL, 2000);
	ck_ok(db_open(d, 2000, &e));
	db_free(d);
	sql("DELETE FROM schema_version WHERE version = 1000;"
	    " DROP TABLE kept");
	sql("ALTER TABLE schema_version RENAME TO elsewhere");
	refused_with("the database holds no schema: run b3scale-schema"
	    " apply");
	sql("ALTER TABLE elsewhere RENAME TO schema_version");
}
END_TEST

/* Four at once on an empty database: each succeeds, each file counts once. */
START_TEST(the_schema_may_be_applied_by_several_at_once)
{
	const char	*apply = "\"$B3SCALE_TEST_SCHEMA\" -s"
	    " \"$B3SCALE_TEST_SQLDIR\" -d \"host=$B3SCALE_TEST_DIR"
	    " user=postgres dbname=twice\" apply >/dev/null";
	PGconn		*pg;
	PGresult	*res;
	int		 i;

	sql("CREATE DATABASE twice");
	ck_assert_int_eq(system(arena_printf(a, "for i in 1 2 3 4; do"
	    " { %s || : >\"$B3SCALE_TEST_DIR/refused\"; } & done; wait;"
	    " [ ! -e \"$B3SCALE_TEST_DIR/refused\" ]", apply)), 0);
	pg = PQconnectdb(arena_printf(a, "host=%s user=postgres dbname=twice",
	    getenv("B3SCALE_TEST_DIR")));
	res = PQexec(pg, "SELECT version FROM schema_version ORDER BY 1");
	ck_assert_int_eq(PQntuples(res), SCHEMA_VERSION);
	for (i = 0; i < SCHEMA_VERSION; i++)
		ck_assert_int_eq(atoi(PQgetvalue(res, i, 0)), i + 1);
	PQclear(res);
	PQfinish(pg);
	sql("DROP DATABASE twice");
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("db");
	TCase	*tc = fixture_case(s, "all");

	tcase_add_test(tc, a_read_is_tried_once_more);
	tcase_add_test(tc, but_not_twice);
	tcase_add_test(tc, a_write_is_not_tried_again);
	tcase_add_loop_test(tc, the_next_host_is_taken, 0, 3);
	tcase_add_loop_test(tc, a_slow_host_is_waited_for, 0, 2);
	tcase_add_test(tc, a_host_that_takes_no_writes_is_none);
	tcase_add_test(tc,
	    a_program_outside_the_range_is_told_what_mends_it);
	tcase_add_test(tc, the_schema_may_be_applied_by_several_at_once);
	return fixture_main(s);
}
