/*
 * Commands for frontends.
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
#include "proto/resource.h"

#define PATH	"/frontends/"
#define COLUMNS	"id bbb.key active account_ref settings"

static void
add_settings(struct buf *b, const json_t *row)
{
	const struct field	f = { "settings", FIELD_OBJECT, 0, NULL };

	out_cell(b, &f, row);
	buf_addc(b, '\n');
}

static const char *
is_enabled(const json_t *row)
{
	return json_is_true(json_member(row, "active")) ? "enabled" :
	    "disabled";
}

/* As the Go program lists them. */
static void
add_row(struct buf *b, const json_t *row)
{
	out_text(b, api_str(row, "id"));
	buf_addc(b, '\t');
	out_text(b, api_str(row, "bbb.key"));
	buf_addc(b, '\t');
	out_text(b, api_str(row, "bbb.secret"));
	buf_printf(b, "\t%s\t", is_enabled(row));
	add_settings(b, row);
}

/*
 * The address is what a frontend's own configuration wants, ready to be
 * copied.
 */
static void
add_block(struct buf *b, const struct ctl *c, const json_t *row)
{
	out_text(b, api_str(row, "bbb.key"));
	buf_printf(b, "\n  %-10s%s\n  %-10s", "State:", is_enabled(row),
	    "Settings:");
	add_settings(b, row);
	buf_printf(b, "  %-10s%s/bbb/", "URL:", c->url);
	out_text(b, api_str(row, "bbb.key"));
	buf_printf(b, "/\n  %-10s", "Secret:");
	out_text(b, api_str(row, "bbb.secret"));
	buf_addc(b, '\n');
}

int
cmd_frontend_list(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*list = NULL, *row;
	size_t		 i;

	if (api_open(c, e) == -1 || api_list(c, "/frontends", &list, e) == -1)
		return -1;
	if (c->form == OUT_DEFAULT)
		json_array_foreach(list, i, row)
			add_row(&b, row);
	else
		out_write(&b, c->form, frontend_record(), COLUMNS,
		    list);
	out_flush(&b);
	json_decref(list);
	return 0;
}

int
cmd_frontend_show(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*row = NULL;

	if (api_open(c, e) == -1 ||
	    frontend_by_key(c, c->args[0], &row, e) == -1)
		return -1;
	if (c->form == OUT_DEFAULT)
		add_block(&b, c, row);
	else
		out_write(&b, c->form, frontend_record(), COLUMNS, row);
	out_flush(&b);
	json_decref(row);
	return 0;
}

/* ---- adding and changing */

static int
add(struct ctl *c, json_t *opts, struct err *e)
{
	const char	*key = c->args[0];
	json_t		*doc;
	int		 rc = 0;

	if (c->opt[OPT_SECRET] == NULL)
		return err_set(e, ERR_INPUT, "%s is new: it wants --secret",
		    key);
	doc = json_pack("{s:{s:s,s:s},s:b,s:O}", "bbb", "key", key,
	    "secret", c->opt[OPT_SECRET], "active", 1, "settings", opts);
	if (doc == NULL)
		return err_set(e, ERR_INPUT, "key and secret are not UTF-8");
	if (c->opt[OPT_DRY] == NULL)
		rc = api_call(c, "POST", "/frontends", doc, NULL, e);
	if (rc == 0)
		printf("created frontend: %s\n", key);
	json_decref(doc);
	return rc;
}

/*
 * Adds what is not there and changes what is, so that a script may run twice.
 */
int
cmd_frontend_set(struct ctl *c, struct err *e)
{
	json_t	*opts = NULL, *row = NULL;
	int	 rc = -1;

	if (opts_read(c, &opts, e) == -1 || api_open(c, e) == -1 ||
	    known_check(c, "frontend", opts, "", e) == -1)
		goto out;
	if (frontend_by_key(c, c->args[0], &row, e) == 0)
		rc = record_change(c, "frontend", row, opts, e);
	else if (e->code == ERR_MISSING) {
		if (opts == NULL)
			opts = json_object();
		rc = add(c, opts, e);
	}
out:
	json_decref(row);
	json_decref(opts);
	return rc;
}

static int
set_active(struct ctl *c, bool active, struct err *e)
{
	json_t	*row = NULL, *patch;
	int	 rc = CTL_UNCHANGED;

	if (api_open(c, e) == -1 ||
	    frontend_by_key(c, c->args[0], &row, e) == -1)
		return -1;
	if (json_is_true(json_member(row, "active")) == active)
		puts("no changes");
	else {
		patch = json_pack("{s:b}", "active", active);
		if ((rc = record_patch(c, PATH, row, patch, e)) == 0)
			printf("frontend %s: %s\n", c->args[0],
			    is_enabled(patch));
		json_decref(patch);
	}
	json_decref(row);
	return rc;
}

int
cmd_frontend_enable(struct ctl *c, struct err *e)
{
	return set_active(c, true, e);
}

int
cmd_frontend_disable(struct ctl *c, struct err *e)
{
	return set_active(c, false, e);
}

int
cmd_frontend_delete(struct ctl *c, struct err *e)
{
	json_t	*row = NULL;
	int	 rc = 0;

	if (api_open(c, e) == -1 ||
	    frontend_by_key(c, c->args[0], &row, e) == -1)
		return -1;
	if (c->opt[OPT_DRY] == NULL) {
		rc = ask_sure(c, e, "Delete frontend %s with all it has",
		    c->args[0]);
		if (rc == 0)
			rc = api_call(c, "DELETE", arena_printf(c->arena,
			    PATH "%s", api_path(c, api_str(row, "id"))),
			    NULL, NULL, e);
	}
	if (rc == 0)
		printf("deleted frontend: %s\n", c->args[0]);
	json_decref(row);
	return rc;
}
