/*
 * Command lines: what they mean, and what is said of those that mean nothing.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "cmd.h"
#include "unit.h"

#define WORDS_MAX	16

/* Splits at blanks; "_" stands for an empty word. */
static int
words_of(const char *line, char **argv)
{
	char	*copy = arena_strdup(arena, line), *word;
	int	 argc = 0;

	while ((word = strsep(&copy, " ")) != NULL)
		argv[argc++] = strcmp(word, "_") == 0 ? word + 1 : word;
	return argc;
}

static int
parse(const char *line, struct ctl *c)
{
	char	**argv = arena_zalloc(arena, WORDS_MAX, sizeof(char *));
	int	  argc = words_of(line, argv);

	memset(c, 0, sizeof(*c));
	c->arena = arena;
	err_clear(&err);
	return cmd_parse(c, argc, argv, &err);
}

static void
good(const char *line, struct ctl *c, const char *name, int nargs)
{
	ck_assert_msg(parse(line, c) == 0, "%s: %s", line, err.text);
	ck_assert_str_eq(c->cmd->name, name);
	ck_assert_int_eq(c->nargs, nargs);
}

static void
bad(const char *line, const char *name, const char *text)
{
	struct ctl	c;

	ck_assert_int_eq(parse(line, &c), -1);
	ck_assert_str_eq(err.text, text);
	ck_assert_int_eq(err.code, ERR_INPUT);
	if (name == NULL)
		ck_assert_ptr_null(c.cmd);
	else
		ck_assert_str_eq(c.cmd->name, name);
}

START_TEST(mistakes_are_named)
{
	bad("x shwo", NULL, "there is no command 'shwo': did you mean"
	    " 'show'?");
	bad("x set bakend", NULL, "there is no command 'set bakend': did you"
	    " mean 'set backend'?");
	bad("x add bakend", NULL, "there is no command 'set bakend': did you"
	    " mean 'set backend'?");
	bad("x back", NULL, "there is no command 'back': b3scalectl --help"
	    " shows all");
	bad("x _", NULL, "there is no command '': b3scalectl --help shows"
	    " all");
	bad("x db", NULL, "'db' what? One of: migrate");
	bad("x settings", NULL,
	    "'settings' what? One of: list, get, set, unset, known");
}
END_TEST

START_TEST(options_are_checked)
{
	bad("x show backends --jsn", "show backends",
	    "there is no option --jsn here: did you mean --json?");
	bad("x --drry", NULL,
	    "there is no option --drry here: did you mean --dry?");
	bad("x show backends --json=1", "show backends",
	    "--json takes no value");
	bad("x show backends -o", "show backends",
	    "--output wants a value: <form>");
	bad("x show backends -o _", "show backends",
	    "--output is table, json or keyvalue, not ''");
	bad("x show backends -q", "show backends",
	    "there is no option -q here");
	/* it stands where another command could still take it */
	bad("x --force show backends", "show backends",
	    "'show backends' takes no option --force");
	bad("x delete backend --dryrun h", "delete backend", "there is no"
	    " option --dryrun here: did you mean --dry-run?");
}
END_TEST

START_TEST(arguments_are_counted)
{
	bad("x show backend", "show backend", "'show backend' wants <host>");
	bad("x settings set a b", "settings set",
	    "'settings set' wants <key> <name> <value>");
	bad("x show backend a b", "show backend",
	    "'show backend' takes no further argument: 'b'");
	bad("x show backends a", "show backends",
	    "'show backends' takes no argument: 'a'");
	bad("x apply", "apply", "'apply' wants --file <file>");
	bad("x auth create_access_token --sub a", "auth create_access_token",
	    "'auth create_access_token' wants --scopes <list>");
}
END_TEST

START_TEST(options_stand_anywhere)
{
	static const char *const	lines[] = {
		"x set backend --dry -s geheim host",
		"x set --dry backend host --secret geheim",
		"x set --dry-run -sgeheim backend host",
		"x u backend -secret geheim -dry host",
		"x --dry --secret=geheim set backend host",
		"x set backend --dry -s geheim -- host",
	};
	struct ctl			c;
	size_t				i;

	for (i = 0; i < COUNT(lines); i++) {
		good(lines[i], &c, "set backend", 1);
		ck_assert_str_eq(c.args[0], "host");
		ck_assert_str_eq(c.opt[OPT_SECRET], "geheim");
		ck_assert_ptr_nonnull(c.opt[OPT_DRY]);
		ck_assert_ptr_null(c.opt[OPT_OPTS]);
	}
}
END_TEST

