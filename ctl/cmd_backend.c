/*
 * Commands for servers.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "ask.h"
#include "cmds.h"
#include "known.h"
#include "proto/resource.h"
#include "proto/url.h"
#include "wait.h"

#define PATH	"/backends/"
#define COLUMNS	"bbb.host state node_state admin_state meetings_count"\
		" attendees_count load_factor heartbeat_age_ms settings"\
		" state_reason"

/* ---- the form in which the Go program shows a server */

static void
add_line(struct buf *b, const char *name, const json_t *row,
    const char *member)
{
	const struct field	f = { member, FIELD_ANY, 0, NULL };

	buf_printf(b, "  %-12s", name);
	out_cell(b, &f, row);
	buf_addc(b, '\n');
}

/* Meetings, attendees and their ratio, as the Go program abbreviates them. */
static void
add_counts(struct buf *b, const json_t *row)
{
	long long	m = json_integer_value(json_member(row,
			    "meetings_count"));
	long long	a = json_integer_value(json_member(row,
			    "attendees_count"));

	buf_printf(b, "  %-12s%lld/%lld/%.2f\n", "MC/AC/R:", m, a,
	    m > 0 ? (double)a / (double)m : 0.0);
}

/* Nanoseconds, as a person reads them. */
static void
add_latency(struct buf *b, const json_t *row)
{
	double	ns = json_number_value(json_member(row, "latency"));

	buf_printf(b, "  %-12s", "Latency:");
	if (ns < 1e6)
		buf_printf(b, "%.1fµs\n", ns / 1e3);
	else if (ns < 1e9)
		buf_printf(b, "%.1fms\n", ns / 1e6);
	else
		buf_printf(b, "%.2fs\n", ns / 1e9);
}

/* The Go program has no such line; without an agent neither have we. */
static void
add_agent(struct buf *b, const json_t *row)
{
	const json_t	*age = json_member(row, "heartbeat_age_ms");

	if (!json_is_string(json_member(row, "agent_ref")))
		return;
	buf_printf(b, "  %-12s", "Agent:");
	out_text(b, api_str(row, "agent_ref"));
	if (json_is_integer(age))
		buf_printf(b, ", heard %lld ms ago%s\n",
		    (long long)json_integer_value(age),
		    strcmp(api_str(row, "state"), "silent") == 0 ?
		    ": silent" : "");
	else
		buf_adds(b, ", never heard\n");
}

static void
add_block(struct buf *b, const json_t *row)
{
	out_text(b, api_str(row, "id"));
	buf_addc(b, '\n');
	add_line(b, "Host:", row, "bbb.host");
	add_line(b, "Settings:", row, "settings");
	add_line(b, "NodeState:", row, "node_state");
	add_line(b, "AdminState:", row, "admin_state");
	add_counts(b, row);
	add_line(b, "LoadFactor:", row, "load_factor");
	add_latency(b, row);
	add_agent(b, row);
	if (strcmp(api_str(row, "node_state"), "error") == 0)
		add_line(b, "LastError:", row, "last_error");
}

int
cmd_backend_list(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*list = NULL, *row;
	size_t		 i;

	if (api_open(c, e) == -1 || api_list(c, "/backends", &list, e) == -1)
		return -1;
	if (c->form == OUT_DEFAULT)
		json_array_foreach(list, i, row)
			add_block(&b, row);
	else
		out_write(&b, c->form, backend_record(), COLUMNS,
		    list);
	out_flush(&b);
	json_decref(list);
	return 0;
}

int
cmd_backend_show(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*row = NULL;

	if (api_open(c, e) == -1 ||
	    backend_by_host(c, c->args[0], &row, e) == -1)
		return -1;
	if (c->form == OUT_DEFAULT)
		add_block(&b, row);
	else
		out_write(&b, c->form, backend_record(), COLUMNS, row);
	out_flush(&b);
	json_decref(row);
	return 0;
}

/* ---- adding and changing */

/* As the server will write it, so that it is found again. */
static int
read_host(struct ctl *c, const char **host, struct err *e)
{
	struct err	 why = ERR_INIT;
	const char	*typed = c->args[0];
	char		*url;

	if (url_backend(c->arena, typed, &url, &why) == -1)
		return err_set(e, ERR_INPUT, "'%s' is no address of a server"
		    " (%s): it is like"
		    " https://bbb.example.org/bigbluebutton/api/", typed,
		    why.text);
	*host = url;
	return 0;
}

