/*
 * Tests of agent/load: what the kernel's files and BBB's release say.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "agent/load.h"

#include "unit.h"

START_TEST(a_file_that_says_nothing)
{
	struct load_ticks	t = { 1, 2 };
	struct load		l = { 0 };
	char			version[8];

	ck_assert(!load_parse_stat("", &t));
	ck_assert(!load_parse_stat("cpu0 1 2 3 4\n", &t));
	ck_assert(!load_parse_stat("cpu 1 2 3\n", &t));
	load_parse_meminfo("Cached: 7 kB\n", &l);
	ck_assert_int_eq(l.mem_total, 0);
	ck_assert_int_eq(load_bbb_version("", version, sizeof(version)), -1);
	ck_assert_int_eq(load_bbb_version("BIGBLUEBUTTON_RELEASE=\n", version,
	    sizeof(version)), -1);
	ck_assert_int_eq(load_bbb_version("BIGBLUEBUTTON_RELEASE=2.7.3-beta",
	    version, sizeof(version)), -1);
	ck_assert_int_eq(load_file("/nowhere", version, sizeof(version)), -1);
}
END_TEST

START_TEST(the_share_is_of_what_went_by)
{
	struct load_ticks	none = { 0, 0 }, a, b;

	/* niced time, the second number, is recordings at work */
	ck_assert(load_parse_stat("cpu  100 50 100 700 50 0 0 0 0 0\n", &a));
	ck_assert_uint_eq(a.busy, 200);
	ck_assert_uint_eq(a.all, 1000);
	ck_assert(load_parse_stat("cpu  150 60 120 820 50 0 0 0 0 0\n", &b));
	ck_assert_double_eq_tol(load_share(&a, &b), 70.0 / 200, 1e-9);
	ck_assert_double_eq(load_share(&none, &b), -1);
	ck_assert_double_eq(load_share(&a, &a), -1);
	ck_assert_double_eq(load_share(&b, &a), -1);
	/* stolen time is no time of ours */
	ck_assert(load_parse_stat("cpu 1 0 1 1 0 1 1 5\n", &a));
	ck_assert_uint_eq(a.busy, 9);
}
END_TEST

START_TEST(memory_is_in_bytes)
{
	struct load	l = { 0 };

	load_parse_meminfo("MemTotal:       16000 kB\nMemFree: 5 kB\n"
	    "MemAvailable:    4000 kB\n", &l);
	ck_assert_int_eq(l.mem_total, 16384000);
	ck_assert_int_eq(l.mem_available, 4096000);
}
END_TEST

START_TEST(versions_are_found)
{
	char	v[16];

	ck_assert_int_eq(load_bbb_version("# a\nBIGBLUEBUTTON_RELEASE=2.7.3\n",
	    v, sizeof(v)), 0);
	ck_assert_str_eq(v, "2.7.3");
	ck_assert_int_eq(load_bbb_version("BIGBLUEBUTTON_RELEASE=\"3.0.1\"",
	    v, sizeof(v)), 0);
	ck_assert_str_eq(v, "3.0.1");
}
END_TEST

START_TEST(this_host_has_a_load)
{
	struct load_ticks	last = { 0, 0 };
	struct load		l;

	load_sample(&last, &l);
	ck_assert_double_eq(l.cpu, -1);
	ck_assert_uint_gt(last.all, 0);
	ck_assert_int_ge(l.cpus, 1);
	ck_assert_int_gt(l.mem_total, l.mem_available);
	ck_assert(l.load1 >= 0);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_file_that_says_nothing,
		the_share_is_of_what_went_by,
		memory_is_in_bytes,
		versions_are_found,
		this_host_has_a_load,
	};

	return unit_run("load", tests, COUNT(tests));
}
