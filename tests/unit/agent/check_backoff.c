/*
 * Tests of agent/backoff: waits grow, differ, and begin again.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "agent/backoff.h"

#include "unit.h"

START_TEST(waits_double_up_to_ten_seconds)
{
	static const int	most[] = { 500, 1000, 2000, 4000, 8000, 10000,
				    10000, 10000 };
	struct backoff		b;
	size_t			i;
	int			ms, run;

	for (run = 0; run < 200; run++) {
		b = (struct backoff){ 0 };
		for (i = 0; i < COUNT(most); i++) {
			ms = backoff_failed(&b);
			ck_assert_int_le(ms, most[i]);
			ck_assert_int_ge(ms, most[i] / 2);
		}
	}
}
END_TEST

START_TEST(no_two_agents_keep_step)
{
	struct backoff	b;
	int		first, run, others = 0;

	b = (struct backoff){ 5 };
	first = backoff_failed(&b);
	for (run = 0; run < 20; run++)
		others += backoff_failed(&b) != first;
	ck_assert_int_gt(others, 10);
}
END_TEST

START_TEST(success_begins_anew)
{
	struct backoff	b = { 0 };
	int		i;

	for (i = 0; i < 100; i++)
		backoff_failed(&b);
	backoff_worked(&b);
	ck_assert_int_le(backoff_failed(&b), 500);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		waits_double_up_to_ten_seconds,
		no_two_agents_keep_step,
		success_begins_anew,
	};

	return unit_run("backoff", tests, COUNT(tests));
}