START_TEST(a_letter_means_what_the_command_says)
{
	struct ctl	c;

	good("x delete backend -fy host", &c, "delete backend", 1);
	ck_assert_ptr_nonnull(c.opt[OPT_FORCE]);
	ck_assert_ptr_nonnull(c.opt[OPT_YES]);
	good("x apply -f file", &c, "apply", 0);
	ck_assert_str_eq(c.opt[OPT_FILE], "file");
	ck_assert_ptr_null(c.opt[OPT_FORCE]);
	good("x apply -f -", &c, "apply", 0);
	ck_assert_str_eq(c.opt[OPT_FILE], "-");
}
END_TEST

START_TEST(what_looks_like_an_option_may_be_an_argument)
{
	struct ctl	c;

	good("x settings set k n -- -1", &c, "settings set", 3);
	ck_assert_str_eq(c.args[2], "-1");
	good("x settings set k n _", &c, "settings set", 3);
	ck_assert_str_eq(c.args[2], "");
}
END_TEST

START_TEST(forms)
{
	struct ctl	c;

	good("x show backends", &c, "show backends", 0);
	ck_assert_int_eq(c.form, OUT_DEFAULT);
	good("x show --json backends", &c, "show backends", 0);
	ck_assert_int_eq(c.form, OUT_JSON);
	good("x show backends -okeyvalue", &c, "show backends", 0);
	ck_assert_int_eq(c.form, OUT_KEYVALUE);
}
END_TEST

START_TEST(parameters_repeat)
{
	struct ctl	c;

	good("x cm --frontend k --param a=1 --param b=2", &c,
	    "create-meeting", 0);
	ck_assert_uint_eq(c.nparams, 2);
	ck_assert_str_eq(c.params[1], "b=2");
}
END_TEST

START_TEST(help_needs_nothing_else)
{
	struct ctl	c;

	good("x set backend --help", &c, "set backend", 0);
	ck_assert_int_eq(parse("x -h", &c), 0);
	ck_assert_ptr_null(c.cmd);
	ck_assert_int_eq(parse("x show --help", &c), 0);
	ck_assert_int_eq(parse("x", &c), 0);
	ck_assert_ptr_null(c.cmd);
}
END_TEST

START_TEST(a_part_of_a_line)
{
	char		*argv[WORDS_MAX];
	struct cmd_part	 p;

	cmd_parse_part(words_of("show", argv), argv, &p);
	ck_assert_int_eq(p.nwords, 1);
	ck_assert_ptr_null(p.cmd);
	ck_assert_int_eq(p.pending, -1);
	cmd_parse_part(words_of("show backend a", argv), argv, &p);
	ck_assert_str_eq(p.cmd->name, "show backend");
	ck_assert_int_eq(p.nargs, 1);
	cmd_parse_part(words_of("show backends --output", argv), argv, &p);
	ck_assert_int_eq(p.pending, OPT_OUTPUT);
	cmd_parse_part(words_of("show backends --bogus", argv), argv, &p);
	ck_assert_int_eq(p.pending, -1);
}
END_TEST

/* No two rows may be told apart by luck. */
START_TEST(the_table_holds_together)
{
	const struct cmd	*t;
	const char		*optional;
	size_t			 n, i, k;
	int			 least, most;

	t = cmd_table(&n);
	for (i = 0; i < n; i++) {
		ck_assert_ptr_nonnull(t[i].run);
		ck_assert_uint_eq(t[i].must & ~t[i].opts, 0);
		cmd_arity(&t[i], &least, &most);
		ck_assert_int_le(least, most);
		/* What may be left out comes last. */
		if ((optional = strchr(t[i].args, '[')) != NULL)
			ck_assert_ptr_null(strchr(optional, '<'));
		for (k = 0; k < i; k++) {
			size_t	len = strlen(t[k].name);

			ck_assert_str_ne(t[i].name, t[k].name);
			ck_assert_msg(strncmp(t[i].name, t[k].name, len) != 0
			    || t[i].name[len] != ' ', "%s", t[i].name);
		}
	}
}
END_TEST

START_TEST(usage_is_written_from_it)
{
	struct ctl	c;
	struct buf	b = { 0 };

	good("x apply -f a", &c, "apply", 0);
	cmd_synopsis(&b, c.cmd);
	ck_assert_str_eq(buf_str(&b),
	    "b3scalectl apply [--dry] -f <file> [--prune] [-y]");
	buf_reset(&b);
	cmd_usage(&b, c.cmd);
	ck_assert_ptr_nonnull(strstr(buf_str(&b),
	    "\n  -f, --file <file>         what is to be"));
	ck_assert_ptr_null(strstr(buf_str(&b), "--force"));
	buf_free(&b);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		mistakes_are_named, options_are_checked,
		arguments_are_counted, options_stand_anywhere,
		a_letter_means_what_the_command_says,
		what_looks_like_an_option_may_be_an_argument, forms,
		parameters_repeat, help_needs_nothing_else, a_part_of_a_line,
		the_table_holds_together, usage_is_written_from_it,
	};

	return unit_run("cmd", tests, COUNT(tests));
}
