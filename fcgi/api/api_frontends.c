/*
 * Frontends by the API.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/setting.h"
#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "store/db.h"
#include "store/frontend.h"

/* All settings of the Go program are always there, in its order. */
static const char *
shape(const struct api *c, struct arena *a, const struct field *f,
    const char *text)
{
	json_t		*j = json_loads(text, 0, NULL);
	struct buf	 b = { 0 };

	(void)c;
	(void)f;
	settings_write(&b, j);
	json_decref(j);
	return arena_take(a, &b);
}

int
api_frontend_reply(struct api *c, struct rows *r, struct err *e)
{
	const struct api_resource	res = { frontend_record(), shape };

	return api_one(c, &res, r, e);
}

int
api_frontends_list(struct api *c, struct err *e)
{
	struct frontend_filter	 f = { .account = api_account(c) };
	const struct api_resource res = { frontend_record(), shape };
	struct api_list		*l;

	if (api_param(c, "account_ref", &f.account_ref) == -1 ||
	    api_param(c, "key", &f.key) == -1 ||
	    api_param(c, "key__like", &f.key_like) == -1 ||
	    api_param_count(c, "limit", &f.limit) == -1 ||
	    api_param_count(c, "offset", &f.offset) == -1)
		return -1;
	l = api_list_begin(c, &res);
	return api_list_end(l, frontend_search(c->w->db, &f, api_list_row, l,
	    e));
}

/* What only an admin may change is left out for others. */
static void
drop_foreign(struct api *c, json_t *in)
{
	if (api_account(c) == NULL)
		return;
	json_object_del(in, "account_ref");
	json_object_del(in, "hosts");
	json_object_del(in, "bare_path");
}

static int
check(struct api *c, json_t *in, bool all)
{
	const json_t	*bbb = json_member(c->body, "bbb");

	if (!all && bbb != NULL && json_is_null(bbb))
		api_fault(c, "bbb", "this field is required");
	api_require(c, in, "bbb.key", all);
	api_require(c, in, "bbb.secret", all);
	api_settings_check(c, json_object_get(in, "settings"));
	return c->nfaults > 0 ? -1 : 0;
}

/* The checked input as text, or NULL. */
static char *
input(struct api *c, bool all, struct err *e)
{
	json_t	*in;
	char	*doc = NULL;

	if (api_input(c, frontend_record(), &in, e) == -1)
		return NULL;
	drop_foreign(c, in);
	if (check(c, in, all) == 0)
		doc = api_doc(c, in);
	json_decref(in);
	return doc;
}

int
api_frontends_add(struct api *c, struct err *e)
{
	char	*doc = input(c, true, e);

	if (doc == NULL)
		return -1;
	return api_frontend_reply(c, frontend_add(c->w->db,
	    api_who(c), doc, e), e);
}

int
api_frontends_show(struct api *c, struct err *e)
{
	return api_frontend_reply(c, frontend_show(c->w->db,
	    c->args[0], api_account(c), e), e);
}

int
api_frontends_change(struct api *c, struct err *e)
{
	char	*doc = input(c, false, e);

	if (doc == NULL)
		return -1;
	return api_frontend_reply(c, frontend_change(c->w->db,
	    api_who(c), c->args[0], api_account(c), doc, e), e);
}

int
api_frontends_remove(struct api *c, struct err *e)
{
	return api_frontend_reply(c, frontend_remove(c->w->db,
	    api_who(c), c->args[0], e), e);
}
