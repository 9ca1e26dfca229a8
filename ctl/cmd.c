/*
 * Reads a command line against the table of commands.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "cmd.h"

#include <string.h>

#include "base/nearest.h"
#include "base/str.h"

/*
 * words are whole, but for the name's end: "show" begins "show backends",
 * "sho" does not.
 */
bool
cmd_begins(const struct cmd *cmd, char **words, int n, bool *whole)
{
	const char	*p = cmd->name;
	size_t		 len;
	int		 i;

	for (i = 0; i < n; i++) {
		len = strcspn(p, " ");
		if (len == 0 || strlen(words[i]) != len ||
		    memcmp(p, words[i], len) != 0)
			return false;
		p += len + (p[len] == ' ');
	}
	*whole = *p == '\0';
	return true;
}

/* What stands in < > must be given, what stands in [ ] may be. */
void
cmd_arity(const struct cmd *cmd, int *least, int *most)
{
	const char	*p;

	*least = *most = 0;
	for (p = cmd->args; *p != '\0'; p++)
		if (*p == '<' || *p == '[') {
			++*most;
			*least += *p == '<';
		}
}

/* ---- the words and options of a line, one by one */

struct reader {
	struct cmd_part	  p;
	struct ctl	 *c;		/* NULL: of a part only */
	int		  argc;
	char		**argv;
	int		  i;
	uint64_t	  given;	/* options so far */
	bool		  no_more;	/* options: -- was seen */
};

/* The options of all commands that the line may still become. */
static uint64_t
options_so_far(struct reader *r)
{
	const struct cmd	*t;
	size_t			 n, i;
	uint64_t		 set = OPTS_ALL;
	bool			 whole;

	if (r->p.cmd != NULL)
		return OPTS_ALL | r->p.cmd->opts;
	t = cmd_table(&n);
	for (i = 0; i < n; i++)
		if (cmd_begins(&t[i], r->p.words, r->p.nwords, &whole))
			set |= t[i].opts;
	return set;
}

static int
unknown_option(struct reader *r, const char *name, size_t len, struct err *e)
{
	const char	*near = opt_nearest(options_so_far(r), name, len);

	if (near != NULL)
		return err_set(e, ERR_INPUT,
		    "there is no option --%.*s here: did you mean --%s?",
		    (int)len, name, near);
	return err_set(e, ERR_INPUT, "there is no option --%.*s here",
	    (int)len, name);
}

/* A repeated option replaces the former one, but for --param. */
static int
keep(struct reader *r, int o, const char *value, struct err *e)
{
	r->given |= BIT(o);
	if (o == OPT_API)
		r->p.url = value;
	if (r->c == NULL)
		return 0;
	r->c->opt[o] = value;
	if (o != OPT_PARAM)
		return 0;
	if (r->c->nparams == CTL_PARAMS_MAX)
		return err_set(e, ERR_INPUT, "more than %d --param",
		    CTL_PARAMS_MAX);
	r->c->params[r->c->nparams++] = value;
	return 0;
}

/* value: what stood behind the name in the same word, or NULL. */
static int
take_option(struct reader *r, int o, const char *value, struct err *e)
{
	const struct opt_row	*row = opt_row(o);

	if (row->value == NULL && value != NULL)
		return err_set(e, ERR_INPUT, "--%s takes no value",
		    row->name);
	if (row->value == NULL)
		return keep(r, o, "", e);
	if (value == NULL && r->i + 1 == r->argc) {
		r->p.pending = o;
		return err_set(e, ERR_INPUT, "--%s wants a value: <%s>",
		    row->name, row->value);
	}
	return keep(r, o, value != NULL ? value : r->argv[++r->i], e);
}

