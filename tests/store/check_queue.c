/*
 * Commands: kept once, taken by one at a time, done whole or not at all.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "store/queue.h"

#define NOBODY	"00000000-0000-0000-0000-000000000001"

static char *
params(const char *backend)
{
	return arena_printf(a, "{\"BackendID\": \"%s\"}", backend);
}

static char *
wanted(const char *action, const char *json)
{
	char	*id;

	ck_ok(queue_enqueue(db, action, json, 120, a, &id, &e));
	return id;
}

static struct commands
claimed(struct db *by)
{
	struct commands	c = { 0 };

	ck_ok(queue_claim(by, 100, 30000, a, &c, &e));
	return c;
}

static struct command
only(void)
{
	struct commands	c = claimed(db);

	ck_assert_uint_eq(c.n, 1);
	return c.v[0];
}

static struct command
read_back(const char *id)
{
	struct command	c = { 0 };

	ck_assert_int_eq(queue_get(db, id, a, &c, &e), 1);
	return c;
}

/* Leases are over, delays too. */
static void
make_due(void)
{
	sql("UPDATE commands SET next_at = now()"
	    " WHERE state IN ('requested', 'running')");
}

/* Within a second before ms. */
static void
next_in(int ms)
{
	int	next = queue_next(db, 60000, &e);

	ck_assert_int_gt(next, ms - 1000);
	ck_assert_int_le(next, ms);
}

static void
refused(const char *action, const char *json, const char *text)
{
	char	*id;

	err_clear(&e);
	ck_assert_int_eq(queue_enqueue(db, action, json, 120, a, &id, &e),
	    -1);
	ck_assert_int_eq(e.code, ERR_INPUT);
	ck_assert_msg(strstr(e.text, text) != NULL, "%s", e.text);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM commands"), 0);
}

START_TEST(what_cannot_be_done_is_refused)
{
	refused("dance", "{\"id\": \"" NOBODY "\"}", "commands_action");
	refused("drain", "{}", "params: backend_id is missing");
	refused("drain", NULL, "params: backend_id is missing");
	refused("drain", "[]", "params: backend_id is missing");
	refused("end_all_meetings", "{\"id\": \"x\"}",
	    "params: backend_id is no uuid");
	refused("drain", "{\"id\": \"" NOBODY "\", \"end_after\": -1}",
	    "params: end_after is not 0 to 2592000 seconds");
	refused("drain", "{\"id\": \"" NOBODY "\", \"end_after\": \"1\"}",
	    "params: end_after is not 0 to 2592000 seconds");
	refused("drain", "{", "json");
}
END_TEST

