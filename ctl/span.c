/*
 * Reads spans of time.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "span.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"

#define DIGITS_MAX	10	/* three centuries, in seconds */

static const struct {
	const char	*name;
	long long	 seconds;
} units[] = {
	{ "", 1 }, { "s", 1 }, { "m", 60 }, { "min", 60 }, { "h", 60 * 60 },
	{ "d", 24 * 60 * 60 },
};

int
span_read(const char *text, long long *seconds)
{
	size_t		len = strspn(text, "0123456789"), i;
	char		digits[DIGITS_MAX + 1];
	long long	n;

	if (len == 0 || len > DIGITS_MAX)
		return -1;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (str_to_ll(digits, &n) == -1)
		return -1;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, text + len) == 0) {
			*seconds = n * units[i].seconds;
			return 0;
		}
	return -1;
}

int
span_option(const struct ctl *c, enum opt o, long long max,
    long long *seconds, struct err *e)
{
	const char	*text = c->opt[o];

	if (span_read(text, seconds) == -1)
		return err_set(e, ERR_INPUT, "--%s is a time like 90, 15m, 2h"
		    " or 7d, not '%s'", opt_row(o)->name, text);
	if (*seconds > max)
		return err_set(e, ERR_INPUT, "--%s is at most %lld seconds,"
		    " not '%s'", opt_row(o)->name, max, text);
	return 0;
}

const char *
span_time(struct ctl *c, const char *text)
{
	char		iso[CLOCK_ISO_LEN];
	long long	s;

	if (span_read(text, &s) == -1)
		return text;
	return arena_strdup(c->arena, clock_iso(clock_wall_ms() - s * 1000,
	    iso));
}
