/*
 * Backends by the API.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "store/backend.h"
#include "store/db.h"

#define CAP_MAX		1000000

/*
 * tags are always there, and a list: a null is one for the Go tools, but the
 * web admin takes it for no answer.  Members that others wrote are not shown.
 */
static const char *
shape(const struct api *c, struct arena *a, const struct field *f,
    const char *text)
{
	json_t		*j = json_loads(text, 0, NULL);
	const json_t	*tags = json_object_get(j, "tags");
	struct buf	 b = { 0 };

	(void)c;
	(void)f;
	buf_adds(&b, "{\"tags\":");
	if (json_is_array(tags))
		json_write(&b, tags);
	else
		buf_adds(&b, "[]");
	buf_addc(&b, '}');
	json_decref(j);
	return arena_take(a, &b);
}

int
api_backend_reply(struct api *c, struct rows *r, struct err *e)
{
	const struct api_resource	res = { backend_record(), shape };

	return api_one(c, &res, r, e);
}

const char *
api_agent_timeout(const struct api *c)
{
	return arena_printf(c->arena, "%d", c->w->conf->agent_timeout);
}

int
api_backends_list(struct api *c, struct err *e)
{
	struct backend_filter	 f = { .timeout_ms = api_agent_timeout(c) };
	const struct api_resource res = { backend_record(), shape };
	struct api_list		*l;

	if (api_param(c, "host", &f.host) == -1 ||
	    api_param(c, "host__like", &f.host_like) == -1 ||
	    api_param(c, "host__ilike", &f.host_ilike) == -1 ||
	    api_param_count(c, "limit", &f.limit) == -1 ||
	    api_param_count(c, "offset", &f.offset) == -1)
		return -1;
	l = api_list_begin(c, &res);
	return api_list_end(l, backend_search(c->w->db, &f, api_list_row, l,
	    e));
}

static void
check_host(struct api *c, json_t *in, bool all)
{
	const char	*host = json_string_value(json_member(in, "bbb.host"));

	api_require(c, in, "bbb.host", all);
	if (host != NULL && !str_starts(host + strspn(host, " \t\r\n"),
	    "http"))
		api_fault(c, "bbb.host", "should start with http(s)://");
}

/* Only tags are known. */
static void
check_settings(struct api *c, json_t *settings)
{
	json_t	*tags, *item;
	size_t	 i;

	if (settings == NULL)
		return;
	if ((tags = json_member(settings, "tags")) != NULL)
		json_incref(tags);
	json_object_clear(settings);
	if (tags == NULL)
		return;
	if (!json_is_null(tags) && !json_is_array(tags))
		api_fault(c, "settings.tags", "must be a list of strings");
	json_array_foreach(tags, i, item)
		if (!json_is_string(item))
			api_fault(c, "settings.tags",
			    "must be a list of strings");
	json_object_set_new(settings, "tags", tags);
}

static void
check_cap(struct api *c, const json_t *in, const char *name)
{
	const json_t	*j = json_object_get(in, name);

	if (json_is_integer(j) && (json_integer_value(j) < 0 ||
	    json_integer_value(j) > CAP_MAX))
		api_fault(c, name, "must be 0 to 1000000");
}

static int
check(struct api *c, json_t *in, bool all)
{
	const json_t	*bbb = json_member(c->body, "bbb");

	if (!all && bbb != NULL && json_is_null(bbb))
		api_fault(c, "bbb", "this field is required");
	check_host(c, in, all);
	api_require(c, in, "bbb.secret", all);
	check_cap(c, in, "meetings_cap");
	check_cap(c, in, "users_cap");
	check_settings(c, json_object_get(in, "settings"));
	return c->nfaults > 0 ? -1 : 0;
}

/* The checked input as text, or NULL. */
static char *
input(struct api *c, bool all, struct err *e)
{
	json_t	*in;
	char	*doc = NULL;

	if (api_input(c, backend_record(), &in, e) == -1)
		return NULL;
	if (check(c, in, all) == 0)
		doc = api_doc(c, in);
	json_decref(in);
	return doc;
}

static struct backend_key
key(const struct api *c)
{
	return (struct backend_key){ c->args[0], api_agent(c),
	    api_agent_timeout(c) };
}

/* What a node's token makes is that node's. */
int
api_backends_add(struct api *c, struct err *e)
{
	const struct backend_key	 k = key(c);
	char				*doc = input(c, true, e);

	if (doc == NULL)
		return -1;
	return api_backend_reply(c, backend_add(c->w->db,
	    api_who(c), &k, doc, e), e);
}

int
api_backends_show(struct api *c, struct err *e)
{
	const struct backend_key	k = key(c);

	return api_backend_reply(c, backend_show(c->w->db, &k,
	    e), e);
}

int
api_backends_change(struct api *c, struct err *e)
{
	const struct backend_key	 k = key(c);
	char				*doc = input(c, false, e);

	if (doc == NULL)
		return -1;
	return api_backend_reply(c, backend_change(c->w->db,
	    api_who(c), &k, doc, e), e);
}

int
api_backends_remove(struct api *c, struct err *e)
{
	const struct backend_key	k = key(c);
	bool				force;

	if (api_param_bool(c, "force", &force) == -1)
		return -1;
	return api_backend_reply(c, backend_remove(c->w->db,
	    api_who(c), &k, force, e), e);
}
