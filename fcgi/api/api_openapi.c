/*
 * The REST API's own description, made from its tables.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "fcgi/api/docs.h"
#include "fcgi/api/resources.h"

#define VERSION_PREFIX	"/v1"
#define JSON_TYPE	"application/json"

/* ---- schemas */

static json_t *
schema_of(const struct field *f)
{
	static const char *const types[] = {
		[FIELD_STR] = "string", [FIELD_INT] = "integer",
		[FIELD_REAL] = "number", [FIELD_BOOL] = "boolean",
		[FIELD_TIME] = "string", [FIELD_OBJECT] = "object",
		[FIELD_LIST] = "array", [FIELD_ANY] = NULL
	};
	json_t	*j = json_object();

	/* Without a type it is any value, null as well. */
	if (types[f->type] == NULL)
		return j;
	json_object_set_new(j, "type", json_string(types[f->type]));
	if (f->type == FIELD_INT)
		json_object_set_new(j, "format", json_string("int64"));
	if (f->type == FIELD_TIME)
		json_object_set_new(j, "format", json_string("date-time"));
	if (f->type == FIELD_LIST)
		json_object_set_new(j, "items",
		    json_pack("{s:s}", "type", "string"));
	if ((f->flags & FIELD_NULL) != 0)
		json_object_set_new(j, "nullable", json_true());
	return j;
}

static json_t *
object_schema(void)
{
	return json_pack("{s:s, s:{}}", "type", "object", "properties");
}

static void
add_member(json_t *object, const char *name, json_t *schema, bool required)
{
	json_t	*list;

	json_object_set_new(json_object_get(object, "properties"), name,
	    schema);
	if (!required)
		return;
	if ((list = json_object_get(object, "required")) == NULL) {
		list = json_array();
		json_object_set_new(object, "required", list);
	}
	json_array_append_new(list, json_string(name));
}

/* The object that "bbb.key" is a member of; name becomes "key". */
static json_t *
parent_of(struct arena *a, json_t *top, const char *schema,
    const char **name, bool input)
{
	const char	*dot = strchr(*name, '.'), *outer;
	json_t		*j;

	if (dot == NULL)
		return top;
	outer = arena_memdup(a, *name, (size_t)(dot - *name));
	j = json_object_get(json_object_get(top, "properties"), outer);
	if (j == NULL) {
		j = object_schema();
		if (input)
			json_object_set_new(j, "nullable", json_true());
		api_hint(j, schema, outer);
		add_member(top, outer, j, !input);
	}
	*name = dot + 1;
	return j;
}

/* Answers have all members; of what is sent none is needed for merging. */
static json_t *
record_schema(struct arena *a, const char *schema, const struct record *r,
    bool input)
{
	json_t		*top = object_schema(), *object, *member;
	const char	*name;
	size_t		 i;

	/* A null that means nothing is skipped, as bodies and as members. */
	if (input)
		json_object_set_new(top, "nullable", json_true());
	api_hint(top, schema, "");

	for (i = 0; i < r->n; i++) {
		if (input && (r->v[i].flags & FIELD_INPUT) == 0)
			continue;
		name = r->v[i].name;
		object = parent_of(a, top, schema, &name, input);
		member = schema_of(&r->v[i]);
		if (input && json_object_get(member, "type") != NULL)
			json_object_set_new(member, "nullable", json_true());
		api_hint(member, schema, r->v[i].name);
		add_member(object, name, member, !input);
	}
	return top;
}

static json_t *
error_schema(void)
{
	return json_pack("{s:s, s:[s], s:{s:{s:s}, s:{s:s}, s:{s:s, s:{s:s,"
	    " s:{s:s}}}}}", "type", "object", "required", "message",
	    "properties", "message", "type", "string", "error", "type",
	    "string", "fields", "type", "object", "additionalProperties",
	    "type", "array", "items", "type", "string");
}

/* Name is what is answered, NameInput what may be sent. */
static json_t *
all_schemas(struct arena *a)
{
	const struct api_schema	*s;
	const struct record	*r;
	const char		*input;
	json_t			*j = json_object();
	size_t			 i, n;

	s = api_schemas(&n);
	for (i = 0; i < n; i++) {
		r = s[i].shared != NULL ? s[i].shared() : &s[i].own;
		input = arena_printf(a, "%sInput", s[i].name);
		json_object_set_new(j, s[i].name,
		    record_schema(a, s[i].name, r, false));
		json_object_set_new(j, input,
		    record_schema(a, input, r, true));
	}
	json_object_set_new(j, "Error", error_schema());
	return j;
}

