/*
 * Commands about the server itself, and about this program.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "cmds.h"
#include "complete.h"
#include "config.h"
#include "login.h"

static void
add_text(struct buf *b, const char *name, const json_t *status,
    const char *member)
{
	const struct field	f = { member, FIELD_ANY, 0, NULL };

	buf_printf(b, "  %-10s", name);
	out_cell(b, &f, status);
	buf_addc(b, '\n');
}

static void
add_jobs(struct buf *b, const json_t *status)
{
	const json_t	*job;
	size_t		 i;

	json_array_foreach(json_member(status, "jobs"), i, job) {
		buf_printf(b, "  %-10s", i == 0 ? "Jobs:" : "");
		out_text(b, api_str(job, "job"));
		buf_adds(b, ", well at ");
		out_text(b, api_str(job, "succeeded_at"));
		buf_addc(b, '\n');
	}
}

static void
tell_alarms(const json_t *status)
{
	const json_t	*alarm;
	struct buf	 b = { 0 };
	size_t		 i;

	json_array_foreach(json_member(status, "alarms"), i, alarm) {
		buf_adds(&b, CTL_NAME ": ALARM since ");
		out_text(&b, api_str(alarm, "since"));
		buf_adds(&b, ": ");
		out_text(&b, api_str(alarm, "message"));
		buf_addc(&b, '\n');
	}
	fputs(buf_str(&b), stderr);
	buf_free(&b);
}

/* One that cannot be asked has all migrations pending, as far as is told. */
static bool
is_away(const json_t *status)
{
	return json_is_false(json_member(status, "database.available"));
}

static long long
pending(const json_t *status)
{
	return json_integer_value(json_member(status,
	    "database.pending_migrations"));
}

static void
print_status(const struct ctl *c)
{
	struct buf	 b = { 0 };
	const json_t	*s = c->status;

	buf_printf(&b, "server %s\n", c->url);
	add_text(&b, "Version:", s, "version");
	add_text(&b, "Build:", s, "build");
	add_text(&b, "API:", s, "api");
	add_text(&b, "Database:", s, "database.database");
	add_text(&b, "Schema:", s, "database.migration.version");
	if (json_is_string(json_member(s, "database.error")))
		add_text(&b, "Error:", s, "database.error");
	add_jobs(&b, s);
	out_flush(&b);
	tell_alarms(s);
	if (is_away(s))
		fprintf(stderr, CTL_NAME ": the database of %s is away:"
		    " nothing can be done until it is back\n", c->url);
	else if (pending(s) > 0)
		fprintf(stderr, CTL_NAME ": %lld migration(s) of the database"
		    " are pending: run b3scale-schema apply there, or "
		    CTL_NAME " db migrate if the server may\n", pending(s));
}

int
cmd_version(struct ctl *c, struct err *e)
{
	puts(CTL_NAME " " PACKAGE_VERSION);
	fflush(stdout);
	if (api_open(c, e) == -1)
		return -1;
	print_status(c);
	return 0;
}

int
cmd_none(struct ctl *c, struct err *e)
{
	struct buf	b = { 0 };

	cmd_help(&b, NULL);
	buf_addc(&b, '\n');
	out_flush(&b);
	if (!login_known(c)) {
		printf("There is no token for %s yet; make one with: "
		    CTL_NAME " auth authorize\n", c->url);
		return 0;
	}
	return cmd_version(c, e);
}

/* Who has no token is not asked for one: a script runs this everywhere. */
int
cmd_migrate(struct ctl *c, struct err *e)
{
	json_t	*answer = NULL;

	if (!login_known(c))
		return 0;
	if (api_open(c, e) == -1)
		return -1;
	if (is_away(c->status))
		return err_set(e, ERR_BACKEND, "nothing is migrated: %s",
		    api_str(c->status, "database.error"));
	if (pending(c->status) != 0) {
		fprintf(stderr, "Applying %lld migration(s) ...\n",
		    pending(c->status));
		if (api_call(c, "POST", "/ctrl/migrate", NULL, &answer,
		    e) == -1)
			return -1;
		json_decref(answer);
		if (api_status(c, e) == -1)
			return -1;
	}
	print_status(c);
	return 0;
}

int
cmd_openapi(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*doc = NULL;

	if (api_open(c, e) == -1 ||
	    api_get(c, "/openapi.json", &doc, e) == -1)
		return -1;
	out_write(&b, OUT_JSON, NULL, NULL, doc);
	out_flush(&b);
	json_decref(doc);
	return 0;
}

int
cmd_completions(struct ctl *c, struct err *e)
{
	const char	*script = complete_script(c->args[0]);

	if (script == NULL)
		return err_set(e, ERR_INPUT, "there are completions for bash,"
		    " zsh and fish, not for '%s'", c->args[0]);
	fputs(script, stdout);
	return 0;
}
