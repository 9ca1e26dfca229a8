/*
 * The REST API: what a request to it carries, and how it is answered.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_API_API_H
#define FCGI_API_API_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "fcgi/route.h"
#include "proto/json.h"
#include "proto/query.h"
#include "proto/token.h"

struct rows;

/* Scopes, in the order in which a refusal names them. */
#define API_ADMIN	1u
#define API_USER	2u
#define API_NODE	4u
#define API_ANY		0u	/* any token that is not for one purpose */

/* What a handler needs; checked before it runs. */
#define API_UUID	1u	/* the first {argument}: else 404 */
#define API_BODY	2u	/* a JSON object, {} if there is none */
#define API_NO_TOKEN	4u	/* open to everyone */

#define API_ARGS_MAX	2
#define API_FAULTS_MAX	24
/* Larger bodies get 413. */
#define API_BODY_MAX	((size_t)1024 * 1024)

struct api;

struct api_route {
	enum http_method	 method;
	const char		*path;	/* below /api/v1, {name} for one word */
	unsigned		 scopes; /* any of */
	unsigned		 needs;
	/* 0: it has filled the reply; -1: e, or faults, become one. */
	int			(*answer)(struct api *c, struct err *e);
};

/* A member of the input that is not as it has to be. */
struct api_fault {
	const char	*field;
	const char	*text;
};

/* One request. */
struct api {
	struct exchange		*x;
	struct worker		*w;
	struct arena		*arena;
	const struct api_route	*route;
	const char		*args[API_ARGS_MAX];
	size_t			 nargs;
	struct query		 query;
	struct token		 token;
	unsigned		 scopes;	/* of the token */
	json_t			*body;		/* with API_BODY; freed later */
	const char		*text;		/* what it was parsed from */
	size_t			 text_len;
	struct api_fault	 faults[API_FAULTS_MAX];
	size_t			 nfaults;
};

/* Is this path ours: /api/v1, and all below it? */
bool	api_takes(const char *path);
/* The row of fcgi/route.c. */
void	api_answer(struct exchange *x);
/* A request that is none, see route_refuse(). */
void	api_refuse(struct exchange *x, int status, const char *why);

/* The table: routes.c. */
const struct api_route	*api_routes(size_t *n);
/* NULL: no such path, or not by that method.  Fills c->args. */
const struct api_route	*api_match(struct api *c, enum http_method method,
			    const char *path);
/* The methods of a path as the header Allow names them; NULL: no such path. */
const char	*api_allowed(struct api *c, const char *path);

/* ---- who asks */

/* Sees everything: NULL; else the account whose frontends alone it sees. */
const char	*api_account(const struct api *c);
/* The agent whose backend alone it sees; NULL: it is no node's token. */
const char	*api_agent(const struct api *c);
/* For the audit: JSON of subject, role and address; see store/audit.h. */
const char	*api_who(const struct api *c);

/* ---- what is asked: input.c */

/* A parameter of the query, or NULL; -1: it is no text (a fault). */
int	api_param(struct api *c, const char *name, const char **value);
/* Whole and not below 0, as text; absent: *value is NULL. */
int	api_param_count(struct api *c, const char *name, const char **value);
/* limit of a list that grows for ever: at most max, def if it is absent. */
int	api_param_limit(struct api *c, int def, int max, const char **value);
/* 1, true and yes; 0, false, no and nothing.  -1: another word. */
int	api_param_bool(struct api *c, const char *name, bool *value);
/* Reads a body of at most so many bytes into c->text; else ERR_TOOBIG. */
int	api_text(struct api *c, size_t max, struct err *e);
/* Reads and parses the body into c->body. */
int	api_body(struct api *c, struct err *e);
/* What of c->body the record lets clients write; the caller frees *in. */
int	api_input(struct api *c, const struct record *r, json_t **in,
	    struct err *e);
/*
 * The text at a path of in, trimmed there, must not be blank; if it is absent
 * that is a fault only when all is true (a new record).
 */
int	api_require(struct api *c, json_t *in, const char *path, bool all);
/* An object as text in the arena. */
char	*api_doc(const struct api *c, const json_t *j);
/*
 * Notes a mistake of the client.  Answered with 400 when the handler returns
 * -1 (with ERR_CONFLICT: 409).  Always -1; the strings must stay.
 */
int	api_fault(struct api *c, const char *field, const char *text);
/* The token is that of an agent which no backend has: 403.  Always -1. */
int	api_no_backend(struct err *e);
/* As in RFC 3339; a day that its month lacks is left to the database. */
bool	api_is_time(const char *s);

/* ---- what is answered: reply.c */

/* {"message": ...}, the form of every answer that is no resource. */
void	api_message(struct api *c, int status, const char *message);
/* Any value, members sorted; j stays the caller's. */
void	api_json(struct api *c, int status, const json_t *j);
/*
 * The error of a handler as its reply.  Two keys have a status of their own:
 * 415 and 403.
 */
#define API_KEY_TYPE	"type"
#define API_KEY_AGENT	"agent"
void	api_failed(struct api *c, const struct err *e);

/* A resource as it is shown. */
struct api_resource {
	const struct record	*record;
	/*
	 * The text of a cell in another form (NULL: as it is); for fields
	 * with FIELD_KEEP, in an arena that may be a row's.  NULL: there are
	 * none.
	 */
	const char		*(*shape)(const struct api *c, struct arena *a,
				    const struct field *f, const char *text);
};

/* A row of the record's cells, from a column on. */
void	api_record(struct api *c, int status, const struct api_resource *res,
	    const struct rows *r, int col);
/*
 * The only row of r as a record, with 200; 404 if there is none.  Frees r;
 * NULL: e is set.  Returns what the handler is to return.
 */
int	api_one(struct api *c, const struct api_resource *res, struct rows *r,
	    struct err *e);

/*
 * A list, streamed: begin, a store function that calls api_list_row for each
 * row, end.  Column 0 of a row is the number of all that fit the filter, the
 * record begins at column 1; a row whose first cell is NULL tells the number
 * alone.  end returns what the handler is to return.
 */
struct api_list;
/* The end frees it, whatever happened. */
struct api_list	*api_list_begin(struct api *c, const struct api_resource *r);
/* For a store function's fn; list is what begin gave. */
int		 api_list_row(const struct rows *r, void *list);
int		 api_list_end(struct api_list *l, int rc);

#endif