/* "-jy", "-ofoo": letters, until one takes the rest as its value. */
static int
take_letters(struct reader *r, const char *letters, struct err *e)
{
	uint64_t	set = options_so_far(r);
	int		o;

	for (; *letters != '\0'; letters++) {
		if ((o = opt_letter(set, *letters)) == -1)
			return err_set(e, ERR_INPUT,
			    "there is no option -%c here", *letters);
		if (opt_row(o)->value != NULL)
			return take_option(r, o, letters[1] != '\0' ?
			    letters + 1 : NULL, e);
		if (take_option(r, o, NULL, e) == -1)
			return -1;
	}
	return 0;
}

/* The Go program's tools write long names with one dash, too. */
static int
take_dashes(struct reader *r, const char *word, struct err *e)
{
	const char	*name = word + (word[1] == '-' ? 2 : 1);
	size_t		 len = strcspn(name, "=");
	int		 o = opt_find(options_so_far(r), name, len);

	if (o == -1 && name == word + 1)
		return take_letters(r, name, e);
	if (o == -1)
		return unknown_option(r, name, len, e);
	return take_option(r, o, name[len] == '=' ? name + len + 1 : NULL, e);
}

/* Does one more word still begin a command?  Then it is part of the name. */
static bool
take_name(struct reader *r, char *word)
{
	const struct cmd	*t;
	struct cmd_part		*p = &r->p;
	size_t			 n, i;
	bool			 whole, fits = false;

	if (p->cmd != NULL || p->nwords == 2)
		return false;
	p->words[p->nwords] = (char *)(p->nwords == 0 ? cmd_alias(word) : word);
	t = cmd_table(&n);
	for (i = 0; i < n; i++)
		if (cmd_begins(&t[i], p->words, p->nwords + 1, &whole)) {
			fits = true;
			if (whole)
				p->cmd = &t[i];
		}
	if (fits)
		p->nwords++;
	return fits;
}

/* What stands where a further word of a command's name would. */
static int
unknown_command(struct reader *r, const char *word, struct err *e)
{
	const struct cmd	*t;
	struct nearest		 near;
	size_t			 n, i;
	bool			 whole;
	const char		*p, *group = r->p.nwords > 0 ?
				    r->p.words[0] : "";

	nearest_begin(&near, word, strlen(word));
	t = cmd_table(&n);
	for (i = 0; i < n; i++)
		if (cmd_begins(&t[i], r->p.words, r->p.nwords, &whole)) {
			p = t[i].name + strlen(group);
			p += *p == ' ';
			nearest_try(&near, p, strcspn(p, " "));
		}
	if (near.best == NULL)
		return err_set(e, ERR_INPUT, "there is no command '%s%s%s': "
		    CTL_NAME " --help shows all", group,
		    group[0] != '\0' ? " " : "", word);
	return err_set(e, ERR_INPUT,
	    "there is no command '%s%s%s': did you mean '%s%s%.*s'?",
	    group, group[0] != '\0' ? " " : "", word, group,
	    group[0] != '\0' ? " " : "", (int)near.best_len, near.best);
}

/*
 * Tried in this order: an option (a dash alone is none), the word help, one
 * more word of the command's name, an argument.
 */
static int
take_word(struct reader *r, char *word, struct err *e)
{
	if (!r->no_more && strcmp(word, "--") == 0) {
		r->no_more = true;
		return 0;
	}
	if (!r->no_more && word[0] == '-' && word[1] != '\0')
		return take_dashes(r, word, e);
	if (r->p.nwords == 0 && strcmp(word, "help") == 0)
		return keep(r, OPT_HELP, "", e);
	if (take_name(r, word))
		return 0;
	if (r->p.cmd == NULL)
		return unknown_command(r, word, e);
	if (r->c != NULL)
		r->c->args[r->p.nargs] = word;
	r->p.nargs++;
	return 0;
}

