/*
 * A frontend's settings one by one, and its secret.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "ask.h"
#include "cmds.h"
#include "known.h"
#include "span.h"

#define VALID_MAX_S	(366LL * 24 * 60 * 60)	/* as the server says */

static const struct field pair_fields[] = {
	{ "name", FIELD_STR, 0, "NAME" },
	{ "value", FIELD_ANY, FIELD_NULL, "VALUE" },
};
static const struct record pairs = RECORD(pair_fields);

static const struct field known_fields[] = {
	{ "name", FIELD_STR, 0, "NAME" },
	{ "type", FIELD_STR, 0, "TYPE" },
	{ "description", FIELD_STR, 0, "DESCRIPTION" },
};
static const struct record known = RECORD(known_fields);

/* Of the frontend in the first argument; NULL with e set. */
static const char *
settings_path(struct ctl *c, struct err *e)
{
	const char	*path;
	json_t		*row = NULL;

	if (api_open(c, e) == -1 ||
	    frontend_by_key(c, c->args[0], &row, e) == -1)
		return NULL;
	path = arena_printf(c->arena, "/frontends/%s/settings",
	    api_path(c, api_str(row, "id")));
	json_decref(row);
	return path;
}

/* The setting in the second argument. */
static const char *
setting_path(struct ctl *c, struct err *e)
{
	const char	*path = settings_path(c, e);

	return path == NULL ? NULL : arena_printf(c->arena, "%s/%s", path,
	    api_path(c, c->args[1]));
}

/* A table has rows, so each setting becomes one. */
static json_t *
as_pairs(const json_t *object)
{
	const char	*name;
	json_t		*value, *list = json_array();

	json_object_foreach((json_t *)object, name, value)
		json_array_append_new(list, json_pack("{s:s,s:O}", "name",
		    name, "value", value));
	return list;
}

int
cmd_setting_list(struct ctl *c, struct err *e)
{
	const char	*path = settings_path(c, e);
	struct buf	 b = { 0 };
	json_t		*all = NULL, *list;

	if (path == NULL || api_get(c, path, &all, e) == -1)
		return -1;
	list = as_pairs(all);
	out_write(&b, c->form, &pairs, NULL, c->form == OUT_JSON ? all :
	    list);
	out_flush(&b);
	json_decref(list);
	json_decref(all);
	return 0;
}

int
cmd_setting_known(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*list = NULL;

	if (api_open(c, e) == -1 || api_list(c, "/settings", &list, e) == -1)
		return -1;
	out_write(&b, c->form, &known, NULL, list);
	out_flush(&b);
	json_decref(list);
	return 0;
}

/* A 404 here is about the setting: the frontend was found. */
static int
explain(struct ctl *c, struct err *e)
{
	return e->code != ERR_MISSING ? -1 :
	    known_missing(c, c->args[1], e);
}

/* What is printed is what the server says now, not what was sent. */
static int
ask_for(struct ctl *c, const char *method, const char *path,
    const json_t *body, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*answer = NULL;

	if (api_call(c, method, path, body, &answer, e) == -1)
		return explain(c, e);
	json_write(&b, json_member(answer, "value"));
	buf_addc(&b, '\n');
	out_flush(&b);
	json_decref(answer);
	return 0;
}

int
cmd_setting_get(struct ctl *c, struct err *e)
{
	const char	*path = setting_path(c, e);

	return path == NULL ? -1 : ask_for(c, "GET", path, NULL, e);
}

/* What is no JSON is a word. */
static json_t *
read_value(const char *text, struct err *e)
{
	json_t	*value = json_loads(text, JSON_DECODE_ANY, NULL);

	if (value == NULL && (value = json_string(text)) == NULL)
		err_set(e, ERR_INPUT, "the value is not UTF-8");
	return value;
}

/* Maps are shown even if they were never set. */
static bool
is_unset(const json_t *value)
{
	return value == NULL || json_is_null(value) ||
	    (json_is_object(value) && json_object_size(value) == 0);
}

/* value NULL: is it unset? */
static int
is_set_so(struct ctl *c, const char *path, const json_t *value,
    bool *same, struct err *e)
{
	json_t	*answer = NULL;

	if (api_get(c, path, &answer, e) == -1)
		return explain(c, e);
	*same = value == NULL ? is_unset(json_member(answer, "value")) :
	    json_equal(json_member(answer, "value"), (json_t *)value) == 1;
	json_decref(answer);
	return 0;
}

/* value NULL: it is taken away. */
static int
change(struct ctl *c, const json_t *value, struct err *e)
{
	const char	*path = setting_path(c, e);
	json_t		*body;
	bool		 same = false;
	int		 rc;

	if (path == NULL || is_set_so(c, path, value, &same, e) == -1)
		return -1;
	if (same) {
		puts("no changes");
		return CTL_UNCHANGED;
	}
	if (value == NULL)
		return ask_for(c, "DELETE", path, NULL, e);
	body = json_pack("{s:O}", "value", value);
	rc = ask_for(c, "PUT", path, body, e);
	json_decref(body);
	return rc;
}

int
cmd_setting_set(struct ctl *c, struct err *e)
{
	json_t	*value = read_value(c->args[2], e);
	int	 rc;

	if (value == NULL)
		return -1;
	rc = change(c, value, e);
	json_decref(value);
	return rc;
}

int
cmd_setting_unset(struct ctl *c, struct err *e)
{
	return change(c, NULL, e);
}

/* ---- rotation */

/*
 * What is not given is the server's to choose: a secret, and how long the
 * former one is good.
 */
static int
rotation(struct ctl *c, json_t **body, struct err *e)
{
	bool		given = c->opt[OPT_VALID_FOR] != NULL;
	long long	s = 0;

	if (given && span_option(c, OPT_VALID_FOR, VALID_MAX_S, &s, e) == -1)
		return -1;
	*body = json_object();
	if (given)
		json_object_set_new(*body, "valid_for", json_integer(s));
	if (c->opt[OPT_SECRET] != NULL)
		json_object_set_new(*body, "secret",
		    json_string(c->opt[OPT_SECRET]));
	return 0;
}

static void
print_rotation(struct ctl *c, const json_t *answer)
{
	static const struct field	fields[] = {
		{ "bbb.key", FIELD_STR, 0, "KEY" },
		{ "bbb.secret", FIELD_STR, FIELD_SECRET, "SECRET" },
		{ "previous_valid_until", FIELD_TIME, FIELD_NULL,
		    "PREVIOUS VALID UNTIL" },
	};
	static const struct record	record = RECORD(fields);
	struct buf			b = { 0 };

	out_write(&b, c->form, &record, NULL, answer);
	out_flush(&b);
}

int
cmd_rotate(struct ctl *c, struct err *e)
{
	json_t	*body = NULL, *row = NULL, *answer = NULL;
	int	 rc = -1;

	if (rotation(c, &body, e) == -1)
		return -1;
	if (api_open(c, e) == -1 ||
	    frontend_by_key(c, c->args[0], &row, e) == -1 ||
	    ask_sure(c, e, "Give frontend %s a new secret",
	    c->args[0]) == -1)
		goto out;
	rc = api_call(c, "POST", arena_printf(c->arena,
	    "/frontends/%s/rotate-secret", api_path(c, api_str(row, "id"))),
	    body, &answer, e);
	if (rc == 0)
		print_rotation(c, answer);
out:
	json_decref(answer);
	json_decref(row);
	json_decref(body);
	return rc;
}
