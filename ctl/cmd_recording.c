/*
 * Commands for recordings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "base/clock.h"
#include "cmds.h"

static const struct field fields[] = {
	{ "record_id", FIELD_STR, 0, "RECORD ID" },
	{ "end_time", FIELD_TIME, 0, "END" },
	{ "name", FIELD_STR, 0, "MEETING" },
	{ "meeting_id", FIELD_STR, 0, NULL },
	{ "internal_meeting_id", FIELD_STR, 0, NULL },
	{ "frontend_id", FIELD_STR, 0, NULL },
	{ "recording.State", FIELD_STR, 0, NULL },
};
static const struct record record = RECORD(fields);

/* What is printed of one stands in its recording; times there are in ms. */
static void
lift(json_t *row)
{
	char		 iso[CLOCK_ISO_LEN];
	const json_t	*end = json_member(row, "recording.EndTime");

	json_object_set_new(row, "end_time", json_string(clock_iso(
	    json_integer_value(end), iso)));
	json_object_set_new(row, "name", json_string(api_str(row,
	    "recording.Name")));
}

static const char *
list_path(struct ctl *c, struct err *e)
{
	if (c->opt[OPT_FRONTEND_ID] != NULL)
		return arena_printf(c->arena, "/recordings?frontend_id=%s",
		    api_query(c, c->opt[OPT_FRONTEND_ID]));
	if (c->opt[OPT_FRONTEND] != NULL)
		return arena_printf(c->arena, "/recordings?frontend_key=%s",
		    api_query(c, c->opt[OPT_FRONTEND]));
	err_set(e, ERR_INPUT, "'show recordings' wants --frontend <key> or"
	    " --frontend-id <id>");
	return NULL;
}

int
cmd_recording_list(struct ctl *c, struct err *e)
{
	const char	*path = list_path(c, e);
	struct buf	 b = { 0 };
	json_t		*list = NULL, *row;
	size_t		 i;

	if (path == NULL || api_open(c, e) == -1 ||
	    api_list(c, path, &list, e) == -1)
		return -1;
	if (c->form != OUT_JSON)
		json_array_foreach(list, i, row)
			lift(row);
	out_write(&b, c->form, &record, NULL, list);
	out_flush(&b);
	json_decref(list);
	return 0;
}

int
cmd_recording_show(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*row = NULL;

	if (api_open(c, e) == -1 || api_get(c, arena_printf(c->arena,
	    "/recordings/%s", api_path(c, c->args[0])), &row, e) == -1)
		return -1;
	out_write(&b, OUT_JSON, NULL, NULL, row);
	out_flush(&b);
	json_decref(row);
	return 0;
}

int
cmd_recording_set(struct ctl *c, struct err *e)
{
	json_t	*doc;
	int	 rc;

	if (api_open(c, e) == -1)
		return -1;
	doc = json_pack("{s:s,s:s}", "record_id", c->args[0], "visibility",
	    c->args[1]);
	if (doc == NULL)
		return err_set(e, ERR_INPUT, "the arguments are not UTF-8");
	rc = api_call(c, "POST", "/recordings-visibility", doc, NULL, e);
	if (rc == 0)
		printf("recording %s: %s\n", c->args[0], c->args[1]);
	json_decref(doc);
	return rc;
}
