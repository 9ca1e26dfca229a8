/*
 * What time it is, and how much of it is left.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <limits.h>
#include <time.h>

#include "base/clock.h"

/* The years 0001 and 9999: RFC 3339 has four digits for them. */
#define ISO_FIRST_MS	INT64_C(-62135596800000)
#define ISO_LAST_MS	INT64_C(253402300799999)

static int64_t
read_us(clockid_t id)
{
	struct timespec	ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_mono_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int
clock_left_ms(int64_t deadline)
{
	int64_t	now = clock_mono_ms();

	if (deadline <= now)
		return 0;
	return deadline - now > INT_MAX ? INT_MAX : (int)(deadline - now);
}

/* Width digits of n and the mark that follows them; returns the next place. */
static char *
put_digits(char *p, int n, int width, char mark)
{
	int	i;

	for (i = width - 1; i >= 0; i--, n /= 10)
		p[i] = (char)('0' + n % 10);
	p[width] = mark;
	return p + width + 1;
}

/* Without snprintf: each log line begins with it. */
char *
clock_iso(int64_t wall_ms, char buf[CLOCK_ISO_LEN])
{
	struct tm	 tm;
	time_t		 sec;
	int		 ms;
	char		*p = buf;

	if (wall_ms < ISO_FIRST_MS)
		wall_ms = ISO_FIRST_MS;
	if (wall_ms > ISO_LAST_MS)
		wall_ms = ISO_LAST_MS;
	ms = (int)(wall_ms % 1000);
	if (ms < 0)
		ms += 1000;
	sec = (time_t)((wall_ms - ms) / 1000);
	gmtime_r(&sec, &tm);
	p = put_digits(p, tm.tm_year + 1900, 4, '-');
	p = put_digits(p, tm.tm_mon + 1, 2, '-');
	p = put_digits(p, tm.tm_mday, 2, 'T');
	p = put_digits(p, tm.tm_hour, 2, ':');
	p = put_digits(p, tm.tm_min, 2, ':');
	p = put_digits(p, tm.tm_sec, 2, '.');
	p = put_digits(p, ms, 3, 'Z');
	*p = '\0';
	return buf;
}
