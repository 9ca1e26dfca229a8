/*
 * The table of commands: parsing, help and completions are made from it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "cmds.h"

#define FORM	(BIT(OPT_OUTPUT) | BIT(OPT_JSON))
#define SET	(BIT(OPT_DRY) | BIT(OPT_SECRET) | BIT(OPT_OPTS))
#define RESERVE	(BIT(OPT_BACKEND) | BIT(OPT_TAG) | BIT(OPT_FRONTEND) | \
		BIT(OPT_FROM) | BIT(OPT_UNTIL) | BIT(OPT_NOTE) | BIT(OPT_OPTS))

static const struct cmd commands[] = {
	{ "show backends", "", "all servers", FORM, 0, cmd_backend_list },
	{ "show backend", "<host>", "one server", FORM, 0, cmd_backend_show },
	{ "show frontends", "", "all frontends", FORM, 0, cmd_frontend_list },
	{ "show frontend", "<key>", "one frontend, its address and secret",
	    FORM, 0, cmd_frontend_show },
	{ "show recordings", "", "the recordings of a frontend",
	    BIT(OPT_FRONTEND) | BIT(OPT_FRONTEND_ID) | FORM, 0,
	    cmd_recording_list },
	{ "show recording", "<record-id>", "one recording, as JSON", 0, 0,
	    cmd_recording_show },
	{ "set backend", "<host>", "add a server or change it", SET, 0,
	    cmd_backend_set },
	{ "set frontend", "<key>", "add a frontend or change it", SET, 0,
	    cmd_frontend_set },
	{ "set recording-visibility", "<record-id> <visibility>",
	    "who may see a recording", 0, 0, cmd_recording_set },
	{ "enable backend", "<host>", "it gets new meetings", BIT(OPT_DRY), 0,
	    cmd_backend_enable },
	{ "enable frontend", "<key>", "its calls are answered", BIT(OPT_DRY),
	    0, cmd_frontend_enable },
	{ "disable backend", "<host>", "it gets no new meetings", BIT(OPT_DRY),
	    0, cmd_backend_disable },
	{ "disable frontend", "<key>", "its calls are refused", BIT(OPT_DRY),
	    0, cmd_frontend_disable },
	{ "drain backend", "<host>", "it gets no new meetings until empty",
	    BIT(OPT_DEADLINE) | BIT(OPT_CANCEL) | BIT(OPT_WAIT) |
	    BIT(OPT_DRY) | BIT(OPT_YES), 0, cmd_backend_drain },
	{ "delete backend", "<host>", "remove a server, once it is empty",
	    BIT(OPT_DRY) | BIT(OPT_FORCE) | BIT(OPT_WAIT) | BIT(OPT_YES), 0,
	    cmd_backend_delete },
	{ "delete frontend", "<key>", "remove a frontend and all it has",
	    BIT(OPT_DRY) | BIT(OPT_YES), 0, cmd_frontend_delete },
	{ "rotate-secret", "<key>", "a new secret for a frontend",
	    BIT(OPT_SECRET) | BIT(OPT_VALID_FOR) | BIT(OPT_YES) | FORM, 0,
	    cmd_rotate },
	{ "settings list", "<key>", "a frontend's settings", FORM, 0,
	    cmd_setting_list },
	{ "settings get", "<key> <name>", "one setting, as JSON", 0, 0,
	    cmd_setting_get },
	{ "settings set", "<key> <name> <value>", "set one, as JSON or a word",
	    0, 0, cmd_setting_set },
	{ "settings unset", "<key> <name>", "as if it had never been set", 0,
	    0, cmd_setting_unset },
	{ "settings known", "", "what settings there are", FORM, 0,
	    cmd_setting_known },
	{ "reservations list", "", "servers kept for some frontends", FORM, 0,
	    cmd_reservation_list },
	{ "reservations add", "", "keep a server, or a tag's, for some",
	    RESERVE, BIT(OPT_FRONTEND), cmd_reservation_add },
	{ "reservations change", "<id>", "what the options name, is so now",
	    RESERVE, 0, cmd_reservation_change },
	{ "reservations delete", "<id>", "keep it no longer", BIT(OPT_YES), 0,
	    cmd_reservation_delete },
	{ "callbacks list", "", "what frontends are told, newest first",
	    BIT(OPT_FRONTEND) | BIT(OPT_STATE) | BIT(OPT_LIMIT) | FORM, 0,
	    cmd_callback_list },
	{ "callbacks show", "<id>", "one callback", FORM, 0,
	    cmd_callback_show },
	{ "callbacks retry", "[id]", "try it, or all that failed, again now",
	    BIT(OPT_FRONTEND), 0, cmd_callback_retry },
	{ "commands list", "", "what jobs do for us", BIT(OPT_STATE) | FORM,
	    0, cmd_command_list },
	{ "commands show", "<id>", "one of these", FORM, 0,
	    cmd_command_show },
	{ "audit", "", "who changed what, newest first", BIT(OPT_ACTOR) |
	    BIT(OPT_ACTION) | BIT(OPT_RESOURCE) | BIT(OPT_ID) |
	    BIT(OPT_FRONTEND) | BIT(OPT_BACKEND) | BIT(OPT_SINCE) |
	    BIT(OPT_UNTIL) | BIT(OPT_LIMIT) | FORM, 0, cmd_audit },
	{ "meetings list", "", "the meetings of the whole cluster",
	    BIT(OPT_FRONTEND) | BIT(OPT_BACKEND) | BIT(OPT_RUNNING) |
	    BIT(OPT_TEXT) | FORM, 0, cmd_meeting_list },
	{ "meetings show", "<id>", "one meeting", FORM, 0, cmd_meeting_show },
	{ "meetings end", "<id>", "end one meeting", BIT(OPT_YES), 0,
	    cmd_meeting_end },
	{ "end meetings", "<host>", "end all meetings on a server",
	    BIT(OPT_YES), 0, cmd_meeting_end_all },
	{ "create-meeting", "", "create a meeting and print a join link",
	    BIT(OPT_FRONTEND) | BIT(OPT_NAME) | BIT(OPT_PARAM),
	    BIT(OPT_FRONTEND), cmd_meeting_create },
	{ "apply", "", "make frontends and servers as a file says",
	    BIT(OPT_DRY) | BIT(OPT_FILE) | BIT(OPT_PRUNE) | BIT(OPT_YES),
	    BIT(OPT_FILE), cmd_apply },
	{ "export", "", "print frontends and servers for apply", 0, 0,
	    cmd_export },
	{ "top", "", "a live view of the servers", BIT(OPT_INTERVAL), 0,
	    cmd_top },
	{ "db migrate", "", "bring the database's schema up to date", 0, 0,
	    cmd_migrate },
	{ "auth authorize", "", "keep a token for this server", 0, 0,
	    cmd_auth_authorize },
	{ "auth create_access_token", "", "make a token",
	    BIT(OPT_SUB) | BIT(OPT_SCOPES) | BIT(OPT_SECRET),
	    BIT(OPT_SUB) | BIT(OPT_SCOPES),
	    cmd_auth_create },
	{ "auth authorize_node_agent", "", "make a token for an agent",
	    BIT(OPT_REF) | BIT(OPT_SECRET), 0, cmd_auth_node },
	{ "completions", "<bash|zsh|fish>", "print a completion script", 0, 0,
	    cmd_completions },
	{ "export-openapi-schema", "", "print the API's description", 0, 0,
	    cmd_openapi },
	{ "version", "", "the versions of this program and the server", 0, 0,
	    cmd_version },
};

static const struct {
	const char	*alias;
	const char	*name;
} aliases[] = {
	{ "s", "show" },
	{ "update", "set" }, { "u", "set" }, { "add", "set" }, { "a", "set" },
	{ "d", "delete" }, { "del", "delete" }, { "rm", "delete" },
	{ "en", "enable" }, { "start", "enable" },
	{ "dis", "disable" }, { "stop", "disable" },
	{ "cm", "create-meeting" },
};

const struct cmd *
cmd_table(size_t *n)
{
	*n = sizeof(commands) / sizeof(commands[0]);
	return commands;
}

const char *
cmd_alias(const char *word)
{
	size_t	i;

	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(aliases[i].alias, word) == 0)
			return aliases[i].name;
	return word;
}
