/*
 * Commands for reservations: servers kept for some frontends.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "ask.h"
#include "cmds.h"
#include "diff.h"
#include "proto/resource.h"

#define COLUMNS	"id backend_id tag frontend_ids from until hours note"

int
cmd_reservation_list(struct ctl *c, struct err *e)
{
	return list_print(c, "/reservations", reservation_record(), COLUMNS,
	    e);
}

/* Where it belongs: the server sorts them. */
static void
insert_sorted(json_t *ids, json_t *id)
{
	size_t	i;

	for (i = 0; i < json_array_size(ids); i++)
		if (strcmp(json_string_value(json_array_get(ids, i)),
		    json_string_value(id)) > 0)
			break;
	json_array_insert(ids, i, id);
}

/* The ids of the frontends whose keys stand with commas between. */
static int
add_frontends(struct ctl *c, json_t *doc, struct err *e)
{
	char	*keys, *key;
	json_t	*ids, *row;

	if (c->opt[OPT_FRONTEND] == NULL)
		return 0;
	keys = arena_strdup(c->arena, c->opt[OPT_FRONTEND]);
	json_object_set_new(doc, "frontend_ids", ids = json_array());
	while ((key = strsep(&keys, ",")) != NULL) {
		if (frontend_by_key(c, key, &row, e) == -1)
			return -1;
		insert_sorted(ids, json_member(row, "id"));
		json_decref(row);
	}
	return 0;
}

static int
add_backend(struct ctl *c, json_t *doc, struct err *e)
{
	json_t	*row;

	if (c->opt[OPT_BACKEND] == NULL)
		return 0;
	if (backend_by_host(c, c->opt[OPT_BACKEND], &row, e) == -1)
		return -1;
	json_object_set(doc, "backend_id", json_member(row, "id"));
	json_decref(row);
	return 0;
}

/* An empty one is none: of a time, it is open on that side. */
static void
add_texts(const struct ctl *c, json_t *doc)
{
	static const struct {
		enum opt	 opt;
		const char	*name;
	} texts[] = { { OPT_TAG, "tag" }, { OPT_FROM, "from" },
	    { OPT_UNTIL, "until" }, { OPT_NOTE, "note" } };
	const char	*text;
	size_t		 i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if ((text = c->opt[texts[i].opt]) == NULL)
			continue;
		json_object_set_new(doc, texts[i].name, text[0] == '\0' &&
		    texts[i].opt != OPT_NOTE ? json_null() :
		    json_string(text));
	}
}

/* What the options say; the server is asked for those that they name. */
static int
read_options(struct ctl *c, json_t **doc, struct err *e)
{
	if (opts_read(c, doc, e) == -1)
		return -1;
	if (*doc == NULL)
		*doc = json_object();
	add_texts(c, *doc);
	if (api_open(c, e) == 0 && add_frontends(c, *doc, e) == 0)
		return add_backend(c, *doc, e);
	return -1;
}

int
cmd_reservation_add(struct ctl *c, struct err *e)
{
	json_t	*doc = NULL, *answer = NULL;
	int	 rc = -1;

	if ((c->opt[OPT_BACKEND] == NULL) == (c->opt[OPT_TAG] == NULL))
		return err_set(e, ERR_INPUT, "'reservations add' wants"
		    " --backend <host> or --tag <tag>");
	if (read_options(c, &doc, e) == 0)
		rc = api_call(c, "POST", "/reservations", doc, &answer, e);
	if (rc == 0)
		printf("created reservation: %s\n", api_str(answer, "id"));
	json_decref(answer);
	json_decref(doc);
	return rc;
}

static const char *
path_of(struct ctl *c)
{
	return arena_printf(c->arena, "/reservations/%s",
	    api_path(c, c->args[0]));
}

/* One is for a server or for a tag: who names the one drops the other. */
static void
drop_other(const struct ctl *c, json_t *doc)
{
	if (c->opt[OPT_BACKEND] != NULL)
		json_object_set_new(doc, "tag", json_null());
	else if (c->opt[OPT_TAG] != NULL)
		json_object_set_new(doc, "backend_id", json_null());
}

static int
change(struct ctl *c, const json_t *want, const json_t *have, struct err *e)
{
	struct buf	 text = { 0 };
	json_t		*patch = diff_make(want, have, false, &text);
	int		 rc = CTL_UNCHANGED;

	if (patch == NULL)
		puts("no changes");
	else if ((rc = record_patch(c, "/reservations/", have, patch, e)) == 0)
		printf("updated reservation\n%s", buf_str(&text));
	json_decref(patch);
	buf_free(&text);
	return rc;
}

int
cmd_reservation_change(struct ctl *c, struct err *e)
{
	json_t	*want = NULL, *have = NULL;
	int	 rc = -1;

	if (c->opt[OPT_BACKEND] != NULL && c->opt[OPT_TAG] != NULL)
		return err_set(e, ERR_INPUT, "a reservation is for --backend"
		    " or --tag, not both");
	if (read_options(c, &want, e) == -1)
		goto out;
	drop_other(c, want);
	if (api_get(c, path_of(c), &have, e) == 0)
		rc = change(c, want, have, e);
	else if (e->code == ERR_MISSING)
		one_missing(c, "reservation", e);
out:
	json_decref(have);
	json_decref(want);
	return rc;
}

int
cmd_reservation_delete(struct ctl *c, struct err *e)
{
	const char	*id = c->args[0];

	if (api_open(c, e) == -1 ||
	    ask_sure(c, e, "Delete reservation %s", id) == -1)
		return -1;
	if (api_call(c, "DELETE", path_of(c), NULL, NULL, e) == -1)
		return e->code != ERR_MISSING ? -1 :
		    one_missing(c, "reservation", e);
	printf("deleted reservation: %s\n", id);
	return 0;
}
