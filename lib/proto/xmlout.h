/*
 * XML written through one place, which remembers the first failure.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_XMLOUT_H
#define PROTO_XMLOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define XMLOUT_DEPTH 16

/*
 * Opened on the stack with xmlout_begin.  One element a line, no indent, as
 * BBB's meeting calls print it.  With a flush function the buffer is handed
 * on (and emptied) whenever it passes flush_at bytes.
 */
struct xmlout {
	struct buf	*buf;
	const char	*open[XMLOUT_DEPTH];
	size_t		 depth;
	bool		 failed;
	size_t		 flush_at;
	int		(*flush)(void *ctx, struct buf *buf);
	void		*ctx;
};

void	xmlout_begin(struct xmlout *x, struct buf *buf);
void	xmlout_flush(struct xmlout *x, size_t at,
	    int (*flush)(void *ctx, struct buf *buf), void *ctx);

void	out_open(struct xmlout *x, const char *name);
void	out_close(struct xmlout *x);
/*
 * `<name>text</name>`, escaped; characters that XML does not know are left
 * out; NULL writes an empty element.
 */
void	out_str(struct xmlout *x, const char *name, const char *text);
void	out_int(struct xmlout *x, const char *name, long long n);
void	out_bool(struct xmlout *x, const char *name, bool b);
/* `<name/>`: a list without members, as BBB prints it. */
void	out_empty(struct xmlout *x, const char *name);
/* Bytes that are XML already (kept from a server's reply). */
void	out_raw(struct xmlout *x, const char *xml, size_t len);
/*
 * Hands on what is left, if there is a flush function.  -1 if any step failed
 * (flush refused, nesting too deep or not closed); nothing is written after a
 * failure, so a reply that breaks off is never closed by mistake.
 */
int	out_done(struct xmlout *x);

/* Escapes & < > " ' and CR; bytes that are not XML characters are dropped. */
void	xml_escape(struct buf *out, const char *text, size_t len);

#endif
