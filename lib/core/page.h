/*
 * Pages for browsers, from template files that an admin may replace.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_PAGE_H
#define CORE_PAGE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "proto/http.h"

struct pages;

enum page {
	PAGE_REDIRECT,		/* {{url}} */
	PAGE_WAIT,		/* {{url}} {{seconds}} {{try}} */
	PAGE_GIVEN_UP,		/* {{url}}: the politely ended wait */
	PAGE_NOT_FOUND,		/* no such meeting (any more) */
	PAGE_LIMIT,		/* the frontend's attendees limit */
	PAGE__MAX
};

struct page_var {
	const char	*name;
	const char	*value;
};

/*
 * Reads dir/NAME.LANG.html for each page and language (en, de; en is the
 * default and must be there).  A template may name only variables that its
 * page has: ERR_CONFIG with file:line.
 */
struct pages	*pages_load(const char *dir, struct err *e);
void		 pages_free(struct pages *p);

/*
 * Fills the reply: status, text/html, no-store, the language that the request
 * prefers; every value is escaped for HTML text and attributes.
 */
void		 page_reply(const struct pages *p, enum page which,
		    const struct http_req *req, int status,
		    const struct page_var *vars, size_t n,
		    struct http_reply *reply);

#endif
