/*
 * The requests that are to be fired: a file of URLs and bodies.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "target.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The field after this one, which ends there; NULL: there is none. */
static char *
next(char *field)
{
	char	*tab = field == NULL ? NULL : strchr(field, '\t');

	if (tab == NULL)
		return NULL;
	*tab = '\0';
	return tab + 1;
}

static void
add(struct targets *t, char *line)
{
	struct target	*x;
	char		*expect, *token;

	/* doubles at each power of two */
	if ((t->n & (t->n - 1)) == 0)
		t->v = xrealloc(t->v, t->n == 0 ? 1 : 2 * t->n,
		    sizeof(*t->v));
	x = &t->v[t->n++];
	x->path = line;
	x->expect = expect = next(line);
	x->token = token = next(expect);
	x->body = next(token);
}

void
targets_read(struct targets *t, const char *path)
{
	FILE	*f = fopen(path, "r");
	char	*line = NULL;
	size_t	 size = 0;

	memset(t, 0, sizeof(*t));
	if (f == NULL)
		err(1, "%s", path);
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			add(t, xstrdup(line));
	}
	if (ferror(f))
		err(1, "%s", path);
	if (t->n == 0)
		errx(1, "%s: no requests", path);
	free(line);
	fclose(f);
}

void
targets_free(struct targets *t)
{
	size_t	i;

	for (i = 0; i < t->n; i++)
		free(t->v[i].path);
	free(t->v);
	memset(t, 0, sizeof(*t));
}
