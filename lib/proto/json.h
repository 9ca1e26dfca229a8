/*
 * JSON as the REST API speaks it: members by table, one way to write a value.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_JSON_H
#define PROTO_JSON_H

#include <stddef.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

enum field_type {
	FIELD_STR,
	FIELD_INT,
	FIELD_REAL,
	FIELD_BOOL,
	FIELD_TIME,	/* microseconds since 1970; in JSON RFC 3339 */
	FIELD_OBJECT,	/* JSON as text */
	FIELD_LIST,	/* the same, of strings */
	FIELD_ANY	/* the same, whatever it is */
};

#define FIELD_NULL	1u	/* may be null; others show as "", 0, false */
#define FIELD_SECRET	2u	/* never printed unasked, never logged */
#define FIELD_INPUT	4u	/* clients may write it */
#define FIELD_KEEP	8u	/* JSON whose text is written as it is */

/*
 * A row per member, in the order in which they are written.  The same row is
 * a column of the answer of the database and one of a printed table.
 */
struct field {
	const char	*name;		/* "bbb.key": key in the object bbb */
	enum field_type	 type;
	unsigned	 flags;
	const char	*column;	/* printed head; NULL: not printed */
};

struct record {
	const struct field	*v;
	size_t			 n;
};
#define RECORD(fields)	{ (fields), sizeof(fields) / sizeof((fields)[0]) }

#define JSON_NO_TIME	"0001-01-01T00:00:00Z"

/* ---- reading */

#define JSON_DEPTH_MAX	32

/*
 * One JSON value; what follows it is ignored.  No bytes, blanks alone and
 * null give an empty object, as a client sends one that has nothing to say.
 * ERR_INPUT with the text that the client gets.
 */
int	json_parse(const char *p, size_t len, json_t **out, struct err *e);
/* A member by its path, letter case ignored as a last resort; or NULL. */
json_t	*json_member(const json_t *object, const char *path);
/*
 * Takes from an object what the record calls FIELD_INPUT, under its own names
 * and of its own types.  Everything else is skipped unread; so is a null
 * where none may be.  text is what was parsed, for telling where a mistake
 * is.  The caller frees *out.
 */
int	json_input(const struct record *r, const json_t *in, const char *text,
	    size_t len, json_t **out, struct err *e);
/* "string", "number", "object" ... */
const char *json_type_name(const json_t *j);

/* ---- writing: compact, members as given or sorted, as the Go tools do */

/* <, >, & and control characters escaped; bad UTF-8 becomes U+FFFD. */
void	json_write_str(struct buf *out, const char *s);
void	json_write_time(struct buf *out, long long us);
/* Any value; the members of an object sorted. */
void	json_write(struct buf *out, const json_t *j);

/* Cell i as text, NULL for none; it holds until the next call. */
typedef const char *json_cell(void *ctx, size_t i);
void	json_write_record(struct buf *out, const struct record *r,
	    json_cell *cell, void *ctx);

#endif
