/*
 * A configuration file read through a table of keys.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/conf_value.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"

#define NAME_CHARS	"abcdefghijklmnopqrstuvwxyz"			\
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
#define BLANKS		" \t"

#define ENV_PREFIX	"B3SCALE_"
#define ENV_MAX		80

/* One load: what is filled, and on which line each key was set. */
struct load {
	const struct conf_key	*keys;
	size_t			 n;
	const char		*path;
	int			 line;
	int			*lines;		/* one per key; 0: not yet */
	void			*conf;
};

static int
unknown_key(const struct load *ld, const char *name, struct err *e)
{
	struct nearest	 near;
	size_t		 i;

	nearest_begin(&near, name, strlen(name));
	for (i = 0; i < ld->n; i++)
		nearest_try(&near, ld->keys[i].name,
		    strlen(ld->keys[i].name));
	if (near.best == NULL)
		return err_set(e, ERR_CONFIG, "unknown key '%.64s'", name);
	return err_set(e, ERR_CONFIG,
	    "unknown key '%.64s', did you mean '%s'?", name, near.best);
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

/*
 * A key set twice is a mistake: which of the two counts is what nobody
 * remembers.
 */
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
	if (conf_value_set(&ld->keys[i], value, ld->conf, e) < 0)
		return err_note(e, "%s", name);
	return 0;
}

/* getline() may move the line, so it is the caller's to free. */
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

/*
 * Empty counts as unset: that is how unit files and containers take a variable
 * away.
 */
static const char *
environment(const char *name)
{
	const char	*value = name == NULL ? NULL : getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

/* After the file, over it: whoever starts the program has the last word. */
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
		if (value != NULL &&
		    conf_value_set(key, value, ld->conf, e) < 0)
			return err_note(e, "%s", name);
	}
	return 0;
}

/*
 * All are cleared before any is set, so that conf_free() can be called
 * whatever fails.
 */
static int
load_defaults(struct load *ld, struct err *e)
{
	const struct conf_key	*key;
	size_t			 i;

	for (i = 0; i < ld->n; i++) {
		key = &ld->keys[i];
		conf_value_clear(key, ld->conf);
	}
	for (i = 0; i < ld->n; i++) {
		key = &ld->keys[i];
		if (key->def != NULL &&
		    conf_value_set(key, key->def, ld->conf, e) < 0)
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
	size_t	i;

	for (i = 0; i < n; i++)
		conf_value_free(&keys[i], conf);
}
