/*
 * What one run of b3scalectl knows: its command, options, server, token.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "opt.h"
#include "out.h"

#define CTL_NAME	"b3scalectl"

/* What a command returns besides 0 and -1, and the program's exit status. */
#define CTL_UNCHANGED	64

#define CTL_PARAMS_MAX	64

struct client;
struct cmd;

struct ctl {
	struct arena	 *arena;
	struct client	 *client;	/* NULL until the first call */
	const struct cmd *cmd;		/* NULL: none was named */
	const char	 *group;	/* its first word, so far; NULL: none */
	const char	 *url;		/* of the server, no slash at its end */
	const char	 *token;	/* NULL until it is needed */
	json_t		 *status;	/* what the server said of itself */
	json_t		 *known_backend;	/* of known.c, or NULL */
	json_t		 *known_frontend;
	/* NULL: not given; "" for those that take no value. */
	const char	 *opt[OPT__MAX];
	const char	 *params[CTL_PARAMS_MAX];	/* of OPT_PARAM */
	size_t		  nparams;
	char		**args;		/* of the command */
	int		  nargs;
	bool		  hurry;	/* somebody waits at a prompt */
	enum out_form	  form;		/* OUT_DEFAULT: the command's own */
};

#endif