/* ---- operations */

static json_t *
reference(struct arena *a, const char *name, const char *more)
{
	return json_pack("{s:s}", "$ref", arena_printf(a,
	    "#/components/schemas/%s%s", name, more));
}

static json_t *
content(json_t *schema)
{
	return json_pack("{s:{s:o}}", JSON_TYPE, "schema", schema);
}

static json_t *
parameter(const char *name, const char *in, const char *type)
{
	return json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", name, "in", in,
	    "required", strcmp(in, "path") == 0, "schema", "type", type);
}

static const char *
type_of(const char *name)
{
	if (strcmp(name, "limit") == 0 || strcmp(name, "offset") == 0)
		return "integer";
	return strcmp(name, "force") == 0 || strcmp(name, "running") == 0 ?
	    "boolean" : "string";
}

/* A word of the query. */
static json_t *
query_parameter(struct arena *a, const struct api_doc *d, const char *word)
{
	size_t		 n = strcspn(word, ":");
	const char	*name = arena_memdup(a, word, n);
	json_t		*j = parameter(name, "query", type_of(name));
	json_t		*schema = json_object_get(j, "schema");
	int		 def, max;

	if (strcmp(type_of(name), "string") == 0)
		api_hint(schema, "?", "");
	api_hint(schema, "?", name);
	if (d->output != NULL)
		api_hint(schema, arena_printf(a, "?%s", d->output), name);
	if (sscanf(word + n, ":%d:%d", &def, &max) == 2) {
		json_object_set_new(schema, "default", json_integer(def));
		json_object_set_new(schema, "maximum", json_integer(max));
	}
	return j;
}

/* Of the path's {names}, then the words of the query. */
static json_t *
parameters(struct arena *a, const struct api_route *r,
    const struct api_doc *d)
{
	json_t		*list = json_array(), *j;
	const char	*p = r->path, *name;
	bool		 uuid = (r->needs & API_UUID) != 0;
	size_t		 n;

	while ((p = strchr(p, '{')) != NULL) {
		n = strcspn(++p, "}");
		name = arena_memdup(a, p, n);
		j = parameter(name, "path", "string");
		api_hint(json_object_get(j, "schema"), uuid &&
		    strcmp(name, "id") == 0 ? "/uuid" : "/", name);
		json_array_append_new(list, j);
	}
	for (p = d->query; *p != '\0'; p += n + (p[n] == ' ')) {
		n = strcspn(p, " ");
		json_array_append_new(list, query_parameter(a, d,
		    arena_memdup(a, p, n)));
	}
	return list;
}

static json_t *
answer_schema(struct arena *a, const struct api_doc *d)
{
	json_t	*j = d->output == NULL ? json_pack("{s:s}", "type", "object") :
		    reference(a, d->output, "");

	return d->list ? json_pack("{s:s, s:o}", "type", "array", "items",
	    j) : j;
}

/* Agents are refused in shapes of their own too, by what they get else. */
static const struct {
	const char	*output;
	const char	*status;
	const char	*refusal;
} refusals[] = {
	{ "BatchResult", "409", "BatchGap" },
	{ "CallResult", "400", "CallResult" },
};

static void
add_refusals(struct arena *a, const struct api_doc *d, json_t *answers)
{
	json_t	*any;
	size_t	 i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (d->output == NULL ||
		    strcmp(d->output, refusals[i].output) != 0)
			continue;
		any = json_pack("{s:[o, o]}", "anyOf", reference(a, "Error",
		    ""), reference(a, refusals[i].refusal, ""));
		json_object_set_new(answers, refusals[i].status, json_pack(
		    "{s:s, s:o}", "description", "Refused", "content",
		    content(any)));
	}
}

