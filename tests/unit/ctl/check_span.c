/*
 * Spans of time, as admins type them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "span.h"

#include "base/clock.h"
#include "unit.h"

START_TEST(each_unit)
{
	static const struct {
		const char	*text;
		long long	 seconds;
	} good[] = {
		{ "0", 0 }, { "90", 90 }, { "90s", 90 }, { "15m", 900 },
		{ "15min", 900 }, { "2h", 7200 }, { "7d", 604800 },
		{ "9999999999d", 9999999999LL * 86400 },
	};
	static const char *const	bad[] = { "", "s", "-1", "1.5h", "2 h",
		"2H", "2hours", "1h30m", "99999999999", " 1", "0x1" };
	long long			s;
	size_t				i;

	for (i = 0; i < COUNT(good); i++) {
		ck_assert_int_eq(span_read(good[i].text, &s), 0);
		ck_assert_int_eq(s, good[i].seconds);
	}
	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(span_read(bad[i], &s) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(at_most)
{
	struct ctl	c = { .arena = arena };
	long long	s;

	c.opt[OPT_DEADLINE] = "1m";
	ck_assert_int_eq(span_option(&c, OPT_DEADLINE, 60, &s, &err), 0);
	ck_assert_int_eq(s, 60);
	ck_assert_int_eq(span_option(&c, OPT_DEADLINE, 59, &s, &err), -1);
	ck_assert_str_eq(err.text, "--deadline is at most 59 seconds, not"
	    " '1m'");
}
END_TEST

START_TEST(so_long_ago)
{
	struct ctl	c = { .arena = arena };
	char		iso[CLOCK_ISO_LEN];
	const char	*then;

	ck_assert_str_eq(span_time(&c, "2030-01-01T00:00:00Z"),
	    "2030-01-01T00:00:00Z");
	then = span_time(&c, "1h");
	/* RFC 3339 in UTC sorts as text. */
	ck_assert_str_le(then, clock_iso(clock_wall_ms() - 3600000, iso));
	ck_assert_str_ge(then, clock_iso(clock_wall_ms() - 3660000, iso));
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = { each_unit, at_most, so_long_ago };

	return unit_run("span", tests, COUNT(tests));
}
