/*
 * A query string as a list of parameters, edited in the form in which it came.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_QUERY_H
#define PROTO_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * One `name=value`.  Decoded strings may hold NULs: mind the lengths.
 * raw_value.p is NULL for a value that was set by us.
 */
struct param {
	struct view	 raw_name;
	struct view	 raw_value;
	char		*name;
	size_t		 name_len;
	char		*value;
	size_t		 value_len;
};

struct query {
	struct param	*v;
	size_t		 n;
	size_t		 cap;
	struct arena	*arena;
};

/*
 * Splits at '&' (empty pieces are skipped) and decodes %XX and '+'; a '%'
 * that begins no escape stays a '%'.  More than max parameters: ERR_INPUT.
 * raw must live as long as q.
 */
int	query_parse(struct arena *a, struct view raw, size_t max,
	    struct query *q, struct err *e);

/*
 * Do these two name one parameter for BBB?  Exact, but `meta_` and `plugin_`
 * names are lower-cased there (bbb-api 5), so case is ignored for them.
 */
bool	query_same_name(const char *a, const char *b);
/* The first of that name, as BBB takes it, or NULL. */
const struct param *query_find(const struct query *q, const char *name);
/* Its decoded value, or NULL if absent. */
const char *query_get(const struct query *q, const char *name);
/* Replaces the first, drops the others, or appends; both are copied. */
void	query_set(struct query *q, const char *name, const char *value);
void	query_drop(struct query *q, const char *name);
/* Keeps the first of each name (the rule of query_same_name). */
void	query_unique(struct query *q);
/*
 * Letters, digits, '-', '_', '.' only, at least one: what may be the name of
 * a parameter that is sent to a server.
 */
bool	query_name_ok(const struct param *p);

/*
 * Writes "a=b&c=d".  A value's bytes stay as they came if they are a clean
 * escape (RFC 3986 unreserved, "!'()*+,:;@/?$", %XX); anything else is
 * encoded anew.  A name is always encoded.  `name` alone (no '=') becomes
 * `name=`.
 */
void	query_write(const struct query *q, struct buf *out);

#endif
