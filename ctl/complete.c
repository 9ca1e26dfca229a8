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
#include "cmd.h"
#include "environment.h"
#include "login.h"

/* As the Go program's scripts ask. */
#define ASK	"--generate-bash-completion"

static const struct {
	const char	*shell;
	const char	*script;
} scripts[] = {
	{ "bash",
	    "# b3scalectl in bash: sourced by bash-completion\n"
	    "_b3scalectl() {\n"
	    "\tlocal IFS=$'\\n'\n"
	    "\tlocal words=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
	    "\tCOMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" "
	    "\"${words[@]}\" \\\n"
	    "\t    " ASK " 2>/dev/null)\" -- \"$cur\"))\n"
	    "\t# A colon begins a word of its own there.\n"
	    "\tif declare -F __ltrim_colon_completions >/dev/null; then\n"
	    "\t\t__ltrim_colon_completions \"$cur\"\n"
	    "\tfi\n"
	    "}\n"
	    "complete -o default -F _b3scalectl b3scalectl\n" },
	{ "zsh",
	    "#compdef b3scalectl\n"
	    "_b3scalectl() {\n"
	    "\tlocal -a found\n"
	    "\tfound=(\"${(@f)$(\"${words[1]}\" "
	    "\"${(@)words[2,CURRENT-1]}\" \\\n"
	    "\t    " ASK " 2>/dev/null)}\")\n"
	    "\tif [[ -n \"${found[1]}\" ]]; then\n"
	    "\t\tcompadd -a found\n"
	    "\telse\n"
	    "\t\t_files\n"
	    "\tfi\n"
	    "}\n"
	    "if [[ \"$funcstack[1]\" = _b3scalectl ]]; then\n"
	    "\t_b3scalectl \"$@\"\n"
	    "else\n"
	    "\tcompdef _b3scalectl b3scalectl\n"
	    "fi\n" },
	{ "fish",
	    "# b3scalectl in fish\n"
	    "function __b3scalectl\n"
	    "\tset -l words (commandline -opc)\n"
	    "\tcommand $words[1] $words[2..-1] " ASK " 2>/dev/null\n"
	    "end\n"
	    "complete -c b3scalectl -a '(__b3scalectl)'\n" },
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
	json_t		*list = NULL, *row;
	size_t		 i;

	if (environment_load(c, &e) == -1 || !login_known(c) ||
	    api_list(c, path, &list, &e) == -1)
		return;
	json_array_foreach(list, i, row)
		printf("%s\n", api_str(row, member));
	json_decref(list);
}

static void
print_values(struct ctl *c, const char *what)
{
	if (strcmp(what, "host") == 0)
		print_members(c, "/backends", "bbb.host");
	else if (strcmp(what, "key") == 0)
		print_members(c, "/frontends", "bbb.key");
	else if (strcmp(what, "form") == 0)
		printf("table\njson\nkeyvalue\n");
}

/* The first of "<key> <name>", if it is the one that comes next. */
static void
print_arguments(struct ctl *c, const struct cmd_part *p)
{
	const char	*args = p->cmd->args;
	char		 name[32];
	size_t		 len = strcspn(args, ">");

	if (p->nargs > 0 || args[0] != '<' || len >= sizeof(name))
		return;
	memcpy(name, args + 1, len - 1);
	name[len - 1] = '\0';
	if (strchr(name, '|') != NULL)
		printf("bash\nzsh\nfish\n");
	else
		print_values(c, name);
}

int
complete(struct ctl *c, int argc, char **argv)
{
	struct cmd_part	p;

	cmd_parse_part(argc, argv, &p);
	if (p.pending != -1)
		print_values(c, opt_row(p.pending)->value);
	else if (p.cmd == NULL)
		print_names(&p);
	else {
		print_arguments(c, &p);
		print_options(p.cmd);
	}
	return 0;
}