START_TEST(a_new_one_is_requested)
{
	char		*id = wanted("end_all_meetings", params(NOBODY));
	struct command	 c = read_back(id);
	struct commands	 all;

	ck_assert_str_eq(c.id, id);
	ck_assert_str_eq(c.state, "requested");
	ck_assert_str_eq(c.action, "end_all_meetings");
	ck_assert_str_eq(c.params, params(NOBODY));
	ck_assert_str_eq(c.backend_id, NOBODY);
	ck_assert_ptr_null(c.result);
	ck_assert_ptr_null(c.started_at);
	ck_assert_ptr_null(c.stopped_at);
	ck_assert_uint_eq(strlen(c.created_at),
	    strlen("2000-01-01T00:00:00.000000Z"));
	ck_assert_int_eq(sql_int("SELECT round(extract(epoch FROM '%s'"
	    "::timestamptz - '%s'::timestamptz))", c.deadline,
	    c.created_at), 120);
	ck_ok(queue_list(db, a, &all, &e));
	ck_assert_uint_eq(all.n, 1);
	ck_assert_str_eq(all.v[0].id, id);
	ck_assert_int_eq(queue_get(db, NOBODY, a, &c, &e), 0);
	ck_assert_int_eq(queue_get(db, "x", a, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_INPUT);
}
END_TEST

START_TEST(each_name_of_the_backend_is_taken)
{
	static const char *const	names[] = { "ID", "id", "BackendID",
					    "backend_id" };
	size_t				i;
	char				*id, *first = NULL;

	for (i = 0; i < 4; i++) {
		id = wanted("update_node_state", arena_printf(a,
		    "{\"%s\": \"" NOBODY "\"}", names[i]));
		if (first == NULL)
			first = id;
		ck_assert_str_eq(id, first);
	}
	ck_assert_str_eq(read_back(first).backend_id, NOBODY);
}
END_TEST

START_TEST(the_same_wish_is_kept_once)
{
	char		*id, *again;
	struct command	 c;

	ck_assert_int_eq(queue_enqueue(db, "collect_garbage", NULL, 120, a,
	    &id, &e), 1);
	ck_assert_int_eq(queue_enqueue(db, "collect_garbage", NULL, 120, a,
	    &again, &e), 0);
	ck_assert_str_eq(id, again);
	ck_assert_int_eq(queue_enqueue(db, "end_all_meetings",
	    params(NOBODY), 120, a, &again, &e), 1);
	/* One that is being worked off may have looked already. */
	c = claimed(db).v[0];
	ck_assert_str_eq(c.id, id);
	ck_assert_int_eq(queue_enqueue(db, "collect_garbage", NULL, 120, a,
	    &again, &e), 1);
	ck_assert_str_ne(id, again);
}
END_TEST

START_TEST(each_is_taken_by_one_in_order)
{
	char		*one = wanted("collect_garbage", NULL);
	char		*two = wanted("end_all_meetings", params(NOBODY));
	struct commands	 c;

	ck_ok(queue_claim(db, 1, 30000, a, &c, &e));
	ck_assert_uint_eq(c.n, 1);
	ck_assert_str_eq(c.v[0].id, one);
	ck_assert_str_eq(c.v[0].state, "running");
	ck_assert_int_eq(c.v[0].attempts, 1);
	ck_assert_ptr_nonnull(c.v[0].started_at);
	c = claimed(db2);
	ck_assert_uint_eq(c.n, 1);
	ck_assert_str_eq(c.v[0].id, two);
	ck_assert_uint_eq(claimed(db).n, 0);
}
END_TEST

START_TEST(what_another_is_taking_is_passed_over)
{
	char	*two;

	sql("SELECT command_enqueue('collect_garbage', NULL, 120)");
	two = wanted("end_all_meetings", params(NOBODY));
	sql("BEGIN; SELECT FROM commands WHERE action = 'collect_garbage'"
	    " FOR UPDATE");
	ck_assert_str_eq(only().id, two);
	sql("COMMIT");
}
END_TEST

START_TEST(a_lease_ends_and_only_the_last_one_speaks)
{
	char		*id = wanted("collect_garbage", NULL);
	struct command	 first = only(), second;

	make_due();
	second = only();
	ck_assert_str_eq(second.id, id);
	ck_assert_int_eq(second.attempts, 2);
	ck_assert_str_eq(second.started_at, first.started_at);
	ck_assert_int_eq(queue_extend(db, &first, 30000, &e), 0);
	ck_assert_int_eq(queue_finish(db, &first, true, "true", &e), 0);
	ck_assert_int_eq(queue_fail(db, &first, "late", &e), 0);
	ck_assert_int_eq(queue_again(db, &first, 0, &e), 0);
	ck_assert_str_eq(read_back(id).state, "running");
	ck_assert_int_eq(queue_finish(db, &second, true, "{\"n\": 3}", &e),
	    1);
	ck_assert_int_eq(queue_fail(db, &second, "twice", &e), 0);
	second = read_back(id);
	ck_assert_str_eq(second.state, "success");
	ck_assert_str_eq(second.result, "{\"n\": 3}");
	ck_assert_ptr_nonnull(second.stopped_at);
	make_due();
	ck_assert_uint_eq(claimed(db).n, 0);
}
END_TEST

START_TEST(whoever_goes_on_keeps_it)
{
	struct command	c;

	wanted("collect_garbage", NULL);
	c = only();
	make_due();
	ck_assert_int_eq(queue_extend(db, &c, 30000, &e), 1);
	ck_assert_uint_eq(claimed(db2).n, 0);
	next_in(30000);
}
END_TEST

START_TEST(an_error_is_kept_as_it_is_said)
{
	char		*id = wanted("collect_garbage", NULL);
	struct command	 c = only();

	ck_assert_int_eq(queue_fail(db, &c, "say \"no\"", &e), 1);
	c = read_back(id);
	ck_assert_str_eq(c.state, "error");
	ck_assert_str_eq(c.result, "\"say \\\"no\\\"\"");
}
END_TEST

START_TEST(what_is_given_back_comes_again)
{
	struct command	c;

	wanted("collect_garbage", NULL);
	ck_assert_int_eq(queue_next(db, 60000, &e), 0);
	c = only();
	ck_assert_int_eq(queue_again(db, &c, 5000, &e), 1);
	ck_assert_uint_eq(claimed(db2).n, 0);
	ck_assert_int_eq(queue_next(db, 1000, &e), 1000);
	next_in(5000);
	make_due();
	ck_assert_uint_eq(claimed(db2).n, 1);
	sql("DELETE FROM commands");
	ck_assert_int_eq(queue_next(db, 1234, &e), 1234);
}
END_TEST

START_TEST(what_nobody_did_in_time_has_failed)
{
	char		*id = wanted("collect_garbage", NULL);
	struct command	 held;

	sql("UPDATE commands SET deadline = now()");
	ck_assert_uint_eq(claimed(db).n, 0);
	ck_assert_str_eq(read_back(id).state, "error");
	ck_assert_str_eq(read_back(id).result, "\"timedout\"");

	/* Whoever works on it may finish it, while his lease lasts. */
	id = wanted("collect_garbage", NULL);
	held = only();
	sql("UPDATE commands SET deadline = now() WHERE id = '%s'", id);
	ck_assert_uint_eq(claimed(db2).n, 0);
	ck_assert_int_eq(queue_finish(db, &held, true, "true", &e), 1);
}
END_TEST

START_TEST(a_new_one_is_notified)
{
	struct pollfd	 fd = { .events = POLLIN };
	char		*payload;

	ck_ok(queue_listen(db2, &e));
	ck_assert_int_eq(db_notice(db2, a, &payload), 0);
	wanted("collect_garbage", NULL);
	fd.fd = db_fd(db2);
	ck_assert_int_eq(poll(&fd, 1, 10000), 1);
	ck_assert_int_eq(db_notice(db2, a, &payload), 1);
}
END_TEST

/* Drains */

static enum queue_step
drain_step(void)
{
	struct command	c = only();
	enum queue_step	step;

	ck_ok(queue_drain(db, &c, &step, &e));
	return step;
}

static char *
admin_state(const char *backend)
{
	return sql_text("SELECT admin_state FROM backends WHERE id = '%s'",
	    backend);
}

START_TEST(a_drain_ends_when_its_server_is_empty)
{
	char		*f = fixture_frontend("f"), *b = fixture_backend("a");
	long long	 row = fixture_meeting(f, "m", b, "i-1");
	char		*id = wanted("drain", params(b));

	ck_assert_int_eq(drain_step(), QUEUE_WAITS);
	ck_assert_str_eq(admin_state(b), "stopped");
	make_due();
	ck_assert_int_eq(drain_step(), QUEUE_WAITS);
	ck_assert_str_eq(read_back(id).state, "running");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM meetings"
	    " WHERE state = 'living'"), 1);
	sql("SELECT meeting_end(%lld, NULL)", row);
	make_due();
	ck_assert_int_eq(drain_step(), QUEUE_DONE);
	ck_assert_str_eq(read_back(id).state, "success");
	ck_assert_str_eq(read_back(id).result, "true");
	ck_assert_str_eq(admin_state(b), "stopped");
}
END_TEST

