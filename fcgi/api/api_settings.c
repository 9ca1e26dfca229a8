/*
 * The settings of a frontend, one by one, and what settings there are.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "core/setting.h"
#include "fcgi/api/resources.h"
#include "store/db.h"
#include "store/frontend.h"

/* Of the columns of frontend_record(). */
#define COL_SETTINGS	4

static int
check_one(struct api *c, const char *field, const struct setting *s,
    const json_t *value)
{
	const char	*member, *wrong = setting_check(s, value, &member);

	if (wrong == NULL)
		return 0;
	if (member[0] != '\0')
		field = arena_printf(c->arena, "%s.%s", field, member);
	return api_fault(c, field, wrong);
}

int
api_settings_check(struct api *c, json_t *settings)
{
	const struct setting	*s;
	json_t			*value, *kept;
	size_t			 i, n;
	int			 rc = 0;

	if (settings == NULL)
		return 0;
	kept = json_object();
	s = setting_table(&n);
	for (i = 0; i < n; i++) {
		if ((value = json_member(settings, s[i].name)) == NULL)
			continue;
		json_object_set(kept, s[i].name, value);
		if (check_one(c, arena_printf(c->arena, "settings.%s",
		    s[i].name), &s[i], value) == -1)
			rc = -1;
	}
	json_object_clear(settings);
	json_object_update(settings, kept);
	json_decref(kept);
	return rc;
}

/* A number of a parameter that was checked, but no more than so many. */
static size_t
at_most(const char *text, size_t absent, size_t max)
{
	size_t	n = text == NULL ? absent : strtoull(text, NULL, 10);

	return n < max ? n : max;
}

int
api_settings_known(struct api *c, struct err *e)
{
	const struct setting	*s;
	struct buf		*b = &c->x->reply->body;
	const char		*limit, *offset;
	size_t			 i, from, n, end;

	(void)e;
	if (api_param_count(c, "limit", &limit) == -1 ||
	    api_param_count(c, "offset", &offset) == -1)
		return -1;
	s = setting_table(&n);
	from = at_most(offset, 0, n);
	end = from + at_most(limit, n, n - from);
	http_header_set(c->x->reply, "X-Total-Count",
	    arena_printf(c->arena, "%zu", n));
	http_header_set(c->x->reply, "Content-Type", "application/json");
	buf_addc(b, '[');
	for (i = from; i < end; i++) {
		buf_adds(b, i == from ? "{\"name\":" : ",{\"name\":");
		json_write_str(b, s[i].name);
		buf_adds(b, ",\"type\":");
		json_write_str(b, setting_type_text(&s[i]));
		buf_adds(b, ",\"description\":");
		json_write_str(b, s[i].help);
		buf_addc(b, '}');
	}
	buf_adds(b, "]\n");
	return 0;
}

/* The settings of the row; 404 if there is none.  Frees r. */
static json_t *
settings_of(struct rows *r, struct err *e)
{
	json_t	*j = NULL;

	if (r == NULL)
		return NULL;
	if (rows_len(r) == 0)
		err_set(e, ERR_MISSING, "there is no such frontend");
	else if ((j = json_loads(rows_str(r, 0, COL_SETTINGS), 0, NULL)) ==
	    NULL)
		err_set(e, ERR_INTERNAL, "settings are no JSON");
	rows_free(r);
	return j;
}

int
api_settings_all(struct api *c, struct err *e)
{
	json_t	*j = settings_of(frontend_show(c->w->db, c->args[0],
		    api_account(c), e), e);

	if (j == NULL)
		return -1;
	http_header_set(c->x->reply, "Content-Type", "application/json");
	settings_write(&c->x->reply->body, j);
	buf_addc(&c->x->reply->body, '\n');
	json_decref(j);
	return 0;
}

/* The setting in the path; an unknown one is 404. */
static const struct setting *
named(struct api *c, struct err *e)
{
	const struct setting	*s = setting_find(c->args[1]);

	if (s == NULL)
		err_set(e, ERR_MISSING, "there is no such setting");
	return s;
}

/* {"name":...,"value":...} of the row's settings.  Frees r. */
static int
reply(struct api *c, const struct setting *s, struct rows *r, struct err *e)
{
	struct buf	*b = &c->x->reply->body;
	json_t		*j = settings_of(r, e);

	if (j == NULL)
		return -1;
	http_header_set(c->x->reply, "Content-Type", "application/json");
	buf_adds(b, "{\"name\":");
	json_write_str(b, s->name);
	buf_adds(b, ",\"value\":");
	setting_write(b, s, json_object_get(j, s->name));
	buf_adds(b, "}\n");
	json_decref(j);
	return 0;
}

int
api_settings_get(struct api *c, struct err *e)
{
	const struct setting	*s = named(c, e);

	if (s == NULL)
		return -1;
	return reply(c, s, frontend_show(c->w->db, c->args[0],
	    api_account(c), e), e);
}

static int
set(struct api *c, const struct setting *s, const char *value, struct err *e)
{
	const struct frontend_setting	fs = { c->args[0], api_account(c),
					    s->name, value };

	return reply(c, s, frontend_set(c->w->db, api_who(c), &fs, e), e);
}

int
api_settings_put(struct api *c, struct err *e)
{
	const struct setting	*s = named(c, e);
	json_t			*value;

	if (s == NULL)
		return -1;
	if ((value = json_member(c->body, "value")) == NULL)
		return api_fault(c, "value", "this field is required");
	if (check_one(c, "value", s, value) == -1)
		return -1;
	return set(c, s, api_doc(c, value), e);
}

int
api_settings_unset(struct api *c, struct err *e)
{
	const struct setting	*s = named(c, e);

	return s == NULL ? -1 : set(c, s, NULL, e);
}
