/*
 * Prints records as a table, as name=value lines or as JSON.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_OUT_H
#define CTL_OUT_H

#include <jansson.h>

#include "base/buf.h"
#include "proto/json.h"

enum out_form {
	OUT_DEFAULT,	/* what the command thinks best: a table mostly */
	OUT_TABLE,
	OUT_JSON,
	OUT_KEYVALUE,
	OUT__MAX
};

/* -1: there is no such form. */
int	out_form(const char *name);
/*
 * A list of records, or one.  A table has these members of the record
 * (columns: names, a blank between; NULL: all with a head); name=value lines
 * have all fields, a blank line between two records; JSON is what the server
 * sent, whatever the fields are (r may be NULL).
 */
void	out_write(struct buf *b, enum out_form form, const struct record *r,
	    const char *columns, const json_t *data);
/* The text of a member as it is printed: control characters become '?'. */
void	out_cell(struct buf *b, const struct field *f, const json_t *row);
/* Any text, control characters (a stranger's escapes) as '?'. */
void	out_text(struct buf *b, const char *s);
/* Columns that a terminal needs for it. */
size_t	out_width(const char *s);
/* To the standard output. */
void	out_flush(struct buf *b);

#endif