/* An option may have stood before the command that does not take it. */
static int
check_options(struct reader *r, struct err *e)
{
	uint64_t	extra = r->given & ~(OPTS_ALL | r->p.cmd->opts);
	int		o;

	for (o = 0; o < OPT__MAX; o++)
		if ((extra & BIT(o)) != 0)
			return err_set(e, ERR_INPUT,
			    "'%s' takes no option --%s", r->p.cmd->name,
			    opt_row(o)->name);
		else if ((r->p.cmd->must & ~r->given & BIT(o)) != 0)
			return err_set(e, ERR_INPUT, "'%s' wants --%s <%s>",
			    r->p.cmd->name, opt_row(o)->name,
			    opt_row(o)->value);
	return 0;
}

static int
check_args(struct reader *r, struct err *e)
{
	const struct cmd	*cmd = r->p.cmd;
	int			 least, most;

	cmd_arity(cmd, &least, &most);
	if (r->p.nargs < least)
		return err_set(e, ERR_INPUT, "'%s' wants %s", cmd->name,
		    cmd->args);
	if (r->p.nargs > most && most == 0)
		return err_set(e, ERR_INPUT, "'%s' takes no argument: '%s'",
		    cmd->name, r->c->args[0]);
	if (r->p.nargs > most)
		return err_set(e, ERR_INPUT,
		    "'%s' takes no further argument: '%s'", cmd->name,
		    r->c->args[most]);
	return 0;
}

static int
check_form(struct ctl *c, struct err *e)
{
	int	form;

	if (c->opt[OPT_JSON] != NULL)
		c->form = OUT_JSON;
	if (c->opt[OPT_OUTPUT] == NULL)
		return 0;
	if ((form = out_form(c->opt[OPT_OUTPUT])) == -1)
		return err_set(e, ERR_INPUT,
		    "--output is table, json or keyvalue, not '%s'",
		    c->opt[OPT_OUTPUT]);
	c->form = form;
	return 0;
}

/* "show" alone: all that may follow. */
static int
half_command(struct reader *r, struct err *e)
{
	const struct cmd	*t;
	struct buf		 b = { 0 };
	size_t			 n, i;
	bool			 whole;

	t = cmd_table(&n);
	for (i = 0; i < n; i++)
		if (cmd_begins(&t[i], r->p.words, r->p.nwords, &whole))
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "",
			    t[i].name + strlen(r->p.words[0]) + 1);
	err_set(e, ERR_INPUT, "'%s' what? One of: %s", r->p.words[0],
	    buf_str(&b));
	buf_free(&b);
	return -1;
}

/* Whoever asks for help is not told what is missing. */
static int
check(struct reader *r, struct err *e)
{
	struct ctl	*c = r->c;

	c->cmd = r->p.cmd;
	c->nargs = r->p.nargs;
	c->group = r->p.nwords > 0 ? r->p.words[0] : NULL;
	if (c->opt[OPT_HELP] != NULL)
		return 0;
	if (r->p.cmd == NULL)
		return r->p.nwords > 0 ? half_command(r, e) : 0;
	if (check_options(r, e) == -1 || check_args(r, e) == -1)
		return -1;
	return check_form(c, e);
}

int
cmd_parse(struct ctl *c, int argc, char **argv, struct err *e)
{
	struct reader	r = { .p = { .pending = -1 }, .c = c, .argc = argc,
			    .argv = argv };

	c->args = arena_zalloc(c->arena, (size_t)argc + 1, sizeof(char *));
	for (r.i = 1; r.i < argc; r.i++)
		if (take_word(&r, argv[r.i], e) == -1) {
			c->cmd = r.p.cmd;
			return -1;
		}
	return check(&r, e);
}

/* Mistakes are no matter here: the line is still being typed. */
void
cmd_parse_part(int argc, char **argv, struct cmd_part *p)
{
	struct reader	r = { .p = { .pending = -1 }, .argc = argc,
			    .argv = argv };
	struct err	e = ERR_INIT;

	for (r.i = 0; r.i < argc; r.i++)
		(void)take_word(&r, argv[r.i], &e);
	*p = r.p;
}
