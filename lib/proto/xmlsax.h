/*
 * One pass of expat over a whole XML text, with the place of every tag.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_XMLSAX_H
#define PROTO_XMLSAX_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct XML_ParserStruct;
struct spool;

/*
 * The caller embeds it as the first member of what the handlers need and
 * sets the handlers; text comes in pieces, decoded, and not NUL-ended.  A tag
 * is the view of its bytes; that of the end of `<a/>` is empty and lies
 * behind it.  attrs: name, value, ..., NULL.
 */
struct xmlsax {
	void	(*start)(struct xmlsax *s, const char *name,
		    const char **attrs, struct view tag);
	void	(*end)(struct xmlsax *s, const char *name, struct view tag);
	void	(*text)(struct xmlsax *s, const char *p, size_t len);
	/* Set by xmlsax_run. */
	struct view		 data;
	struct XML_ParserStruct	*parser;
	const char		*refused;
};

/*
 * data is taken as UTF-8 whatever it says of itself; a DOCTYPE is refused
 * (entity bombs).  Sets e with the given code and "line N: reason".
 */
int	xmlsax_run(struct xmlsax *s, struct view data, enum err_code code,
	    struct err *e);
/*
 * Whether a body of any size is well-formed, in the encoding that it names
 * itself (one that we do not know is left to others).  Memory stays flat: a
 * tag may be 1 MiB long; a DOCTYPE is refused.  -1: ERR_INPUT, "line N:
 * reason", or the spool's own error.
 */
int	xmlsax_check(struct spool *body, struct err *e);
/* From a handler: no more; reason is static and becomes the error's text. */
void	xmlsax_refuse(struct xmlsax *s, const char *reason);

#endif
