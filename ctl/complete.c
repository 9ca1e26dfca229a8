/*
 * Completions: commands and options from the tables, names from the server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "base/str.h"
#include "cmd.h"
#include "environment.h"
#include "login.h"

/* As the Go program's scripts ask. */
#define ASK	"--generate-bash-completion"

/* The text of each is made of its file. */
static const struct {
	const char	*shell;
	const char	*script;
} scripts[] = {
	{ "bash",
#include "complete_bash.h"
	},
	{ "zsh",
#include "complete_zsh.h"
	},
	{ "fish",
#include "complete_fish.h"
	},
};

const char *
complete_script(const char *shell)
{
	size_t	i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (strcmp(scripts[i].shell, shell) == 0)
			return scripts[i].script;
	return NULL;
}

bool
complete_wanted(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[argc - 1], ASK) == 0;
}

/* Is the i-th command the first that has this word there? */
static bool
is_first(const struct cmd *t, size_t i, size_t from, size_t len)
{
	size_t	k;

	for (k = 0; k < i; k++)
		if (strncmp(t[k].name, t[i].name, from + len) == 0 &&
		    (t[k].name[from + len] == ' ' ||
		    t[k].name[from + len] == '\0'))
			return false;
	return true;
}

/* The next word of each command that begins so, once. */
static void
print_names(struct cmd_part *p)
{
	const struct cmd	*t;
	size_t			 n, i, from, len;
	bool			 whole;

	t = cmd_table(&n);
	from = p->nwords > 0 ? strlen(p->words[0]) + 1 : 0;
	for (i = 0; i < n; i++) {
		if (!cmd_begins(&t[i], p->words, p->nwords, &whole))
			continue;
		len = strcspn(t[i].name + from, " ");
		if (is_first(t, i, from, len))
			printf("%.*s\n", (int)len, t[i].name + from);
	}
}

/* Only once the command is known: before that they would hide its name. */
static void
print_options(const struct cmd *cmd)
{
	int	o;

	for (o = 0; o < OPT__MAX; o++)
		if (((cmd->opts | OPTS_ALL) & BIT(o)) != 0)
			printf("--%s\n", opt_row(o)->name);
}

/* What is asked for without a terminal: a completion never asks back. */
static void
print_members(struct ctl *c, const char *path, const char *member)
{
	struct err	 e = ERR_INIT;
	json_t		*list = NULL, *row, *value;
	size_t		 i;

	if (environment_load(c, &e) == -1 || !login_known(c) ||
	    api_list(c, path, &list, &e) == -1)
		return;
	json_array_foreach(list, i, row) {
		value = json_member(row, member);
		if (json_is_integer(value))
			printf("%lld\n", json_integer_value(value));
		else
			puts(api_str(row, member));
	}
	json_decref(list);
}

static void
print_words(const char *words)
{
	for (; *words != '\0'; words++)
		putchar(*words == '|' ? '\n' : *words);
	putchar('\n');
}

/* Values whose name does not say what they may be. */
static const struct {
	enum opt	 opt;
	const char	*cmd;		/* how its name begins */
	const char	*words;
} option_words[] = {
	{ OPT_STATE, "callbacks", "waiting|delivered|failed" },
	{ OPT_STATE, "commands", "requested|success|error" },
	{ OPT_RESOURCE, "audit", "backend|command|frontend|meeting|"
	    "reservation" },
	{ OPT_SCOPES, "auth", "b3scale:admin|b3scale|b3scale:node" },
};

static void
print_value(struct ctl *c, const char *what)
{
	if (strcmp(what, "host") == 0)
		print_members(c, "/backends", "bbb.host");
	else if (strcmp(what, "key") == 0)
		print_members(c, "/frontends", "bbb.key");
	else if (strcmp(what, "form") == 0)
		print_words("table|json|keyvalue");
}

static void
print_option_value(struct ctl *c, const struct cmd_part *p)
{
	size_t	i;

	for (i = 0; i < sizeof(option_words) / sizeof(option_words[0]); i++)
		if (option_words[i].opt == (enum opt)p->pending &&
		    p->cmd != NULL && str_starts(p->cmd->name,
		    option_words[i].cmd))
			print_words(option_words[i].words);
	print_value(c, opt_row(p->pending)->value);
}

/* Its nth argument without the brackets, or NULL: it takes no more. */
static const char *
argument_name(struct ctl *c, const struct cmd *cmd, int n)
{
	const char	*p = cmd->args;

	for (; (p = strpbrk(p, "<[")) != NULL; p++)
		if (n-- == 0)
			return arena_printf(c->arena, "%.*s",
			    (int)strcspn(p + 1, ">]"), p + 1);
	return NULL;
}

/* The argument that comes next. */
static void
print_argument(struct ctl *c, const struct cmd_part *p)
{
	const char	*name = argument_name(c, p->cmd, p->nargs);

	if (name == NULL)
		return;
	if (strchr(name, '|') != NULL)
		print_words(name);
	else if (strcmp(name, "id") == 0)
		print_members(c, arena_printf(c->arena, "/%.*s",
		    (int)strcspn(p->cmd->name, " "), p->cmd->name), "id");
	else if (strcmp(name, "name") == 0)
		print_members(c, "/settings", "name");
	else
		print_value(c, name);
}

/*
 * Whatever happens it is silent and succeeds: it runs in the middle of a line
 * that somebody types.
 */
int
complete(struct ctl *c, int argc, char **argv)
{
	struct cmd_part	p;

	cmd_parse_part(argc, argv, &p);
	c->opt[OPT_API] = p.url;
	c->hurry = true;
	if (p.pending != -1)
		print_option_value(c, &p);
	else if (p.cmd == NULL)
		print_names(&p);
	else {
		print_argument(c, &p);
		print_options(p.cmd);
	}
	return 0;
}
