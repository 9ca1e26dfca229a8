/*
 * Rows of a result, and arrays on their way there and back.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/mem.h"

struct rows *
rows_take(PGresult *res)
{
	struct rows	*r = xmalloc(sizeof(*r));

	r->res = res;
	return r;
}

void
rows_free(struct rows *r)
{
	if (r == NULL)
		return;
	PQclear(r->res);
	free(r);
}

/* min() over nothing is NULL: then there is nothing due at all. */
int
rows_due_ms(struct rows *r, int max_ms)
{
	long long	ms = rows_null(r, 0, 0) ? max_ms : rows_int(r, 0, 0);

	rows_free(r);
	return ms < 0 ? 0 : ms > max_ms ? max_ms : (int)ms;
}

char *
param_int(struct arena *a, long long n)
{
	return arena_printf(a, "%lld", n);
}

size_t
rows_len(const struct rows *r)
{
	return (size_t)PQntuples(r->res);
}

bool
rows_null(const struct rows *r, size_t row, int col)
{
	assert(row < rows_len(r) && col < PQnfields(r->res));
	return PQgetisnull(r->res, (int)row, col);
}

const char *
rows_str(const struct rows *r, size_t row, int col)
{
	assert(row < rows_len(r) && col < PQnfields(r->res));
	return PQgetvalue(r->res, (int)row, col);
}

const char *
rows_maybe(const struct rows *r, size_t row, int col)
{
	return rows_null(r, row, col) ? NULL : rows_str(r, row, col);
}

char *
rows_dup(const struct rows *r, size_t row, int col, struct arena *a)
{
	if (rows_null(r, row, col))
		return NULL;
	return arena_memdup(a, rows_str(r, row, col),
	    (size_t)PQgetlength(r->res, (int)row, col));
}

/*
 * Columns have their types in SQL, so what comes back is a number; of NULL it
 * is the empty text, which reads as 0.
 */
long long
rows_int(const struct rows *r, size_t row, int col)
{
	return strtoll(rows_str(r, row, col), NULL, 10);
}

double
rows_real(const struct rows *r, size_t row, int col)
{
	return strtod(rows_str(r, row, col), NULL);
}

/* In the text format, which is the only one asked for: 't' or 'f'. */
bool
rows_bool(const struct rows *r, size_t row, int col)
{
	return rows_str(r, row, col)[0] == 't';
}

int
rows_words(const struct rows *r, size_t row, int col, struct arena *a,
    char ***v, size_t *n)
{
	json_t	*list, *word;
	size_t	 i;

	*v = NULL;
	*n = 0;
	/* Most rows have none: no parser is started for those. */
	if (rows_null(r, row, col) || strcmp(rows_str(r, row, col), "[]") == 0)
		return 0;
	list = json_loads(rows_str(r, row, col), 0, NULL);
	if (!json_is_array(list)) {
		json_decref(list);
		return -1;
	}
	*v = arena_zalloc(a, json_array_size(list), sizeof(**v));
	json_array_foreach(list, i, word)
		if (json_is_string(word))
			(*v)[(*n)++] = arena_strdup(a,
			    json_string_value(word));
	json_decref(list);
	return 0;
}

/*
 * Every element is quoted, so that neither an empty text nor the word NULL nor
 * a comma in it is taken for something else; within quotes only these two
 * bytes mean anything.
 */
char *
rows_array(struct arena *a, const char *const *v, size_t n)
{
	struct buf	 b = { 0 };
	const char	*p;
	size_t		 i;

	buf_addc(&b, '{');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		if (v[i] == NULL) {
			buf_adds(&b, "NULL");
			continue;
		}
		buf_addc(&b, '"');
		for (p = v[i]; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				buf_addc(&b, '\\');
			buf_addc(&b, *p);
		}
		buf_addc(&b, '"');
	}
	buf_addc(&b, '}');
	return arena_take(a, &b);
}
