/*
 * Callbacks: stored once, taken by one at a time, tried until they are given up.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "store/callback.h"

#define DAY	86400
#define NOBODY	"00000000-0000-0000-0000-000000000000"

static struct callback
end_of(const char *frontend)
{
	struct callback	c = { .kind = CALLBACK_END, .frontend_id = frontend,
	    .url = "https://fe.example.org/end?a=b", .query = "x=1",
	    .body = "", .token = "" };

	return c;
}

static void
stored(const char *frontend)
{
	struct callback	c = end_of(frontend);

	ck_assert_int_eq(callback_store(db, &c, &e), 1);
}

/* All that are due, for a minute. */
static struct callback_dues
claimed(struct db *by)
{
	struct callback_dues	d = { 0 };

	ck_ok(callback_claim(by, 100, 60, DAY, a, &d, &e));
	return d;
}

static struct callback_due
only(void)
{
	struct callback_dues	d = claimed(db);

	ck_assert_uint_eq(d.n, 1);
	return d.v[0];
}

static int
failed(const struct callback_due *d, const char *error)
{
	const struct callback_result	r = { .status = 500, .error = error,
	    .give_up_s = DAY };

	return callback_done(db, d, &r, &e);
}

static int
delivered(const struct callback_due *d)
{
	const struct callback_result	r = { .ok = true, .status = 200,
	    .give_up_s = DAY };

	return callback_done(db, d, &r, &e);
}

static void
make_due(void)
{
	sql("UPDATE callbacks SET next_at = now()");
}

START_TEST(of_no_frontend_nothing_is_kept)
{
	struct callback	c = end_of(NOBODY);

	ck_assert_int_eq(callback_store(db, &c, &e), 0);
	c.frontend_id = "no uuid";
	ck_assert_int_eq(callback_store(db, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_INPUT);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 0);
}
END_TEST

START_TEST(what_goes_in_comes_out)
{
	char			*f = fixture_frontend("f");
	struct callback		 c = { CALLBACK_ANALYTICS, f, "http://u/?q",
				    "a=%20", "{\"x\": \"\\u00e4\303\244\"}",
				    "Bearer x", NULL, { 0, 0, 0 } };
	struct callback_due	 d;

	sql("UPDATE frontends SET settings = '{\"size_hint\": 3}'");
	ck_assert_int_eq(callback_store(db, &c, &e), 1);
	d = only();
	ck_assert_int_eq(d.callback.kind, CALLBACK_ANALYTICS);
	ck_assert_str_eq(d.callback.frontend_id, f);
	ck_assert_str_eq(d.callback.url, c.url);
	ck_assert_str_eq(d.callback.query, c.query);
	ck_assert_str_eq(d.callback.body, c.body);
	ck_assert_str_eq(d.callback.token, c.token);
	ck_assert_str_eq(d.frontend_key, "f");
	ck_assert_str_eq(d.frontend_secret, "secret of f");
	ck_assert_str_eq(d.settings, "{\"size_hint\": 3}");
	ck_assert_int_eq(d.attempts, 1);
}
END_TEST

START_TEST(a_repeat_is_the_same)
{
	struct callback	c = end_of(fixture_frontend("f"));

	c.once = "digest";
	ck_assert_int_eq(callback_store(db, &c, &e), 1);
	ck_assert_int_eq(callback_store(db2, &c, &e), 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 1);
	c.once = NULL;
	ck_assert_int_eq(callback_store(db, &c, &e), 1);
	ck_assert_int_eq(callback_store(db, &c, &e), 1);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 3);
}
END_TEST

START_TEST(each_is_taken_by_one)
{
	char	*f = fixture_frontend("f");
	int	 i;

	for (i = 0; i < 5; i++)
		stored(f);
	ck_assert_uint_eq(claimed(db).n, 5);
	ck_assert_uint_eq(claimed(db2).n, 0);
}
END_TEST

