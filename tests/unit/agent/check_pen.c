/*
 * Tests of agent/pen: order, copies, an end to its size.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "agent/pen.h"

#include "unit.h"

static struct event
left(const char *user)
{
	struct event	ev = { .kind = EVENT_LEFT, .meeting = "m",
			    .ext_id = "", .name = "", .parent = "",
			    .user = arena_strdup(arena, user), .role = "",
			    .client = "", .stream = "" };

	return ev;
}

static const char *
number(int i)
{
	return arena_printf(arena, "w_%d", i);
}

START_TEST(a_full_pen_takes_no_more)
{
	struct pen	p;
	struct event	ev = left("w_1");
	size_t		n;

	pen_init(&p, 20000);
	for (n = 0; pen_add(&p, &ev) == 0; n++)
		ck_assert_uint_lt(n, 1000);
	ck_assert_uint_gt(n, 20);
	ck_assert_int_eq(pen_add(&p, &ev), -1);
	ck_assert_uint_eq(p.n, n);
	pen_drop(&p, p.n);
	ck_assert_uint_eq(p.n, 0);
	ck_assert_int_eq(pen_add(&p, &ev), 0);
	pen_free(&p);
}
END_TEST

START_TEST(what_stays_keeps_its_order_and_its_strings)
{
	struct pen	p;
	struct event	ev;
	int		i, next = 0;

	pen_init(&p, 1 << 20);
	for (i = 0; i < 300; i++) {
		ev = left(number(i));
		ck_assert_int_eq(pen_add(&p, &ev), 0);
		if (i % 7 == 6) {
			pen_drop(&p, 3);
			next += 3;
		}
	}
	arena_reset(arena);
	ck_assert_uint_eq(p.n, (size_t)(300 - next));
	for (i = 0; i < (int)p.n; i++)
		ck_assert_str_eq(p.events[i].user, number(next + i));
	pen_drop(&p, 0);
	ck_assert_str_eq(p.events[0].user, number(next));
	pen_free(&p);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_full_pen_takes_no_more,
		what_stays_keeps_its_order_and_its_strings,
	};

	return unit_run("pen", tests, COUNT(tests));
}
