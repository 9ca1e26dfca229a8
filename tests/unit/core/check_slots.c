/*
 * Tests of core/slots: a full server turns calls away, the dead give back.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/slots.h"

#define PER	4
/* Longer than any test may take: who waits so long does not give up. */
#define LONG_MS	60000

/* Another worker that holds a slot, or waits for one. */
struct other {
	pid_t	pid;
	int	told;		/* a byte makes it leave and exit */
	int	said;		/* the handle it got, as an int */
};

static char		 dir[PATH_MAX];
static struct slots	*slots;
static struct err	 e = ERR_INIT;

static void
file_path(char path[PATH_MAX + 8])
{
	snprintf(path, PATH_MAX + 8, "%s/slots", dir);
}

static void
file_remove(void)
{
	char	path[PATH_MAX + 8];

	file_path(path);
	if (unlink(path) == -1)
		ck_assert_int_eq(errno, ENOENT);
}

/* The folder outlives tests that end in a signal. */
static void
dir_make(void)
{
	const char	*tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/check_slots.XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
dir_remove(void)
{
	file_remove();
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
setup(void)
{
	file_remove();
	err_clear(&e);
	slots = slots_open(dir, PER, &e);
	ck_assert_msg(slots != NULL, "%s", e.text);
}

static void
teardown(void)
{
	slots_close(slots);
}

static int
open_file(void)
{
	char	path[PATH_MAX + 8];
	int	fd;

	file_path(path);
	fd = open(path, O_RDWR);
	ck_assert_int_ne(fd, -1);
	return fd;
}

/* A child has an open file of its own, as each worker has. */
static void
other_main(int backend, int wait_ms, int told, int said)
{
	struct err	 ce = ERR_INIT;
	struct slots	*s = slots_open(dir, PER, &ce);
	int		 handle;
	char		 c;

	handle = slots_enter(s, backend, wait_ms, &ce);
	if (write(said, &handle, sizeof(handle)) != sizeof(handle))
		_exit(1);
	if (read(told, &c, 1) == 1 && handle != -1)
		slots_leave(s, handle);
	_exit(0);
}

static struct other
other_start(int backend, int wait_ms)
{
	struct other	o;
	int		told[2], said[2];

	ck_assert_int_eq(pipe2(told, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(said, O_CLOEXEC), 0);
	o.pid = fork();
	ck_assert_int_ne(o.pid, -1);
	if (o.pid == 0) {
		close(told[1]);
		close(said[0]);
		other_main(backend, wait_ms, told[0], said[1]);
	}
	close(told[0]);
	close(said[1]);
	o.told = told[1];
	o.said = said[0];
	return o;
}

/* Waits until it has a slot, or was refused (-1). */
static int
other_handle(const struct other *o)
{
	int	handle;

	ck_assert_int_eq(read(o->said, &handle, sizeof(handle)),
	    sizeof(handle));
	return handle;
}

static void
other_end(const struct other *o)
{
	ck_assert_int_eq(waitpid(o->pid, NULL, 0), o->pid);
	close(o->told);
	close(o->said);
}

static void
other_leave(const struct other *o)
{
	ck_assert_int_eq(write(o->told, "x", 1), 1);
	other_end(o);
}

static void
other_kill(const struct other *o)
{
	ck_assert_int_eq(kill(o->pid, SIGKILL), 0);
	other_end(o);
}

/* All four slots of a backend, in order. */
static void
fill(int backend, struct other o[PER])
{
	int	i;

	for (i = 0; i < PER; i++) {
		o[i] = other_start(backend, 0);
		ck_assert_int_eq(other_handle(&o[i]), backend * PER + i);
	}
}

static void
leave_all(const struct other o[PER])
{
	int	i;

	for (i = 0; i < PER; i++)
		other_leave(&o[i]);
}

/* Makes the holder of a slot that much older. */
static void
age(int handle, int ms)
{
	unsigned char	start;
	int		fd = open_file();

	start = (unsigned char)((clock_mono_ms() - ms) / 100);
	ck_assert_int_eq(pwrite(fd, &start, 1, handle), 1);
	close(fd);
}

/*
 * Asks, is refused, and tells how long ago `since` was then: at least the
 * wait, if a holder began after it.
 */
static int
refused_ms(int backend, int wait_ms, int64_t since)
{
	err_clear(&e);
	ck_assert_int_eq(slots_enter(slots, backend, wait_ms, &e), -1);
	ck_assert_int_eq(e.code, ERR_BUSY);
	ck_assert_str_eq(e.text, "4 calls wait for this server already");
	return (int)(clock_mono_ms() - since);
}

START_TEST(a_missing_folder_is_an_error)
{
	ck_assert_ptr_null(slots_open("/nonexistent/run", PER, &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_str_eq(e.text,
	    "/nonexistent/run/slots: No such file or directory");
}
END_TEST

START_TEST(a_name_that_is_too_long_is_an_error)
{
	static char	name[PATH_MAX];

	memset(name, 'd', sizeof(name) - 1);
	ck_assert_ptr_null(slots_open(name, PER, &e));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_str_eq(e.text, "slots: the name of the folder is too long");
}
END_TEST

START_TEST(a_link_is_not_followed)
{
	char	path[PATH_MAX + 8], want[PATH_MAX + 64];

	file_path(path);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_ptr_null(slots_open(dir, PER, &e));
	snprintf(want, sizeof(want), "%s: %s", path, strerror(ELOOP));
	ck_assert_str_eq(e.text, want);
}
END_TEST

/* A worker has one call at a time: a second one would see its own lock. */
START_TEST(a_worker_enters_once)
{
	slots_enter(slots, 0, 0, &e);
	slots_enter(slots, 1, 0, &e);
}
END_TEST

START_TEST(another_handle_is_not_left)
{
	slots_leave(slots, slots_enter(slots, 0, 0, &e) + 1);
}
END_TEST

START_TEST(the_fifth_is_refused_after_its_wait)
{
	struct other	o[PER];
	int64_t		since;

	fill(0, o);
	since = clock_mono_ms();
	ck_assert_int_lt(refused_ms(0, 0, since), 2000);
	since = clock_mono_ms();
	age(0, 0);
	ck_assert_int_ge(refused_ms(0, 250, since), 250);
	leave_all(o);
}
END_TEST

static void
on_alarm(int sig)
{
	(void)sig;
}

START_TEST(signals_do_not_shorten_the_wait)
{
	const struct sigaction	 act = { .sa_handler = on_alarm };
	const struct itimerval	 every = { { 0, 3000 }, { 0, 3000 } };
	const struct itimerval	 never = { 0 };
	struct other		 o[PER];
	int64_t			 since;

	fill(0, o);
	ck_assert_int_eq(sigaction(SIGALRM, &act, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
	since = clock_mono_ms();
	age(0, 0);
	ck_assert_int_ge(refused_ms(0, 250, since), 250);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	leave_all(o);
}
END_TEST

START_TEST(nobody_waits_for_a_server_that_hangs)
{
	static const int	ages[] = { 2200, 5000, 12700, 25000 };
	struct other		o[PER];
	int			i;

	fill(3, o);
	for (i = 0; i < PER; i++)
		age(3 * PER + i, ages[i]);
	ck_assert_int_lt(refused_ms(3, 2000, clock_mono_ms()), 1000);
	leave_all(o);
}
END_TEST

START_TEST(one_young_call_is_worth_a_wait)
{
	struct other	o[PER];
	int64_t		since = clock_mono_ms();
	int		i;

	fill(0, o);
	for (i = 0; i < PER; i++)
		age(i, i == 2 ? 0 : 25000);
	ck_assert_int_ge(refused_ms(0, 300, since), 300);
	leave_all(o);
}
END_TEST

/* It ends early, as soon as the last of them has grown old. */
START_TEST(a_wait_ends_when_all_are_old)
{
	struct other	o[PER];
	int64_t		since;
	int		i, ms;

	fill(0, o);
	since = clock_mono_ms();
	for (i = 0; i < PER; i++)
		age(i, i == 0 ? 19800 : 25000);
	ms = refused_ms(0, 20000, since);
	ck_assert_int_ge(ms, 200);
	ck_assert_int_lt(ms, 10000);
	leave_all(o);
}
END_TEST

START_TEST(who_waits_gets_what_is_left)
{
	struct other	o[PER], fifth;

	fill(0, o);
	fifth = other_start(0, LONG_MS);
	other_leave(&o[2]);
	ck_assert_int_eq(other_handle(&fifth), 2);
	o[2] = fifth;
	leave_all(o);
}
END_TEST

START_TEST(the_dead_hold_nothing)
{
	struct other	o[PER];
	int		handle;

	fill(0, o);
	other_kill(&o[1]);
	handle = slots_enter(slots, 0, 0, &e);
	ck_assert_int_eq(handle, 1);
	slots_leave(slots, handle);
	o[1] = other_start(0, 0);
	ck_assert_int_eq(other_handle(&o[1]), 1);
	leave_all(o);
}
END_TEST

START_TEST(each_server_has_its_own)
{
	struct other	o[PER];
	int		handle;

	fill(1, o);
	handle = slots_enter(slots, 0, 0, &e);
	ck_assert_int_eq(handle, 0);
	slots_leave(slots, handle);
	handle = slots_enter(slots, 2, 0, &e);
	ck_assert_int_eq(handle, 2 * PER);
	slots_leave(slots, handle);
	refused_ms(1, 0, clock_mono_ms());
	leave_all(o);
}
END_TEST

START_TEST(the_file_grows_and_holds_start_times)
{
	struct stat	st;
	unsigned char	start, now;
	int		fd = open_file(), handle;

	handle = slots_enter(slots, 499, 0, &e);
	ck_assert_int_eq(handle, 499 * PER);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_size, 499 * PER + 1);
	ck_assert_int_eq(st.st_mode & 07007, 0);
	ck_assert_int_eq(pread(fd, &start, 1, handle), 1);
	now = (unsigned char)(clock_mono_ms() / 100);
	ck_assert_int_lt((unsigned char)(now - start), 100);
	slots_leave(slots, handle);
	close(fd);
}
END_TEST

/* As on a full disk: the locks hold all the same. */
START_TEST(a_file_that_takes_no_times_is_no_obstacle)
{
	struct rlimit	full, before;
	struct other	o[PER];
	int		handle;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = before;
	full.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
	handle = slots_enter(slots, 3, 0, &e);
	setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(handle, 3 * PER);
	slots_leave(slots, handle);
	fill(3, o);
	refused_ms(3, 0, clock_mono_ms());
	leave_all(o);
}
END_TEST

/* Eight workers in a hurry: never more than four in, and all get through. */
static void
hurry(atomic_int *in)
{
	struct err	 ce = ERR_INIT;
	struct slots	*s = slots_open(dir, PER, &ce);
	int		 handle, i;

	for (i = 0; i < 50; i++) {
		if ((handle = slots_enter(s, 0, LONG_MS, &ce)) == -1)
			_exit(1);
		if (atomic_fetch_add(in, 1) >= PER)
			_exit(2);
		usleep(500);
		atomic_fetch_sub(in, 1);
		slots_leave(s, handle);
	}
	_exit(0);
}

START_TEST(never_more_than_there_are_slots)
{
	atomic_int	*in;
	pid_t		 pid[2 * PER];
	int		 i, status;

	in = mmap(NULL, sizeof(*in), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(in, MAP_FAILED);
	for (i = 0; i < 2 * PER; i++)
		if ((pid[i] = fork()) == 0)
			hurry(in);
	for (i = 0; i < 2 * PER; i++) {
		ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
		ck_assert_int_eq(status, 0);
	}
	munmap(in, sizeof(*in));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("core/slots");
	TCase	*bad = tcase_create("errors"), *t = tcase_create("slots");
	SRunner	*r;
	int	 failed;

	tcase_add_unchecked_fixture(bad, dir_make, dir_remove);
	tcase_add_checked_fixture(bad, setup, teardown);
	tcase_add_test(bad, a_missing_folder_is_an_error);
	tcase_add_test(bad, a_name_that_is_too_long_is_an_error);
	tcase_add_test(bad, a_link_is_not_followed);
	suite_add_tcase(s, bad);

	tcase_add_unchecked_fixture(t, dir_make, dir_remove);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test_raise_signal(t, a_worker_enters_once, SIGABRT);
	tcase_add_test_raise_signal(t, another_handle_is_not_left, SIGABRT);
	tcase_add_test(t, the_fifth_is_refused_after_its_wait);
	tcase_add_test(t, signals_do_not_shorten_the_wait);
	tcase_add_test(t, nobody_waits_for_a_server_that_hangs);
	tcase_add_test(t, one_young_call_is_worth_a_wait);
	tcase_add_test(t, a_wait_ends_when_all_are_old);
	tcase_add_test(t, who_waits_gets_what_is_left);
	tcase_add_test(t, the_dead_hold_nothing);
	tcase_add_test(t, each_server_has_its_own);
	tcase_add_test(t, the_file_grows_and_holds_start_times);
	tcase_add_test(t, a_file_that_takes_no_times_is_no_obstacle);
	tcase_add_test(t, never_more_than_there_are_slots);
	suite_add_tcase(s, t);

	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
