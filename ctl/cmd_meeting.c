/*
 * Commands for meetings: those of the whole cluster.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "api.h"
#include "ask.h"
#include "cmds.h"
#include "proto/resource.h"
#include "wait.h"

#define COLUMNS	"id meeting.MeetingName frontend_key backend_host state"\
		" meeting.ParticipantCount created_at"

int
cmd_meeting_list(struct ctl *c, struct err *e)
{
	static const struct api_filter	filters[] = {
		{ OPT_FRONTEND, "frontend" }, { OPT_BACKEND, "backend" },
		{ OPT_TEXT, "text" }, { OPT_RUNNING, "running" },
	};

	if (c->opt[OPT_RUNNING] != NULL)
		c->opt[OPT_RUNNING] = "true";
	return list_print(c, api_filtered(c, "/meetings", filters,
	    sizeof(filters) / sizeof(filters[0])), meeting_record(), COLUMNS,
	    e);
}

static const char *
meeting_path(struct ctl *c)
{
	return arena_printf(c->arena, "/meetings/%s",
	    api_path(c, c->args[0]));
}

int
cmd_meeting_show(struct ctl *c, struct err *e)
{
	return one_print(c, meeting_path(c), "meeting", meeting_record(),
	    COLUMNS, e);
}

int
cmd_meeting_end(struct ctl *c, struct err *e)
{
	struct buf	 name = { 0 };
	json_t		*row = NULL;
	int		 rc;

	if (api_open(c, e) == -1)
		return -1;
	if (api_get(c, meeting_path(c), &row, e) == -1)
		return e->code == ERR_MISSING ? one_missing(c, "meeting", e) :
		    -1;
	out_text(&name, api_str(row, "meeting.MeetingName"));
	rc = ask_sure(c, e, "End the meeting '%s' with %lld users",
	    buf_str(&name), json_integer_value(json_member(row,
	    "meeting.ParticipantCount")));
	if (rc == 0)
		rc = api_call(c, "POST", arena_printf(c->arena, "%s/end",
		    meeting_path(c)), NULL, NULL, e);
	if (rc == 0)
		printf("ended meeting: %s\n", buf_str(&name));
	buf_free(&name);
	json_decref(row);
	return rc;
}

/* ---- all of a server: a command that a job does, so it is awaited */

static void
print_result(const json_t *command)
{
	struct buf	b = { 0 };

	buf_printf(&b, "%s: ", api_str(command, "state"));
	json_write(&b, json_member(command, "result"));
	buf_addc(&b, '\n');
	out_flush(&b);
}

int
cmd_meeting_end_all(struct ctl *c, struct err *e)
{
	json_t	*row = NULL, *command = NULL, *end = NULL;
	int	 rc = -1;

	if (api_open(c, e) == -1 ||
	    backend_by_host(c, c->args[0], &row, e) == -1)
		return -1;
	if (ask_sure(c, e, "End all %lld meetings on %s", json_integer_value(
	    json_member(row, "meetings_count")), api_str(row,
	    "bbb.host")) == 0 && command_ask(c, "end_all_meetings",
	    json_pack("{s:O}", "BackendID", json_member(row, "id")), &command,
	    e) == 0) {
		puts("requested");
		fflush(stdout);
		rc = wait_command(c, command, row, &end, e);
	}
	if (rc == 0)
		print_result(end);
	json_decref(end);
	json_decref(command);
	json_decref(row);
	return rc;
}
