/*
 * The usage of a command and of all, written from the tables.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "cmd.h"

void
cmd_synopsis(struct buf *b, const struct cmd *cmd)
{
	const struct opt_row	*row;
	bool			 must;
	int			 o;

	buf_printf(b, CTL_NAME " %s", cmd->name);
	for (o = 0; o < OPT__MAX; o++) {
		if ((cmd->opts & BIT(o)) == 0)
			continue;
		row = opt_row(o);
		must = (cmd->must & BIT(o)) != 0;
		buf_adds(b, must ? " " : " [");
		if (row->letter != '\0')
			buf_printf(b, "-%c", row->letter);
		else
			buf_printf(b, "--%s", row->name);
		if (row->value != NULL)
			buf_printf(b, " <%s>", row->value);
		if (!must)
			buf_addc(b, ']');
	}
	if (cmd->args[0] != '\0')
		buf_printf(b, " %s", cmd->args);
}

static void
add_option(struct buf *b, const struct opt_row *row)
{
	size_t	from = b->len;

	if (row->letter != '\0')
		buf_printf(b, "  -%c, --%s", row->letter, row->name);
	else
		buf_printf(b, "      --%s", row->name);
	if (row->value != NULL)
		buf_printf(b, " <%s>", row->value);
	do
		buf_addc(b, ' ');
	while (b->len - from < 28);
	buf_printf(b, "%s\n", row->text);
}

void
cmd_usage(struct buf *b, const struct cmd *cmd)
{
	int	o;

	buf_adds(b, "usage: ");
	cmd_synopsis(b, cmd);
	buf_printf(b, "\n\n%s\n\n", cmd->text);
	for (o = 0; o < OPT__MAX; o++)
		if (((cmd->opts | OPTS_ALL) & BIT(o)) != 0)
			add_option(b, opt_row(o));
}

static void
add_command(struct buf *b, const struct cmd *cmd)
{
	size_t	from = b->len;

	buf_printf(b, "  %s %s", cmd->name, cmd->args);
	do
		buf_addc(b, ' ');
	while (b->len - from < 44);
	buf_printf(b, "%s\n", cmd->text);
}

void
cmd_help(struct buf *b, const char *group)
{
	const struct cmd	*t;
	char			*words[1] = { (char *)group };
	size_t			 n, i;
	int			 o;
	bool			 whole;

	buf_adds(b, "usage: " CTL_NAME
	    " [-b <url>] <command> [options] [arguments]\n\n");
	t = cmd_table(&n);
	for (i = 0; i < n; i++)
		if (cmd_begins(&t[i], words, group != NULL, &whole))
			add_command(b, &t[i]);
	buf_addc(b, '\n');
	for (o = 0; o < OPT__MAX; o++)
		if ((OPTS_ALL & BIT(o)) != 0)
			add_option(b, opt_row(o));
	buf_adds(b, "\n" CTL_NAME
	    " <command> --help shows the options of a command.\n");
}
