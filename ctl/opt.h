/*
 * The options of all commands: one table, each has the same meaning anywhere.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_OPT_H
#define CTL_OPT_H

#include <stddef.h>
#include <stdint.h>

enum opt {
	OPT_ACTION,
	OPT_ACTOR,
	OPT_API,
	OPT_BACKEND,
	OPT_CANCEL,
	OPT_DEADLINE,
	OPT_DRY,
	OPT_FILE,
	OPT_FORCE,
	OPT_FROM,
	OPT_FRONTEND,
	OPT_FRONTEND_ID,
	OPT_HELP,
	OPT_ID,
	OPT_INTERVAL,
	OPT_JSON,
	OPT_LIMIT,
	OPT_NAME,
	OPT_NOTE,
	OPT_OPTS,
	OPT_OUTPUT,
	OPT_PARAM,
	OPT_PRUNE,
	OPT_REF,
	OPT_RESOURCE,
	OPT_RUNNING,
	OPT_SCOPES,
	OPT_SECRET,
	OPT_SINCE,
	OPT_STATE,
	OPT_SUB,
	OPT_TAG,
	OPT_TEXT,
	OPT_UNTIL,
	OPT_VALID_FOR,
	OPT_WAIT,
	OPT_YES,
	OPT__MAX
};

/* Of a set: it has room for 64. */
#define BIT(opt)	(UINT64_C(1) << (opt))
/* Every command takes these. */
#define OPTS_ALL	(BIT(OPT_API) | BIT(OPT_HELP))

struct opt_row {
	const char	*name;
	const char	*other;		/* a further name; NULL: none */
	char		 letter;	/* '\0': none */
	const char	*value;		/* what it is called; NULL: none */
	const char	*text;
};

const struct opt_row	*opt_row(enum opt o);
/*
 * Which option of the set `name` means: a long name, of len bytes; or
 * opt_letter.  -1: none.
 */
int		 opt_find(uint64_t set, const char *name, size_t len);
int		 opt_letter(uint64_t set, char letter);
/* The long name of the set that comes nearest to what was typed, or NULL. */
const char	*opt_nearest(uint64_t set, const char *name, size_t len);

#endif