START_TEST(what_another_is_taking_is_passed_over)
{
	struct callback_dues	d = { 0 };
	char			*f = fixture_frontend("f");

	stored(f);
	stored(f);
	/* in a transaction that is still open elsewhere */
	sql("UPDATE callbacks SET next_at = now() - interval '1 day'"
	    " WHERE id = (SELECT min(id) FROM callbacks)");
	ck_ok(callback_claim(db, 1, 60, DAY, a, &d, &e));
	ck_assert_uint_eq(d.n, 1);
	ck_assert_int_eq(d.v[0].id,
	    sql_int("SELECT min(id) FROM callbacks"));
	ck_assert_uint_eq(claimed(db2).n, 1);
}
END_TEST

START_TEST(a_lease_ends_and_only_the_last_one_speaks)
{
	struct callback_due	first, second;

	stored(fixture_frontend("f"));
	first = only();
	make_due();
	second = only();
	ck_assert_int_eq(second.attempts, 2);
	ck_assert_int_eq(delivered(&first), 0);
	ck_assert_str_eq(sql_text("SELECT state FROM callbacks"), "waiting");
	ck_assert_int_eq(delivered(&second), 1);
	ck_assert_int_eq(delivered(&second), 0);
	ck_assert_int_eq(failed(&second, "too late"), 0);
	ck_assert_str_eq(sql_text("SELECT state FROM callbacks"),
	    "delivered");
	make_due();
	ck_assert_uint_eq(claimed(db).n, 0);
}
END_TEST

START_TEST(a_failure_is_tried_later_and_later)
{
	struct callback_due	d;
	double			s, want = 10;
	int			i;

	stored(fixture_frontend("f"));
	for (i = 0; i < 12; i++) {
		make_due();
		d = only();
		ck_assert_int_eq(failed(&d, "refused"), 1);
		s = sql_real("SELECT extract(epoch FROM next_at - now())"
		    " FROM callbacks");
		ck_assert_double_ge(s, want * 0.9 - 5);
		ck_assert_double_le(s, want * 1.1);
		want = want * 2 > 3600 ? 3600 : want * 2;
	}
	ck_assert_str_eq(sql_text("SELECT state || ' ' || attempts || ' ' ||"
	    " last_status || ' ' || last_error FROM callbacks"),
	    "waiting 12 500 refused");
}
END_TEST

START_TEST(after_a_day_it_is_given_up)
{
	struct callback_due	d;

	stored(fixture_frontend("f"));
	sql("UPDATE callbacks SET received_at = now() - interval '1 day'");
	d = only();
	ck_assert_int_eq(failed(&d, "refused"), 1);
	ck_assert_str_eq(sql_text("SELECT state FROM callbacks"), "failed");
	ck_assert(sql_true("SELECT finished_at IS NOT NULL FROM callbacks"));
}
END_TEST

START_TEST(what_is_not_wanted_is_given_up_at_once)
{
	const struct callback_result	r = { .final = true, .status = 410,
	    .error = "HTTP status 410", .give_up_s = DAY };
	struct callback_due		d;

	stored(fixture_frontend("f"));
	d = only();
	ck_assert_int_eq(callback_done(db, &d, &r, &e), 1);
	ck_assert_str_eq(sql_text("SELECT state FROM callbacks"), "failed");
}
END_TEST

START_TEST(an_admin_may_have_it_tried_again)
{
	struct callback_due	d;
	long long		id;

	ck_assert_int_eq(callback_retry(db, 1, &e), 0);
	stored(fixture_frontend("f"));
	id = sql_int("SELECT id FROM callbacks");
	d = only();
	ck_assert_int_eq(callback_retry(db, id, &e), 0);
	ck_assert_int_eq(failed(&d, "refused"), 1);
	ck_assert_uint_eq(claimed(db).n, 0);
	ck_assert_int_eq(callback_retry(db, id, &e), 1);
	d = only();
	sql("UPDATE callbacks SET received_at = now() - interval '2 days'");
	ck_assert_int_eq(failed(&d, "refused"), 1);
	ck_assert_int_eq(callback_retry(db, id, &e), 1);
	d = only();
	ck_assert_int_eq(failed(&d, "refused"), 1);
	ck_assert_str_eq(sql_text("SELECT state FROM callbacks"), "waiting");
	make_due();
	d = only();
	ck_assert_int_eq(delivered(&d), 1);
	ck_assert_int_eq(callback_retry(db, id, &e), 0);
}
END_TEST

