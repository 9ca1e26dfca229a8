/*
 * b3scalectl: administrates a cluster through its REST API.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "ask.h"
#include "base/log.h"
#include "cmds.h"
#include "complete.h"
#include "environment.h"
#include "proto/client.h"

/* One line that says what is wrong, then how that one command is used. */
static int
usage(const struct ctl *c, const struct err *e)
{
	struct buf	b = { 0 };

	fprintf(stderr, CTL_NAME ": %s\n", e->text);
	if (c->cmd != NULL) {
		buf_adds(&b, "usage: ");
		cmd_synopsis(&b, c->cmd);
		fprintf(stderr, "%s\n", buf_str(&b));
	}
	buf_free(&b);
	return EXIT_FAILURE;
}

static void
help(const struct ctl *c)
{
	struct buf	b = { 0 };

	if (c->cmd != NULL)
		cmd_usage(&b, c->cmd);
	else
		cmd_help(&b, c->group);
	out_flush(&b);
}

static int
run(struct ctl *c, struct err *e)
{
	int	rc;

	if (c->opt[OPT_HELP] != NULL) {
		help(c);
		return EXIT_SUCCESS;
	}
	if (environment_load(c, e) == -1 || ask_option(c, e) == -1)
		rc = -1;
	else
		rc = c->cmd != NULL ? c->cmd->run(c, e) : cmd_none(c, e);
	if (rc != -1 && (fflush(stdout) == EOF || ferror(stdout)))
		rc = err_set(e, ERR_SYSTEM, "the output cannot be written");
	if (rc == -1)
		fprintf(stderr, CTL_NAME ": %s\n", e->text);
	return rc == -1 ? EXIT_FAILURE : rc;
}

int
main(int argc, char **argv)
{
	struct ctl	c = { .arena = arena_new() };
	struct err	e = ERR_INIT;
	int		status;

	setlocale(LC_CTYPE, "");
	log_open(CTL_NAME, LOG_TO_STDERR, LOG_LEVEL_INFO, LOG_AS_TEXT);
	if (complete_wanted(argc, argv))
		status = complete(&c, argc - 2, argv + 1);
	else if (cmd_parse(&c, argc, argv, &e) == -1)
		status = usage(&c, &e);
	else
		status = run(&c, &e);
	client_free(c.client);
	json_decref(c.known_backend);
	json_decref(c.known_frontend);
	json_decref(c.status);
	arena_free(c.arena);
	return status;
}
