/*
 * Reads environment files as the Go program's tools do.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "proto/url.h"

#define DEFAULT_URL	"http://127.0.0.1:42353"

/* Blanks first, then quotes around what is left. */
static char *
strip(char *s)
{
	struct view	v = str_trim((struct view){ s, strlen(s) });
	char		*p = s + (v.p - s), *end = p + v.len;

	while (p < end && (*p == '"' || *p == '\''))
		p++;
	while (end > p && (end[-1] == '"' || end[-1] == '\''))
		end--;
	*end = '\0';
	return p;
}

/*
 * The file wins over the environment, as in the Go program's tools; a line
 * without '=' is skipped.
 */
void
environment_file(const char *path)
{
	FILE	*f = fopen(path, "re");
	char	*line = NULL, *value;
	size_t	 size = 0;

	if (f == NULL)
		return;
	while (getline(&line, &size, f) != -1) {
		if (line[0] == '#' || (value = strchr(line, '=')) == NULL)
			continue;
		*value++ = '\0';
		value = strip(value);
		setenv(strip(line), value, 1);
	}
	free(line);
	fclose(f);
}

static const char *
variable(const char *name)
{
	const char	*s = getenv(name);

	return s == NULL || s[0] == '\0' ? NULL : s;
}

/*
 * B3SCALE_DB_URL set: the environment is complete, as in a container, and no
 * file is read.
 */
int
environment_load(struct ctl *c, struct err *e)
{
	const char	*url;
	size_t		 len;

	if (variable("B3SCALE_DB_URL") == NULL) {
		environment_file(".env");
		environment_file("/etc/default/b3scale");
		environment_file("/etc/sysconfig/b3scale");
	}
	if ((url = c->opt[OPT_API]) == NULL &&
	    (url = variable("B3SCALE_API_URL")) == NULL)
		url = DEFAULT_URL;
	if (!url_is_http(url) || strpbrk(url, "?# ") != NULL)
		return err_set(e, ERR_INPUT, "'%s' is no address of a server:"
		    " it is like https://b3scale.example.org (-b,"
		    " B3SCALE_API_URL)", url);
	len = strlen(url);
	while (url[len - 1] == '/')
		len--;
	/* Some give the address of the API itself. */
	if (len > 7 && memcmp(url + len - 7, "/api/v1", 7) == 0)
		len -= 7;
	c->url = arena_memdup(c->arena, url, len);
	return 0;
}