START_TEST(the_next_one_says_when)
{
	char	*f = fixture_frontend("f");

	ck_assert_int_eq(callback_next(db, 1000, &e), 1000);
	stored(f);
	ck_assert_int_eq(callback_next(db, 1000, &e), 0);
	sql("UPDATE callbacks SET next_at = now() + interval '500 ms'");
	ck_assert_int_gt(callback_next(db, 1000, &e), 0);
	ck_assert_int_le(callback_next(db, 1000, &e), 501);
	sql("UPDATE callbacks SET next_at = now() + interval '1 day'");
	ck_assert_int_eq(callback_next(db, 1000, &e), 1000);
}
END_TEST

START_TEST(what_is_finished_is_forgotten_after_a_while)
{
	char			*f = fixture_frontend("f");
	struct callback_dues	 d;

	stored(f);
	stored(f);
	stored(f);
	d = claimed(db);
	ck_assert_int_eq(delivered(&d.v[0]), 1);
	ck_assert_int_eq(delivered(&d.v[1]), 1);
	sql("UPDATE callbacks SET finished_at = now() - interval '25 h'"
	    " WHERE id = %lld", d.v[0].id);
	claimed(db);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 2);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"
	    " WHERE id = %lld", d.v[0].id), 0);
}
END_TEST

START_TEST(they_go_with_their_frontend)
{
	stored(fixture_frontend("f"));
	sql("DELETE FROM frontends");
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"), 0);
}
END_TEST

START_TEST(a_hashed_id_is_found_again)
{
	char		*f = fixture_frontend("f"), *id = NULL;
	char		*b = fixture_backend("b");

	fixture_meeting(f, "lang", b, "i-1");
	sql("UPDATE meetings SET backend_meeting_id = 'b3s-0123'");
	ck_assert_int_eq(callback_meeting(db, f, "b3s-0123", a, &id, &e), 1);
	ck_assert_str_eq(id, "lang");
	ck_assert_int_eq(callback_meeting(db, f, "b3s-4567", a, &id, &e), 0);
	ck_assert_int_eq(callback_meeting(db, fixture_frontend("g"),
	    "b3s-0123", a, &id, &e), 0);
}
END_TEST

START_TEST(the_servers_secrets)
{
	char	**secrets;
	size_t	  n;

	ck_ok(callback_secrets(db, a, &secrets, &n, &e));
	ck_assert_uint_eq(n, 0);
	fixture_backend("a");
	fixture_backend("b");
	sql("UPDATE backends SET secret = 'one of all'");
	ck_ok(callback_secrets(db, a, &secrets, &n, &e));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(secrets[0], "one of all");
}
END_TEST

struct seen {
	long long	total;
	char		text[256];
};

static int
see(const struct rows *r, void *ctx)
{
	struct seen	*s = ctx;
	size_t		 len = strlen(s->text);

	s->total = rows_int(r, 0, 0);
	if (!rows_null(r, 0, 1))
		snprintf(s->text + len, sizeof(s->text) - len, "%s %s %s %s;",
		    rows_str(r, 0, 3), rows_str(r, 0, 4), rows_str(r, 0, 5),
		    rows_str(r, 0, 6));
	return 0;
}

static struct seen
listed(const struct callback_filter *f)
{
	struct seen	s = { 0 };

	ck_ok(callback_each(db, f, see, &s, &e));
	return s;
}

