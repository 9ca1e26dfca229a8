/*
 * One value of a configuration, read from its text by its type.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_value.h"
#include "base/mem.h"
#include "base/str.h"

#define BLANKS		" \t"

struct unit {
	const char	*name;
	long long	 factor;
};

static const struct unit msec_units[] = {
	{ "ms",	1 },
	{ "s",	1000 },
	{ "min", 60 * 1000 },
	{ "h",	60 * 60 * 1000 },
	{ NULL,	0 }
};

static const struct unit size_units[] = {
	{ "KiB", 1LL << 10 },
	{ "MiB", 1LL << 20 },
	{ "GiB", 1LL << 30 },
	{ NULL,	0 }
};

static void *
slot(const struct conf_key *key, void *conf)
{
	return (char *)conf + key->offset;
}

/* The value is shown, so none of a CONF_STR may come here. */
static int
not_a(struct err *e, const char *value, const char *what)
{
	return err_set(e, ERR_CONFIG, "'%.64s' is not %s", value, what);
}

/*
 * Both bounds 0: there are none. As doubles, which hold every int and every
 * size of up to 8 PiB.
 */
static int
check_range(const struct conf_key *key, double n, const char *unit,
    struct err *e)
{
	if ((key->min == 0 && key->max == 0) ||
	    (n >= key->min && n <= key->max))
		return 0;
	return err_set(e, ERR_CONFIG, "%.15g%s is not between %.15g and %.15g",
	    n, unit, key->min, key->max);
}

/* No limits: what a text has to be its user says. */
static int
set_str(const struct conf_key *key, const char *value, void *to, struct err *e)
{
	char	**s = to;

	(void)key;
	(void)e;
	free(*s);
	*s = xstrdup(value);
	return 0;
}

static int
set_int(const struct conf_key *key, const char *value, void *to, struct err *e)
{
	long long	n;

	if (str_to_ll(value, &n) < 0 || n < INT_MIN || n > INT_MAX)
		return not_a(e, value, "a whole number");
	*(int *)to = (int)n;
	return check_range(key, (double)n, "", e);
}

static int
set_real(const struct conf_key *key, const char *value, void *to,
    struct err *e)
{
	char	*end;
	double	 n = strtod(value, &end);

	/* strtod knows hex, nan and inf as well. */
	if (value[strspn(value, "0123456789.eE+-")] != '\0' ||
	    end == value || *end != '\0' || !isfinite(n))
		return not_a(e, value, "a number");
	*(double *)to = n;
	return check_range(key, n, "", e);
}

static int
set_bool(const struct conf_key *key, const char *value, void *to,
    struct err *e)
{
	static const char *const	words[][2] = {
		{ "off", "on" }, { "false", "true" }, { "no", "yes" },
		{ "0", "1" }
	};
	size_t				i;

	(void)key;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_ieq(value, words[i][0]) ||
		    str_ieq(value, words[i][1])) {
			*(bool *)to = str_ieq(value, words[i][1]);
			return 0;
		}
	return not_a(e, value, "on or off");
}

/* A whole number and a unit, or bare: then factor counts. */
static int
read_amount(const char *value, const struct unit *units, long long factor,
    long long *amount)
{
	char			 digits[24];
	size_t			 len = strspn(value, "0123456789");
	const char		*name = value + len;

	if (len == 0 || len >= sizeof(digits))
		return -1;
	memcpy(digits, value, len);
	digits[len] = '\0';
	if (str_to_ll(digits, amount) < 0)
		return -1;
	name += strspn(name, BLANKS);
	if (*name != '\0') {
		while (units->name != NULL && !str_ieq(units->name, name))
			units++;
		factor = units->factor;
	}
	/* No such unit: the factor at the table's end, 0. */
	if (factor == 0 || __builtin_mul_overflow(*amount, factor, amount))
		return -1;
	return 0;
}

static int
set_msec(const struct conf_key *key, const char *value, void *to,
    struct err *e)
{
	long long	n;

	if (read_amount(value, msec_units, key->unit_ms ? key->unit_ms : 1,
	    &n) < 0 || n > INT_MAX)
		return not_a(e, value, "a duration (250 ms, 2 s, 5 min, 1 h)");
	*(int *)to = (int)n;
	return check_range(key, (double)n, " ms", e);
}

static int
set_size(const struct conf_key *key, const char *value, void *to,
    struct err *e)
{
	long long	n;

	if (read_amount(value, size_units, 1, &n) < 0)
		return not_a(e, value, "a size (8 KiB, 200 MiB, 1 GiB)");
	*(long long *)to = n;
	return check_range(key, (double)n, " bytes", e);
}

/* A wrong word is answered with the right ones: there are few. */
static int
set_enum(const struct conf_key *key, const char *value, void *to,
    struct err *e)
{
	char	list[256];
	int	i, n = 0;

	for (i = 0; key->words[i] != NULL; i++)
		if (strcmp(key->words[i], value) == 0) {
			*(int *)to = i;
			return 0;
		}
	for (i = 0; key->words[i] != NULL && n < (int)sizeof(list); i++)
		n += snprintf(list + n, sizeof(list) - (size_t)n, "%s%s",
		    i > 0 ? ", " : "one of ", key->words[i]);
	return not_a(e, value, list);
}

static const struct {
	int	(*set)(const struct conf_key *, const char *, void *,
		    struct err *);
	size_t	size;
} types[] = {
	[CONF_STR]  = { set_str,	sizeof(char *) },
	[CONF_INT]  = { set_int,	sizeof(int) },
	[CONF_REAL] = { set_real,	sizeof(double) },
	[CONF_BOOL] = { set_bool,	sizeof(bool) },
	[CONF_MSEC] = { set_msec,	sizeof(int) },
	[CONF_SIZE] = { set_size,	sizeof(long long) },
	[CONF_ENUM] = { set_enum,	sizeof(int) },
};

int
conf_value_set(const struct conf_key *key, const char *value, void *conf,
    struct err *e)
{
	return types[key->type].set(key, value, slot(key, conf), e);
}

void
conf_value_clear(const struct conf_key *key, void *conf)
{
	memset(slot(key, conf), 0, types[key->type].size);
}

void
conf_value_free(const struct conf_key *key, void *conf)
{
	char	**s;

	if (key->type != CONF_STR)
		return;
	s = slot(key, conf);
	free(*s);
	*s = NULL;
}
