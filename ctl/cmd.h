/*
 * The table of commands, and how a command line names one of its rows.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_CMD_H
#define CTL_CMD_H

#include <stdbool.h>

#include "base/buf.h"
#include "ctl.h"

struct cmd {
	const char	*name;		/* "set backend": one word or two */
	const char	*args;		/* "<host>", "<key> [name]", or "" */
	const char	*text;
	uint64_t	 opts;		/* of BIT(), without OPTS_ALL */
	uint64_t	 must;	/* of opts: those that must be given */
	/* 0: done, CTL_UNCHANGED, -1 with the error set. */
	int		(*run)(struct ctl *, struct err *);
};

/* In the order in which help shows them. */
const struct cmd	*cmd_table(size_t *n);
/* A word that stands for another at the beginning of a command; or itself. */
const char		*cmd_alias(const char *word);
/*
 * Does the command begin with these words (none fit all)?  whole: are they
 * all of its name?
 */
bool			 cmd_begins(const struct cmd *cmd, char **words,
			    int n, bool *whole);
/* How many arguments it takes at least and at most, by cmd->args. */
void			 cmd_arity(const struct cmd *cmd, int *least,
			    int *most);

/*
 * Reads a command line: finds the command, its options and arguments, in any
 * order.  -1: ERR_INPUT, and c->cmd is the command that was meant, or NULL.
 */
int	cmd_parse(struct ctl *c, int argc, char **argv, struct err *e);
/* The same, but of a line that is not complete: for completions. */
struct cmd_part {
	char		 *words[2];	/* of the name, so far */
	int		  nwords;
	const struct cmd *cmd;		/* NULL: not complete yet */
	int		  nargs;
	int		  pending;	/* this one wants a value; -1: none */
	const char	 *url;		/* --api; NULL: not given */
};
void	cmd_parse_part(int argc, char **argv, struct cmd_part *p);

/* One line that names all the command takes, as in a manual. */
void	cmd_synopsis(struct buf *b, const struct cmd *cmd);
/* That line, and what its options mean. */
void	cmd_usage(struct buf *b, const struct cmd *cmd);
/* All commands that begin with the word (NULL: all), a line each. */
void	cmd_help(struct buf *b, const char *group);

#endif