/* A new one is ready at once: an admin who types it means it. */
static int
add(struct ctl *c, const char *host, json_t *opts, struct err *e)
{
	json_t	*doc;
	int	 rc = 0;

	if (c->opt[OPT_SECRET] == NULL)
		return err_set(e, ERR_INPUT, "%s is new: it wants --secret",
		    host);
	doc = json_pack("{s:{s:s,s:s},s:s,s:f,s:O}", "bbb", "host", host,
	    "secret", c->opt[OPT_SECRET], "admin_state", "ready",
	    "load_factor", 1.0, "settings", opts);
	if (doc == NULL)
		return err_set(e, ERR_INPUT, "host and secret are not UTF-8");
	if (c->opt[OPT_DRY] == NULL)
		rc = api_call(c, "POST", "/backends", doc, NULL, e);
	if (rc == 0)
		printf("created backend: %s\n", host);
	json_decref(doc);
	return rc;
}

/*
 * Adds what is not there and changes what is, so that a script may run twice.
 */
int
cmd_backend_set(struct ctl *c, struct err *e)
{
	const char	*host = NULL;
	json_t		*opts = NULL, *row = NULL;
	int		 rc = -1;

	if (read_host(c, &host, e) == -1 || opts_read(c, &opts, e) == -1 ||
	    api_open(c, e) == -1 ||
	    known_check(c, "backend", opts, "", e) == -1)
		goto out;
	if (backend_by_host(c, host, &row, e) == 0)
		rc = record_change(c, "backend", row, opts, e);
	else if (e->code == ERR_MISSING) {
		if (opts == NULL)
			opts = json_object();
		rc = add(c, host, opts, e);
	}
out:
	json_decref(row);
	json_decref(opts);
	return rc;
}

/* It is ready, but soon will not be: being told again calls that off. */
static bool
drain_waits(struct ctl *c, const json_t *row)
{
	struct err	 ignored = ERR_INIT;
	json_t		*list = NULL, *command;
	bool		 waits = false;
	size_t		 i;

	if (api_list(c, "/commands?state=requested", &list, &ignored) == 0)
		json_array_foreach(list, i, command)
			if (strcmp(api_str(command, "action"), "drain") == 0 &&
			    strcmp(api_str(command, "params.backend_id"),
			    api_str(row, "id")) == 0)
				waits = true;
	json_decref(list);
	return waits;
}

/* CTL_UNCHANGED has an exit status of its own: a script can tell. */
static int
set_state(struct ctl *c, const char *state, struct err *e)
{
	json_t	*row = NULL, *patch;
	int	 rc = CTL_UNCHANGED;

	if (api_open(c, e) == -1 ||
	    backend_by_host(c, c->args[0], &row, e) == -1)
		return -1;
	if (strcmp(api_str(row, "admin_state"), state) == 0 &&
	    !(strcmp(state, "ready") == 0 && drain_waits(c, row)))
		puts("no changes");
	else {
		patch = json_pack("{s:s}", "admin_state", state);
		rc = record_patch(c, PATH, row, patch, e);
		json_decref(patch);
		if (rc == 0)
			printf("backend %s: %s\n", api_str(row, "bbb.host"),
			    state);
	}
	json_decref(row);
	return rc;
}

int
cmd_backend_enable(struct ctl *c, struct err *e)
{
	return set_state(c, "ready", e);
}

int
cmd_backend_disable(struct ctl *c, struct err *e)
{
	return set_state(c, "stopped", e);
}

/* ---- removing */

/* What does not answer has no meetings that could end in peace. */
static bool
at_once(const struct ctl *c, const json_t *row)
{
	const char	*node = api_str(row, "node_state");

	return c->opt[OPT_FORCE] != NULL || (strcmp(node, "ready") != 0 &&
	    strcmp(node, "init") != 0);
}

/* Without force it is given up: it goes when its last meeting has ended. */
static int
remove_backend(struct ctl *c, const json_t *row, bool now, struct err *e)
{
	const char	*host = api_str(row, "bbb.host");
	bool		 dry = c->opt[OPT_DRY] != NULL;

	if (!dry && api_call(c, "DELETE", arena_printf(c->arena, PATH "%s%s",
	    api_path(c, api_str(row, "id")), now ? "?force=true" : ""), NULL,
	    NULL, e) == -1)
		return -1;
	printf("%s backend: %s\n", now ? "deleted" : "decommissioned", host);
	if (now || dry || c->opt[OPT_WAIT] == NULL)
		return 0;
	fflush(stdout);
	if (wait_gone(c, row, e) == -1)
		return -1;
	printf("deleted backend: %s\n", host);
	return 0;
}

int
cmd_backend_delete(struct ctl *c, struct err *e)
{
	json_t	*row = NULL;
	bool	 now;
	int	 rc = -1;

	if (api_open(c, e) == -1 ||
	    backend_by_host(c, c->args[0], &row, e) == -1)
		return -1;
	now = at_once(c, row);
	if (c->opt[OPT_DRY] != NULL || ask_sure(c, e, now ?
	    "Delete %s with all its meetings" :
	    "Delete %s as soon as it is empty", api_str(row,
	    "bbb.host")) == 0)
		rc = remove_backend(c, row, now, e);
	json_decref(row);
	return rc;
}
