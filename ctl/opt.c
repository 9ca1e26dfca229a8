/*
 * The table of options, and finding one by its name.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "opt.h"

#include <assert.h>
#include <string.h>

#include "base/nearest.h"


static const struct opt_row rows[] = {
	[OPT_ACTION] = { "action", NULL, '\0', "word",
	    "only what was done so: create, change, delete ..." },
	[OPT_ACTOR] = { "actor", NULL, '\0', "name",
	    "only what was done by this one" },
	[OPT_API] = { "api", NULL, 'b', "url",
	    "address of the server, without a path" },
	[OPT_BACKEND] = { "backend", NULL, '\0', "host",
	    "only what is on this server" },
	[OPT_CANCEL] = { "cancel", NULL, '\0', NULL,
	    "no more: it gets new meetings again" },
	[OPT_DEADLINE] = { "deadline", NULL, '\0', "time",
	    "end what is left after 90 (s), 15m, 2h, 7d" },
	[OPT_DRY] = { "dry", "dry-run", '\0', NULL,
	    "only say what would be done" },
	[OPT_FILE] = { "file", NULL, 'f', "file",
	    "what is to be, as JSON; - is the standard input" },
	[OPT_FORCE] = { "force", NULL, 'f', NULL,
	    "delete at once, with its meetings" },
	[OPT_FROM] = { "from", NULL, '\0', "time",
	    "when it begins, as 2026-11-25T08:00:00Z" },
	[OPT_FRONTEND] = { "frontend", "fe", '\0', "key",
	    "the frontend with this key" },
	[OPT_FRONTEND_ID] = { "frontend-id", "feid", '\0', "id",
	    "the frontend with this id" },
	[OPT_HELP] = { "help", NULL, 'h', NULL, "say how it is used" },
	[OPT_ID] = { "id", NULL, '\0', "id", "only what has this id" },
	[OPT_INTERVAL] = { "interval", NULL, 'i', "seconds",
	    "from one look to the next (2)" },
	[OPT_JSON] = { "json", NULL, '\0', NULL,
	    "the same as --output json" },
	[OPT_LIMIT] = { "limit", NULL, 'n', "number", "at most so many" },
	[OPT_NAME] = { "name", NULL, '\0', "text", "of the meeting" },
	[OPT_NOTE] = { "note", NULL, '\0', "text", "why" },
	[OPT_OPTS] = { "opts", NULL, 'j', "json",
	    "settings, merged into those there are" },
	[OPT_OUTPUT] = { "output", NULL, 'o', "form",
	    "table, json or keyvalue" },
	[OPT_PARAM] = { "param", NULL, '\0', "name=value",
	    "a parameter of create; may be repeated" },
	[OPT_PRUNE] = { "prune", NULL, '\0', NULL,
	    "remove what the file does not name" },
	[OPT_REF] = { "ref", NULL, '\0', "name",
	    "the agent's reference (three random words)" },
	[OPT_RESOURCE] = { "resource", NULL, '\0', "word",
	    "only of this kind: frontend, backend ..." },
	[OPT_RUNNING] = { "running", NULL, '\0', NULL,
	    "only those that run" },
	[OPT_SCOPES] = { "scopes", NULL, '\0', "list",
	    "of the token, a comma between" },
	[OPT_SECRET] = { "secret", NULL, 's', "secret", "the secret; - reads it" },
	[OPT_SINCE] = { "since", NULL, '\0', "time",
	    "only later ones; 2h: of the last two hours" },
	[OPT_STATE] = { "state", NULL, '\0', "word",
	    "only those in this state" },
	[OPT_SUB] = { "sub", NULL, '\0', "name", "whom the token is for" },
	[OPT_TAG] = { "tag", NULL, '\0', "tag", "all servers with this tag" },
	[OPT_TEXT] = { "text", NULL, '\0', "text",
	    "only those whose name or id holds it" },
	[OPT_UNTIL] = { "until", NULL, '\0', "time",
	    "when it ends; only earlier ones" },
	[OPT_VALID_FOR] = { "valid-for", NULL, '\0', "time",
	    "how long the former secret is good (1d)" },
	[OPT_WAIT] = { "wait", NULL, 'w', NULL, "until it is done" },
	[OPT_YES] = { "yes", NULL, 'y', NULL, "do not ask" },
};

const struct opt_row *
opt_row(enum opt o)
{
	assert(o < OPT__MAX);
	return &rows[o];
}

static int
is_name(const char *of, const char *name, size_t len)
{
	return of != NULL && strlen(of) == len && memcmp(of, name, len) == 0;
}

int
opt_find(uint64_t set, const char *name, size_t len)
{
	int	o;

	for (o = 0; o < OPT__MAX; o++)
		if ((set & BIT(o)) != 0 && (is_name(rows[o].name, name, len) ||
		    is_name(rows[o].other, name, len)))
			return o;
	return -1;
}

int
opt_letter(uint64_t set, char letter)
{
	int	o;

	for (o = 0; o < OPT__MAX; o++)
		if ((set & BIT(o)) != 0 && rows[o].letter == letter)
			return o;
	return -1;
}

const char *
opt_nearest(uint64_t set, const char *name, size_t len)
{
	struct nearest	n;
	int		o;

	nearest_begin(&n, name, len);
	for (o = 0; o < OPT__MAX; o++)
		if ((set & BIT(o)) != 0) {
			nearest_try(&n, rows[o].name, strlen(rows[o].name));
			if (rows[o].other != NULL)
				nearest_try(&n, rows[o].other,
				    strlen(rows[o].other));
		}
	return n.best;
}