static json_t *
responses(struct arena *a, const struct api_doc *d)
{
	json_t	*good = json_pack("{s:s, s:o}", "description", "Done",
		    "content", content(answer_schema(a, d)));
	json_t	*bad = json_pack("{s:s, s:o}", "description", "Refused",
		    "content", content(reference(a, "Error", "")));
	json_t	*answers;

	if (d->list && strstr(d->query, "limit") != NULL)
		json_object_set_new(good, "headers", json_pack(
		    "{s:{s:s, s:{s:s}}}", "X-Total-Count", "description",
		    "How many there are in all", "schema", "type",
		    "integer"));
	answers = json_pack("{s:o, s:o}", d->status == 202 ? "202" : "200",
	    good, "default", bad);
	add_refusals(a, d, answers);
	return answers;
}

static json_t *
scopes_of(unsigned scopes)
{
	json_t	*list = json_array();

	if ((scopes & API_ADMIN) != 0)
		json_array_append_new(list, json_string(TOKEN_ADMIN));
	if ((scopes & API_USER) != 0)
		json_array_append_new(list, json_string(TOKEN_USER));
	if ((scopes & API_NODE) != 0)
		json_array_append_new(list, json_string(TOKEN_NODE));
	return list;
}

/* "get_frontends_id_settings": letters that programs may use as a name. */
static const char *
operation_id(struct arena *a, const char *method, const char *path)
{
	char	*id = arena_printf(a, "%s%s", method, path);
	char	*to = id;
	const char *p;

	for (p = id; *p != '\0'; p++)
		if (*p != '{' && *p != '}')
			*to++ = strchr("/-.", *p) != NULL ? '_' : *p;
	*to = '\0';
	return id;
}

/* None is as good as an empty record, if that will do. */
static json_t *
request_body(struct arena *a, const struct api_route *r,
    const struct api_doc *d)
{
	json_t	*record = reference(a, d->input, "Input");
	json_t	*must = api_must(r);

	if (must == NULL)
		return json_pack("{s:o}", "content", content(record));
	return json_pack("{s:b, s:o}", "required", 1, "content",
	    content(json_pack("{s:[o, o]}", "allOf", record, must)));
}

static json_t *
operation(struct arena *a, const struct api_route *r, const char *method)
{
	static const struct api_doc	 none = { .summary = "",
					    .query = "" };
	const struct api_doc		*d = api_doc_find(r);
	json_t				*j;

	if (d == NULL)
		d = &none;
	j = json_pack("{s:s, s:s, s:o, s:o, s:o}", "operationId",
	    operation_id(a, method, r->path), "summary", d->summary,
	    "parameters", parameters(a, r, d), "responses",
	    responses(a, d), "x-scopes", scopes_of(r->scopes));
	if (d->input != NULL)
		json_object_set_new(j, "requestBody", request_body(a, r, d));
	if ((r->needs & API_NO_TOKEN) != 0)
		json_object_set_new(j, "security", json_array());
	return j;
}

static json_t *
all_paths(struct arena *a)
{
	static const char *const methods[] = {
		[HTTP_GET] = "get", [HTTP_HEAD] = "head",
		[HTTP_POST] = "post", [HTTP_PUT] = "put",
		[HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete",
		[HTTP_OPTIONS] = "options"
	};
	const struct api_route	*r;
	json_t			*paths = json_object(), *item;
	const char		*path, *method;
	size_t			 i, n;

	r = api_routes(&n);
	for (i = 0; i < n; i++) {
		path = arena_printf(a, VERSION_PREFIX "%s", r[i].path);
		method = methods[r[i].method];
		if ((item = json_object_get(paths, path)) == NULL) {
			item = json_object();
			json_object_set_new(paths, path, item);
		}
		json_object_set_new(item, method,
		    operation(a, &r[i], method));
	}
	return paths;
}

int
api_openapi(struct api *c, struct err *e)
{
	json_t	*doc;

	(void)e;
	doc = json_pack("{s:s, s:{s:s, s:s}, s:[{s:s}], s:[{s:[]}], s:o,"
	    " s:{s:o, s:{s:{s:s, s:s, s:s}}}}",
	    "openapi", "3.0.3",
	    "info", "title", "b3scale api v1", "version", PACKAGE_VERSION,
	    "servers", "url", "/api",
	    "security", "jwt",
	    "paths", all_paths(c->arena),
	    "components", "schemas", all_schemas(c->arena),
	    "securitySchemes", "jwt", "type", "http", "scheme", "bearer",
	    "bearerFormat", "JWT");
	api_json(c, 200, doc);
	json_decref(doc);
	return 0;
}