START_TEST(an_empty_server_is_looked_at_twice)
{
	char	*b = fixture_backend("a");
	char	*id = wanted("drain", params(b));

	/* A create that chose it before may be on its way. */
	ck_assert_int_eq(drain_step(), QUEUE_WAITS);
	next_in(2000);
	make_due();
	ck_assert_int_eq(drain_step(), QUEUE_DONE);
	ck_assert_str_eq(read_back(id).state, "success");
}
END_TEST

START_TEST(at_its_end_a_drain_ends_what_is_left)
{
	char	*b = fixture_backend("a");
	char	*id = wanted("drain", arena_printf(a,
		    "{\"id\": \"%s\", \"end_after\": 0}", b));

	fixture_meeting(fixture_frontend("f"), "m", b, "i-1");
	ck_assert_int_eq(drain_step(), QUEUE_WAITS);
	make_due();
	ck_assert_int_eq(drain_step(), QUEUE_END);
	ck_assert_str_eq(read_back(id).state, "running");
}
END_TEST

START_TEST(an_admin_may_change_a_drain)
{
	char		*b = fixture_backend("a");
	char		*id = wanted("drain", params(b)), *again;
	struct command	 c;

	drain_step();
	ck_assert_int_eq(queue_enqueue(db, "drain", arena_printf(a,
	    "{\"id\": \"%s\", \"end_after\": 60}", b), 120, a, &again, &e), 0);
	ck_assert_str_eq(id, again);
	ck_assert_int_eq(sql_int("SELECT round(extract(epoch FROM"
	    " end_at - now())) FROM commands"), 60);
	/* Or call it off. */
	sql("UPDATE backends SET admin_state = 'ready'");
	make_due();
	ck_assert_int_eq(drain_step(), QUEUE_DONE);
	c = read_back(id);
	ck_assert_str_eq(c.state, "error");
	ck_assert_str_eq(c.result, "\"the backend is ready again\"");
	ck_assert_str_eq(admin_state(b), "ready");
}
END_TEST

