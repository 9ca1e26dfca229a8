/*
 * Commands for meetings: those of the whole cluster.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "ask.h"
#include "cmds.h"
#include "proto/resource.h"

#define COLUMNS	"id meeting.MeetingName frontend_key backend_host state"\
		" meeting.ParticipantCount created_at"
#define PAUSE_MS	500

static const char *
list_path(struct ctl *c)
{
	static const struct {
		enum opt	 opt;
		const char	*name;
	} filters[] = { { OPT_FRONTEND, "frontend" },
	    { OPT_BACKEND, "backend" }, { OPT_TEXT, "text" } };
	const char	*path;
	size_t		 i;

	path = c->opt[OPT_RUNNING] != NULL ? "/meetings?running=true" :
	    "/meetings?";
	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (c->opt[filters[i].opt] != NULL)
			path = arena_printf(c->arena, "%s&%s=%s", path,
			    filters[i].name, api_query(c,
			    c->opt[filters[i].opt]));
	return path;
}

int
cmd_meeting_list(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*list = NULL;

	if (api_open(c, e) == -1 || api_list(c, list_path(c), &list, e) == -1)
		return -1;
	out_write(&b, c->form, meeting_record(), COLUMNS, list);
	out_flush(&b);
	json_decref(list);
	return 0;
}

static const char *
meeting_path(struct ctl *c)
{
	return arena_printf(c->arena, "/meetings/%s",
	    api_path(c, c->args[0]));
}

static int
not_found(const struct ctl *c, struct err *e)
{
	if (e->code != ERR_MISSING)
		return -1;
	return err_set(e, ERR_MISSING, "there is no meeting %s: " CTL_NAME
	    " meetings list shows the ids", c->args[0]);
}

int
cmd_meeting_show(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*row = NULL;

	if (api_open(c, e) == -1)
		return -1;
	if (api_get(c, meeting_path(c), &row, e) == -1)
		return not_found(c, e);
	out_write(&b, c->form == OUT_DEFAULT ? OUT_KEYVALUE : c->form,
	    meeting_record(), COLUMNS, row);
	out_flush(&b);
	json_decref(row);
	return 0;
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
		return not_found(c, e);
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

static bool
is_done(const json_t *command)
{
	const char	*state = api_str(command, "state");

	return strcmp(state, "success") == 0 || strcmp(state, "error") == 0;
}

/* Time goes by on a terminal only. */
static int
await(struct ctl *c, const char *id, struct err *e)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000000L };
	const char		*path;
	json_t			*command = NULL;
	bool			 tty = isatty(STDERR_FILENO);

	path = arena_printf(c->arena, "/commands/%s", api_path(c, id));
	for (;;) {
		if (api_get(c, path, &command, e) == -1)
			return -1;
		if (is_done(command))
			break;
		json_decref(command);
		command = NULL;
		if (tty)
			fputc('.', stderr);
		nanosleep(&pause, NULL);
	}
	if (tty)
		fputc('\n', stderr);
	print_result(command);
	json_decref(command);
	return 0;
}

int
cmd_meeting_end_all(struct ctl *c, struct err *e)
{
	json_t	*row = NULL, *doc, *command = NULL;
	int	 rc = -1;

	if (api_open(c, e) == -1 ||
	    backend_by_host(c, c->args[0], &row, e) == -1)
		return -1;
	doc = json_pack("{s:s,s:{s:O}}", "action", "end_all_meetings",
	    "params", "BackendID", json_member(row, "id"));
	if (ask_sure(c, e, "End all %lld meetings on %s", json_integer_value(
	    json_member(row, "meetings_count")), api_str(row,
	    "bbb.host")) == 0 &&
	    api_call(c, "POST", "/commands", doc, &command, e) == 0) {
		puts("requested");
		fflush(stdout);
		rc = await(c, api_str(command, "id"), e);
	}
	json_decref(command);
	json_decref(doc);
	json_decref(row);
	return rc;
}
