/*
 * A server is emptied: it gets no new meetings, and those on it end, or are
 * ended.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "ask.h"
#include "cmds.h"
#include "span.h"
#include "wait.h"

#define DEADLINE_MAX_S	(30LL * 24 * 60 * 60)	/* as the server says */

/* It is stopped, and nothing is on it. */
static bool
is_empty(const json_t *row)
{
	return strcmp(api_str(row, "admin_state"), "stopped") == 0 &&
	    json_integer_value(json_member(row, "meetings_count")) == 0;
}

/* How it ended, in words; the job's own words if it did not end well. */
static int
tell_end(const json_t *command, const char *host, struct err *e)
{
	struct buf	 b = { 0 };
	const char	*why = api_str(command, "result");

	if (strcmp(api_str(command, "state"), "success") == 0) {
		printf("drained backend: %s\n", host);
		return 0;
	}
	out_text(&b, why);
	err_set(e, ERR_BACKEND, "%s is not drained: %s", host, buf_str(&b));
	buf_free(&b);
	return -1;
}

static int
start(struct ctl *c, const json_t *row, long long deadline_s, struct err *e)
{
	const char	*host = api_str(row, "bbb.host");
	json_t		*params, *command = NULL, *end = NULL;
	int		 rc;

	params = json_pack("{s:O}", "backend_id", json_member(row, "id"));
	if (deadline_s >= 0)
		json_object_set_new(params, "end_after",
		    json_integer(deadline_s));
	rc = command_ask(c, "drain", params, &command, e);
	if (rc == 0) {
		printf("draining backend: %s\n", host);
		fflush(stdout);
	}
	if (rc == 0 && c->opt[OPT_WAIT] != NULL &&
	    (rc = wait_command(c, command, row, &end, e)) == 0)
		rc = tell_end(end, host, e);
	json_decref(end);
	json_decref(command);
	return rc;
}

static int
drain(struct ctl *c, const json_t *row, long long deadline_s, struct err *e)
{
	const char	*host = api_str(row, "bbb.host");

	/* Who waits wants to be sure: a create may be on its way there. */
	if (c->opt[OPT_WAIT] == NULL && is_empty(row)) {
		puts("no changes");
		return CTL_UNCHANGED;
	}
	if (c->opt[OPT_DRY] != NULL) {
		printf("draining backend: %s\n", host);
		return 0;
	}
	if (deadline_s >= 0 && ask_sure(c, e, "End the meetings that are left"
	    " on %s after %s", host, c->opt[OPT_DEADLINE]) == -1)
		return -1;
	return start(c, row, deadline_s, e);
}

/* Sent even if it is ready: a drain may be about to begin. */
static int
cancel(struct ctl *c, const json_t *row, struct err *e)
{
	json_t	*patch = json_pack("{s:s}", "admin_state", "ready");
	int	 rc = record_patch(c, "/backends/", row, patch, e);

	if (rc == 0)
		printf("backend %s: ready\n", api_str(row, "bbb.host"));
	json_decref(patch);
	return rc;
}

int
cmd_backend_drain(struct ctl *c, struct err *e)
{
	bool		 stops = c->opt[OPT_CANCEL] != NULL;
	long long	 deadline_s = -1;
	json_t		*row = NULL;
	int		 rc;

	if (stops && (c->opt[OPT_DEADLINE] != NULL ||
	    c->opt[OPT_WAIT] != NULL))
		return err_set(e, ERR_INPUT, "--cancel goes with neither"
		    " --deadline nor --wait");
	if (c->opt[OPT_DEADLINE] != NULL && span_option(c, OPT_DEADLINE,
	    DEADLINE_MAX_S, &deadline_s, e) == -1)
		return -1;
	if (api_open(c, e) == -1 ||
	    backend_by_host(c, c->args[0], &row, e) == -1)
		return -1;
	rc = stops ? cancel(c, row, e) : drain(c, row, deadline_s, e);
	json_decref(row);
	return rc;
}