START_TEST(they_are_listed)
{
	struct callback_filter	all = { 0 }, some = { 0 };
	char			*f = fixture_frontend("f"), *id;
	struct callback_due	 d;

	ck_assert_int_eq(listed(&all).total, 0);
	stored(f);
	d = only();
	ck_assert_int_eq(delivered(&d), 1);
	stored(fixture_frontend("g"));
	sql("UPDATE frontends SET account_ref = 'acc' WHERE key = 'g'");
	ck_assert_str_eq(listed(&all).text,
	    "g end https://fe.example.org/end waiting;"
	    "f end https://fe.example.org/end delivered;");
	some.state = "delivered";
	ck_assert_str_eq(listed(&some).text,
	    "f end https://fe.example.org/end delivered;");
	some = (struct callback_filter){ .frontend_key = "g" };
	ck_assert_int_eq(listed(&some).total, 1);
	some = (struct callback_filter){ .account = "acc" };
	ck_assert_str_eq(listed(&some).text,
	    "g end https://fe.example.org/end waiting;");
	some.account = "other";
	ck_assert_int_eq(listed(&some).total, 0);
	some = (struct callback_filter){ .limit = "1", .offset = "1" };
	ck_assert_str_eq(listed(&some).text,
	    "f end https://fe.example.org/end delivered;");
	some.offset = "5";
	ck_assert_int_eq(listed(&some).total, 2);
	ck_assert_str_eq(listed(&some).text, "");
	id = sql_text("SELECT max(id) FROM callbacks");
	ck_assert_int_eq(callback_may_see(db, id, NULL, &e), 1);
	ck_assert_int_eq(callback_may_see(db, id, "acc", &e), 1);
	ck_assert_int_eq(callback_may_see(db, id, "other", &e), 0);
	ck_assert_int_eq(callback_may_see(db, "99", NULL, &e), 0);
	ck_assert_int_eq(callback_may_see(db, "x", NULL, &e), -1);
}
END_TEST

/* A job of its own that takes what is due and sometimes is killed. */
static void
job(unsigned seed)
{
	struct db		*own = fixture_db(NULL, 10000);
	struct callback_dues	 d;
	const struct callback_result r = { .ok = true, .status = 200,
	    .give_up_s = DAY };
	size_t			 i;

	do {
		if (callback_claim(own, 3, 60, DAY, a, &d, &e) == -1)
			_exit(1);
		for (i = 0; i < d.n; i++) {
			if (rand_r(&seed) % 8 == 0)
				(void)kill(getpid(), SIGKILL);
			if (callback_done(own, &d.v[i], &r, &e) == -1)
				_exit(1);
		}
	} while (d.n > 0);
	_exit(0);
}

START_TEST(killed_jobs_leave_nothing_undone)
{
	char		*f = fixture_frontend("f");
	unsigned	 seed = 1;
	int		 i, status;
	pid_t		 pid;

	for (i = 0; i < 60; i++)
		stored(f);
	while (sql_int("SELECT count(*) FROM callbacks"
	    " WHERE state = 'waiting'") > 0) {
		seed++;
		/* the leases of those that were killed are over */
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
	ck_assert_int_eq(sql_int("SELECT count(*) FROM callbacks"
	    " WHERE state = 'delivered' AND last_status = 200"), 60);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("callback");
	TCase	*t = fixture_case(s, "callback");

	tcase_add_test(t, of_no_frontend_nothing_is_kept);
	tcase_add_test(t, what_goes_in_comes_out);
	tcase_add_test(t, a_repeat_is_the_same);
	tcase_add_test(t, each_is_taken_by_one);
	tcase_add_test(t, what_another_is_taking_is_passed_over);
	tcase_add_test(t, a_lease_ends_and_only_the_last_one_speaks);
	tcase_add_test(t, a_failure_is_tried_later_and_later);
	tcase_add_test(t, after_a_day_it_is_given_up);
	tcase_add_test(t, what_is_not_wanted_is_given_up_at_once);
	tcase_add_test(t, an_admin_may_have_it_tried_again);
	tcase_add_test(t, the_next_one_says_when);
	tcase_add_test(t, what_is_finished_is_forgotten_after_a_while);
	tcase_add_test(t, they_go_with_their_frontend);
	tcase_add_test(t, a_hashed_id_is_found_again);
	tcase_add_test(t, the_servers_secrets);
	tcase_add_test(t, they_are_listed);
	tcase_add_test(t, killed_jobs_leave_nothing_undone);
	return fixture_main(s);
}
