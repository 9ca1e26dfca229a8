/*
 * A configuration file read through a table of keys.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/mem.h"
#include "base/str.h"

#define NAME_CHARS	"abcdefghijklmnopqrstuvwxyz"			\
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
#define BLANKS		" \t"

/* Longer names get no suggestion. */
#define NAME_MAX_LEN	63

#define ENV_PREFIX	"B3SCALE_"
#define ENV_MAX		80

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

/* One load: what is filled, and on which line each key was set. */
struct load {
	const struct conf_key	*keys;
	size_t			 n;
	const char		*path;
	int			 line;
	int			*lines;		/* one per key; 0: not yet */
	void			*conf;
};

static void *
slot(const struct conf_key *key, void *conf)
{
	return (char *)conf + key->offset;
}

/* Value is shown, so none of a CONF_STR may come here. */
static int
not_a(struct err *e, const char *value, const char *what)
{
	return err_set(e, ERR_CONFIG, "'%.64s' is not %s", value, what);
}

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

static int
set_value(const struct conf_key *key, const char *value, void *conf,
    struct err *e)
{
	return types[key->type].set(key, value, slot(key, conf), e);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added or dropped to make a of b. */
static size_t
distance(const char *a, const char *b)
{
	size_t	row[NAME_MAX_LEN + 1], alen = strlen(a), blen = strlen(b);
	size_t	i, j, above, corner;

	if (alen > NAME_MAX_LEN || blen > NAME_MAX_LEN)
		return SIZE_MAX;
	for (j = 0; j <= blen; j++)
		row[j] = j;
	for (i = 1; i <= alen; i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; j <= blen; j++) {
			above = row[j];
			row[j] = least(least(above, row[j - 1]) + 1,
			    corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[blen];
}

static int
unknown_key(const struct load *ld, const char *name, struct err *e)
{
	const char	*best = NULL;
	size_t		 i, d, best_d = strlen(name) / 4 + 1;

	for (i = 0; i < ld->n; i++)
		if ((d = distance(name, ld->keys[i].name)) < best_d ||
		    (d == best_d && best == NULL)) {
			best = ld->keys[i].name;
			best_d = d;
		}
	if (best == NULL)
		return err_set(e, ERR_CONFIG, "unknown key '%.64s'", name);
	return err_set(e, ERR_CONFIG,
	    "unknown key '%.64s', did you mean '%s'?", name, best);
}

/* Takes the quotes off in place. */
static int
unquote(char *value, struct err *e)
{
	char	*from = value + 1, *to = value;

	for (; *from != '"' && *from != '\0'; *to++ = *from++)
		if (from[0] == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
	if (*from == '\0')
		return err_set(e, ERR_CONFIG, "the quote is not closed");
	from++;
	from += strspn(from, BLANKS);
	if (*from != '\0' && *from != '#')
		return err_set(e, ERR_CONFIG,
		    "there is more after the closing quote");
	*to = '\0';
	return 0;
}

/* Drops a comment and the blanks at the end; value[-1] can be read. */
static void
trim_bare(char *value)
{
	char	*p;

	for (p = value; *p != '\0'; p++)
		if (*p == '#' && strchr(BLANKS, p[-1]) != NULL)
			break;
	while (p > value && strchr(BLANKS, p[-1]) != NULL)
		p--;
	*p = '\0';
}

/*
 * Finds both sides of a line; *name is NULL when there is nothing on it.
 * The line itself is never shown: it may be a secret.
 */
static int
split_line(char *line, char **name, char **value, struct err *e)
{
	char	*p, *end;

	p = line + strspn(line, BLANKS);
	*name = NULL;
	if (*p == '\0' || *p == '#')
		return 0;
	end = p + strspn(p, NAME_CHARS);
	*value = end + strspn(end, BLANKS);
	if (end == p || **value != '=')
		return err_set(e, ERR_CONFIG, "expected 'name = value'");
	(*value)++;
	*end = '\0';
	*name = p;
	*value += strspn(*value, BLANKS);
	if (**value == '"')
		return unquote(*value, e);
	trim_bare(*value);
	return 0;
}

static int
load_line(struct load *ld, char *line, struct err *e)
{
	char	*name, *value;
	size_t	 i;

	if (split_line(line, &name, &value, e) < 0)
		return -1;
	if (name == NULL)
		return 0;
	for (i = 0; i < ld->n; i++)
		if (strcmp(ld->keys[i].name, name) == 0)
			break;
	if (i == ld->n)
		return unknown_key(ld, name, e);
	if (ld->lines[i] != 0)
		return err_set(e, ERR_CONFIG, "'%s' is already set on line %d",
		    name, ld->lines[i]);
	ld->lines[i] = ld->line;
	if (set_value(&ld->keys[i], value, ld->conf, e) < 0)
		return err_note(e, "%s", name);
	return 0;
}

static int
load_stream(struct load *ld, FILE *fp, char **line, struct err *e)
{
	size_t	cap = 0;
	ssize_t	len;
	char	*start;

	while ((len = getline(line, &cap, fp)) >= 0) {
		ld->line++;
		if (memchr(*line, '\0', (size_t)len) != NULL)
			return err_set(e, ERR_CONFIG, "%s:%d: a zero byte",
			    ld->path, ld->line);
		start = *line;
		while (len > 0 && strchr("\r\n", start[len - 1]) != NULL)
			start[--len] = '\0';
		/* What some editors put before UTF-8. */
		if (ld->line == 1 && str_starts(start, "\xef\xbb\xbf"))
			start += 3;
		if (load_line(ld, start, e) < 0)
			return err_note(e, "%s:%d", ld->path, ld->line);
	}
	if (ferror(fp))
		return err_set(e, ERR_CONFIG, "%s: %s", ld->path,
		    strerror(errno));
	return 0;
}

static int
load_file(struct load *ld, struct err *e)
{
	FILE	*fp;
	char	*line = NULL;
	int	 rc;

	if ((fp = fopen(ld->path, "re")) == NULL)
		return err_set(e, ERR_CONFIG, "%s: %s", ld->path,
		    strerror(errno));
	rc = load_stream(ld, fp, &line, e);
	free(line);
	fclose(fp);
	return rc;
}

/* The variable of a key, into a buffer if it has no name of its own. */
static const char *
variable(const struct conf_key *key, char buf[ENV_MAX])
{
	char	*p;

	if (key->env != NULL)
		return key->env;
	snprintf(buf, ENV_MAX, ENV_PREFIX "%s", key->name);
	for (p = buf; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return buf;
}

static const char *
environment(const char *name)
{
	const char	*value = name == NULL ? NULL : getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

static int
load_environment(struct load *ld, struct err *e)
{
	const struct conf_key	*key;
	const char		*name, *value;
	char			 buf[ENV_MAX];
	size_t			 i;

	for (i = 0; i < ld->n; i++) {
		key = &ld->keys[i];
		name = variable(key, buf);
		if ((value = environment(name)) == NULL) {
			name = key->env2;
			value = environment(name);
		}
		if (value != NULL && set_value(key, value, ld->conf, e) < 0)
			return err_note(e, "%s", name);
	}
	return 0;
}

static int
load_defaults(struct load *ld, struct err *e)
{
	const struct conf_key	*key;
	size_t			 i;

	for (i = 0; i < ld->n; i++) {
		key = &ld->keys[i];
		memset(slot(key, ld->conf), 0, types[key->type].size);
	}
	for (i = 0; i < ld->n; i++) {
		key = &ld->keys[i];
		if (key->def != NULL &&
		    set_value(key, key->def, ld->conf, e) < 0)
			return err_note(e, "default of %s", key->name);
	}
	return 0;
}

int
conf_load(const struct conf_key *keys, size_t n, const char *path, void *conf,
    struct err *e)
{
	struct load	ld = { keys, n, path, 0, NULL, conf };
	int		rc = -1;

	ld.lines = xcalloc(n, sizeof(int));
	if (load_defaults(&ld, e) < 0)
		goto out;
	if (path != NULL && load_file(&ld, e) < 0)
		goto out;
	rc = load_environment(&ld, e);
out:
	if (rc < 0)
		conf_free(keys, n, conf);
	free(ld.lines);
	return rc;
}

void
conf_free(const struct conf_key *keys, size_t n, void *conf)
{
	char	**s;
	size_t	  i;

	for (i = 0; i < n; i++)
		if (keys[i].type == CONF_STR) {
			s = slot(&keys[i], conf);
			free(*s);
			*s = NULL;
		}
}
