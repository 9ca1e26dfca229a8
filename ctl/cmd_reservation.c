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
#include "proto/resource.h"

#define COLUMNS	"id backend_id tag frontend_ids from until hours note"

int
cmd_reservation_list(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*list = NULL;

	if (api_open(c, e) == -1 ||
	    api_list(c, "/reservations", &list, e) == -1)
		return -1;
	out_write(&b, c->form, reservation_record(), COLUMNS, list);
	out_flush(&b);
	json_decref(list);
	return 0;
}

/* The ids of the frontends whose keys stand with commas between. */
static int
add_frontends(struct ctl *c, json_t *doc, struct err *e)
{
	char	*keys = arena_strdup(c->arena, c->opt[OPT_FRONTEND]), *key;
	json_t	*ids = json_array(), *row;

	json_object_set_new(doc, "frontend_ids", ids);
	while ((key = strsep(&keys, ",")) != NULL) {
		if (frontend_by_key(c, key, &row, e) == -1)
			return -1;
		json_array_append(ids, json_member(row, "id"));
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

static void
add_texts(const struct ctl *c, json_t *doc)
{
	static const struct {
		enum opt	 opt;
		const char	*name;
	} texts[] = { { OPT_TAG, "tag" }, { OPT_FROM, "from" },
	    { OPT_UNTIL, "until" }, { OPT_NOTE, "note" } };
	size_t	i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (c->opt[texts[i].opt] != NULL)
			json_object_set_new(doc, texts[i].name,
			    json_string(c->opt[texts[i].opt]));
}

int
cmd_reservation_add(struct ctl *c, struct err *e)
{
	json_t	*doc, *answer = NULL;
	int	 rc = -1;

	if ((c->opt[OPT_BACKEND] == NULL) == (c->opt[OPT_TAG] == NULL))
		return err_set(e, ERR_INPUT, "'reservations add' wants"
		    " --backend <host> or --tag <tag>");
	if (opts_read(c, &doc, e) == -1)
		return -1;
	if (doc == NULL)
		doc = json_object();
	add_texts(c, doc);
	if (api_open(c, e) == 0 && add_frontends(c, doc, e) == 0 &&
	    add_backend(c, doc, e) == 0)
		rc = api_call(c, "POST", "/reservations", doc, &answer, e);
	if (rc == 0)
		printf("created reservation: %s\n", api_str(answer, "id"));
	json_decref(answer);
	json_decref(doc);
	return rc;
}

int
cmd_reservation_delete(struct ctl *c, struct err *e)
{
	const char	*id = c->args[0];

	if (api_open(c, e) == -1 ||
	    ask_sure(c, e, "Delete reservation %s", id) == -1)
		return -1;
	if (api_call(c, "DELETE", arena_printf(c->arena, "/reservations/%s",
	    api_path(c, id)), NULL, NULL, e) == -1)
		return e->code != ERR_MISSING ? -1 : err_set(e, ERR_MISSING,
		    "there is no reservation %s: " CTL_NAME
		    " reservations list lists all", id);
	printf("deleted reservation: %s\n", id);
	return 0;
}
