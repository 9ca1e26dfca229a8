/*
 * A request of the REST API, from its token to its handler.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/api/api.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"

/* In the order in which a refusal names them. */
static const struct {
	unsigned	 bit;
	const char	*scope;
	const char	*role;		/* in the audit */
} scopes[] = {
	{ API_ADMIN, TOKEN_ADMIN, "admin" },
	{ API_USER, TOKEN_USER, "user" },
	{ API_NODE, TOKEN_NODE, "node" },
};

#define NSCOPES		(sizeof(scopes) / sizeof(scopes[0]))

const char *
api_account(const struct api *c)
{
	return (c->scopes & API_ADMIN) != 0 ? NULL : c->token.sub;
}

const char *
api_agent(const struct api *c)
{
	return (c->scopes & API_NODE) != 0 ? c->token.sub : NULL;
}

/* The highest scope of the token names the role. */
const char *
api_who(const struct api *c)
{
	const char	*role = "";
	json_t		*who = json_object();
	char		*text;
	size_t		 i;

	for (i = NSCOPES; i-- > 0;)
		if ((c->scopes & scopes[i].bit) != 0)
			role = scopes[i].role;
	json_object_set_new(who, "sub", json_string(c->token.sub));
	json_object_set_new(who, "role", json_string(role));
	json_object_set_new(who, "addr",
	    json_string(c->x->req->remote_addr));
	text = api_doc(c, who);
	json_decref(who);
	return text;
}

/*
 * A token that is none and one that is wrong get the Go program's two texts.
 */
static int
authenticate(struct api *c)
{
	const struct config	*conf = c->w->conf;
	const struct token_keys	 keys = { conf->api_jwt_secret,
				    conf->api_jwt_secret_previous };
	const char		*text;
	struct err		 e = ERR_INIT;
	size_t			 i;

	if ((text = token_bearer(c->x->req->authorization)) == NULL) {
		api_message(c, 401, TOKEN_MALFORMED);
		return -1;
	}
	if (token_verify(c->arena, text, &keys, clock_wall_ms() / 1000,
	    &c->token, &e) == -1) {
		c->x->log.reason = arena_strdup(c->arena, e.text);
		api_message(c, 401, TOKEN_INVALID);
		return -1;
	}
	if (c->token.sub[0] != '\0')
		c->x->log.subject = c->token.sub;
	for (i = 0; i < NSCOPES; i++)
		if (token_has(&c->token, scopes[i].scope))
			c->scopes |= scopes[i].bit;
	return 0;
}

/*
 * A token made for one purpose (an audience, a recording) opens nothing here,
 * whatever its scope.
 */
static int
authorize(struct api *c)
{
	unsigned	 want = c->route->scopes;
	struct buf	 b = { 0 };
	size_t		 i;

	if (!token_has_purpose(&c->token) &&
	    (want == API_ANY || (c->scopes & want) != 0))
		return 0;
	for (i = 0; i < NSCOPES; i++)
		if (want == API_ANY || (want & scopes[i].bit) != 0)
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "",
			    scopes[i].scope);
	buf_adds(&b, " scope required");
	api_message(c, 403, buf_str(&b));
	buf_free(&b);
	return -1;
}

/* What each route declares that it needs. */
static int
prepare(struct api *c, struct err *e)
{
	const struct http_req	*req = c->x->req;
	struct view		 raw = { req->raw_query, req->raw_query_len };

	if ((c->route->needs & API_UUID) != 0 && !str_is_uuid(c->args[0]))
		return err_set(e, ERR_MISSING, "no uuid");
	if (query_parse(c->arena, raw, (size_t)c->w->conf->max_params,
	    &c->query, e) == -1)
		return -1;
	return (c->route->needs & API_BODY) != 0 ? api_body(c, e) : 0;
}

static void
answer(struct api *c)
{
	struct err	e = ERR_INIT;

	c->x->log.call = arena_printf(c->arena, "%s %s",
	    c->x->req->method_name, c->route->path);
	if (prepare(c, &e) == -1 || c->route->answer(c, &e) == -1)
		api_failed(c, &e);
	json_decref(c->body);
}

/* Is this origin one of the words of api_cors_origins, or are all? */
static bool
origin_allowed(const char *origin, const char *list)
{
	size_t	len = strlen(origin), n;

	for (; len > 0 && *list != '\0'; list += n) {
		list += strspn(list, " ,\t");
		n = strcspn(list, " ,\t");
		if ((n == 1 && *list == '*') ||
		    (n == len && memcmp(list, origin, n) == 0))
			return true;
	}
	return false;
}

/* true: it was a question about methods, and is answered. */
static bool
cors(struct exchange *x)
{
	struct http_reply	*r = x->reply;
	bool			 allowed;

	if (x->w->conf->api_cors_origins[0] == '\0')
		return false;
	http_header_set(r, "Vary", "Origin");
	allowed = origin_allowed(x->req->origin,
	    x->w->conf->api_cors_origins);
	if (allowed) {
		http_header_set(r, "Access-Control-Allow-Origin",
		    x->req->origin);
		http_header_set(r, "Access-Control-Expose-Headers",
		    "X-Total-Count, Retry-After, Allow");
	}
	if (!allowed || x->req->method != HTTP_OPTIONS)
		return false;
	http_header_set(r, "Access-Control-Allow-Methods",
	    "GET, POST, PUT, PATCH, DELETE");
	http_header_set(r, "Access-Control-Allow-Headers",
	    "Authorization, Content-Type");
	http_header_set(r, "Access-Control-Max-Age", "600");
	r->status = 204;
	return true;
}

/* With CORS, or a page of a browser could not read why. */
void
api_refuse(struct exchange *x, int status, const char *why)
{
	struct api	c = { .x = x, .w = x->w, .arena = x->req->arena };

	cors(x);
	http_header_set(x->reply, "Cache-Control", "no-store");
	api_message(&c, status, why);
}

static void
no_route(struct api *c)
{
	const char	*allowed = api_allowed(c, c->x->req->path);
	int		 status = allowed == NULL ? 404 : 405;

	if (allowed != NULL)
		http_header_set(c->x->reply, "Allow", allowed);
	api_message(c, status, http_reason(status));
}

/* The Go program asks for a token before it looks for a route. */
void
api_answer(struct exchange *x)
{
	struct api	c = { .x = x, .w = x->w, .arena = x->req->arena };

	if (cors(x))
		return;
	http_header_set(x->reply, "Cache-Control", "no-store");
	c.route = api_match(&c, x->req->method, x->req->path);
	if ((c.route == NULL || (c.route->needs & API_NO_TOKEN) == 0) &&
	    authenticate(&c) == -1)
		return;
	if (c.route == NULL)
		no_route(&c);
	else if ((c.route->needs & API_NO_TOKEN) != 0 || authorize(&c) == 0)
		answer(&c);
}
