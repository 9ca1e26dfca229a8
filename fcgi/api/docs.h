/*
 * What the document of the REST API says of each route, beside its row.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_API_DOCS_H
#define FCGI_API_DOCS_H

#include <stdbool.h>

#include "fcgi/api/api.h"

struct api_doc {
	enum http_method	 method;
	const char		*path;		/* as in the row */
	const char		*summary;
	/* Names of parameters; "limit:1:9": its default and maximum. */
	const char		*query;
	const char		*input;		/* name of a schema; or NULL */
	const char		*output;	/* the same; NULL: any object */
	bool			 list;		/* of these */
	int			 status;	/* 0: 200 */
};
/* NULL: there is none, which is our mistake and a test's to find. */
const struct api_doc	*api_doc_find(const struct api_route *r);

/*
 * Adds to a schema what is known of that value: of the member (by its path) of
 * the record schema `where` ("": of all of it), of a parameter of a query ("?"
 * or "?" and the list's schema) or of a path ("/", "/uuid").
 */
void	api_hint(json_t *schema, const char *where, const char *name);
/* A schema that a body has to meet besides that of its record, or NULL. */
json_t	*api_must(const struct api_route *r);

struct api_schema {
	const char	*name;
	const struct record *(*shared)(void);	/* NULL: it is own */
	struct record	 own;
};
const struct api_schema	*api_schemas(size_t *n);

#endif