START_TEST(no_server_no_drain)
{
	char	*id = wanted("drain", params(NOBODY));

	ck_assert_int_eq(drain_step(), QUEUE_DONE);
	ck_assert_str_eq(read_back(id).state, "error");
	ck_assert_str_eq(read_back(id).result,
	    "\"no such backend: " NOBODY "\"");
}
END_TEST

START_TEST(a_stalled_job_stops_no_server)
{
	char		*b = fixture_backend("a");
	struct command	 c;
	enum queue_step	 step;

	wanted("drain", params(b));
	c = only();
	make_due();
	only();
	ck_ok(queue_drain(db, &c, &step, &e));
	ck_assert_int_eq(step, QUEUE_LOST);
	ck_assert_str_eq(admin_state(b), "ready");
}
END_TEST

/* Decommissions */

static enum queue_step
decommission_step(void)
{
	struct command	c = only();
	enum queue_step	step;

	ck_ok(queue_decommission(db, &c, &step, &e));
	return step;
}

START_TEST(a_server_with_people_on_it_stays)
{
	char	*b = fixture_backend("a");
	char	*id = wanted("decommission_backend", params(b));

	sql("UPDATE meetings SET running = true WHERE id = %lld",
	    fixture_meeting(fixture_frontend("f"), "m", b, "i-1"));
	ck_assert_int_eq(decommission_step(), QUEUE_DONE);
	ck_assert_str_eq(read_back(id).state, "success");
	ck_assert_str_eq(read_back(id).result, "false");
	ck_assert_str_eq(admin_state(b), "ready");
}
END_TEST

START_TEST(a_server_is_removed_with_its_meetings)
{
	char	*f = fixture_frontend("f"), *b = fixture_backend("a");
	char	*other = fixture_backend("b");
	char	*id = wanted("decommission_backend", params(b));

	fixture_meeting(f, "m", b, "i-1");
	fixture_meeting(f, "stays", other, "i-2");
	ck_assert_int_eq(decommission_step(), QUEUE_WAITS);
	ck_assert_str_eq(admin_state(b), "decommissioned");
	make_due();
	ck_assert_int_eq(decommission_step(), QUEUE_DONE);
	ck_assert_str_eq(read_back(id).result, "true");
	ck_assert_ptr_null(admin_state(b));
	ck_assert_str_eq(sql_text("SELECT meeting_id FROM meetings"),
	    "stays");
	ck_assert_str_eq(sql_text("SELECT internal_id FROM ended_meetings"),
	    "i-1");
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 1);
	/* Once more is once too often. */
	id = wanted("decommission_backend", params(b));
	ck_assert_int_eq(decommission_step(), QUEUE_DONE);
	ck_assert_str_eq(read_back(id).state, "error");
}
END_TEST

START_TEST(a_failed_server_is_removed_whatever_ran_on_it)
{
	char	*b = fixture_backend("a");

	sql("UPDATE meetings SET running = true WHERE id = %lld",
	    fixture_meeting(fixture_frontend("f"), "m", b, "i-1"));
	sql("UPDATE backends SET node_state = 'error'");
	wanted("decommission_backend", params(b));
	ck_assert_int_eq(decommission_step(), QUEUE_WAITS);
	make_due();
	ck_assert_int_eq(decommission_step(), QUEUE_DONE);
	ck_assert_ptr_null(admin_state(b));
	ck_assert_int_eq(sql_int("SELECT meetings FROM frontend_load"), 0);
}
END_TEST

START_TEST(a_stalled_job_removes_nothing)
{
	char		*b = fixture_backend("a");
	struct command	 c;
	enum queue_step	 step;

	wanted("decommission_backend", params(b));
	decommission_step();
	make_due();
	c = only();
	make_due();
	only();
	ck_ok(queue_decommission(db, &c, &step, &e));
	ck_assert_int_eq(step, QUEUE_LOST);
	ck_assert_str_eq(admin_state(b), "decommissioned");
}
END_TEST

/* Takes what is due until there is nothing, but dies at random. */
static void __attribute__((noreturn))
job(unsigned seed)
{
	struct db	*own = fixture_db(NULL, 2000);
	struct commands	 c;
	size_t		 i;

	if (db_open(own, 5000, &e) == -1)
		_exit(1);
	do {
		if (queue_claim(own, 3, 60000, a, &c, &e) == -1)
			_exit(1);
		for (i = 0; i < c.n; i++) {
			if (rand_r(&seed) % 8 == 0)
				(void)kill(getpid(), SIGKILL);
			if (queue_finish(own, &c.v[i], true, "true", &e) != 1)
				_exit(1);
		}
	} while (c.n > 0);
	_exit(0);
}

START_TEST(killed_jobs_leave_nothing_undone)
{
	unsigned	 seed = 1;
	int		 i, status;
	pid_t		 pid;

	sql("SELECT command_enqueue('update_node_state', jsonb_build_object("
	    "'ID', gen_random_uuid()), 600) FROM generate_series(1, 60)");
	while (sql_int("SELECT count(*) FROM commands"
	    " WHERE state <> 'success'") > 0) {
		seed++;
		make_due();
		for (i = 0; i < 3; i++) {
			if ((pid = fork()) == 0)
				job(seed * 16 + (unsigned)i);
			ck_assert_int_ne(pid, -1);
		}
		for (i = 0; i < 3; i++) {
			ck_assert_int_ne(wait(&status), -1);
			ck_assert(WIFSIGNALED(status) ||
			    WEXITSTATUS(status) == 0);
		}
		ck_assert_int_lt((int)seed, 200);
	}
	ck_assert_int_eq(sql_int("SELECT count(*) FROM commands"), 60);
}
END_TEST

static void
add_queue(TCase *t)
{
	tcase_add_test(t, what_cannot_be_done_is_refused);
	tcase_add_test(t, a_new_one_is_requested);
	tcase_add_test(t, each_name_of_the_backend_is_taken);
	tcase_add_test(t, the_same_wish_is_kept_once);
	tcase_add_test(t, each_is_taken_by_one_in_order);
	tcase_add_test(t, what_another_is_taking_is_passed_over);
	tcase_add_test(t, a_lease_ends_and_only_the_last_one_speaks);
	tcase_add_test(t, whoever_goes_on_keeps_it);
	tcase_add_test(t, an_error_is_kept_as_it_is_said);
	tcase_add_test(t, what_is_given_back_comes_again);
	tcase_add_test(t, what_nobody_did_in_time_has_failed);
	tcase_add_test(t, a_new_one_is_notified);
	tcase_add_test(t, killed_jobs_leave_nothing_undone);
}

static void
add_steps(TCase *t)
{
	tcase_add_test(t, a_drain_ends_when_its_server_is_empty);
	tcase_add_test(t, an_empty_server_is_looked_at_twice);
	tcase_add_test(t, at_its_end_a_drain_ends_what_is_left);
	tcase_add_test(t, an_admin_may_change_a_drain);
	tcase_add_test(t, no_server_no_drain);
	tcase_add_test(t, a_stalled_job_stops_no_server);
	tcase_add_test(t, a_server_with_people_on_it_stays);
	tcase_add_test(t, a_server_is_removed_with_its_meetings);
	tcase_add_test(t, a_failed_server_is_removed_whatever_ran_on_it);
	tcase_add_test(t, a_stalled_job_removes_nothing);
}

int
main(void)
{
	Suite	*s = suite_create("queue");

	add_queue(fixture_case(s, "queue"));
	add_steps(fixture_case(s, "steps"));
	return fixture_main(s);
}
