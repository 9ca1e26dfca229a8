/*
 * Commands that make and keep tokens.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/random.h>

#include <stdio.h>
#include <string.h>

#include "api.h"
#include "base/clock.h"
#include "cmds.h"
#include "login.h"
#include "proto/token.h"

int
cmd_auth_authorize(struct ctl *c, struct err *e)
{
	if (login_ask(c, e) == -1)
		return -1;
	printf("The token for %s is kept.\n", c->url);
	return 0;
}

/* One that is mistyped makes a token that opens nothing. */
static void
check_scope(const char *word)
{
	static const char *const	ours[] = { TOKEN_ADMIN, TOKEN_USER,
					    TOKEN_NODE, TOKEN_RECORDINGS };
	size_t				i, n = sizeof(ours) / sizeof(ours[0]);

	for (i = 0; i < n; i++)
		if (strcmp(word, ours[i]) == 0)
			return;
	fprintf(stderr, CTL_NAME ": b3scale has no scope '%s':", word);
	for (i = 0; i < n; i++)
		fprintf(stderr, "%s %s", i > 0 ? "," : " there are", ours[i]);
	fputc('\n', stderr);
}

/* With blanks between, as they are signed. */
static const char *
read_scopes(struct ctl *c, const char *list)
{
	char		*rest = arena_strdup(c->arena, list), *word;
	const char	*scope = "";

	while ((word = strsep(&rest, ", ")) != NULL) {
		if (word[0] == '\0')
			continue;
		check_scope(word);
		scope = arena_printf(c->arena, "%s%s%s", scope,
		    scope[0] != '\0' ? " " : "", word);
	}
	return scope;
}

static int
print_token(struct ctl *c, const char *sub, const char *scopes,
    struct err *e)
{
	struct token	 t = { .sub = sub };
	const char	*secret;

	t.scope = read_scopes(c, scopes);
	if (t.scope[0] == '\0')
		return err_set(e, ERR_INPUT, "--scopes names none");
	if (login_secret(c, &secret, e) == -1)
		return -1;
	fprintf(stderr, "A token for '%s' with the scope '%s':\n", sub,
	    t.scope);
	puts(token_sign(c->arena, &t, secret, clock_wall_ms() / 1000));
	return 0;
}

int
cmd_auth_create(struct ctl *c, struct err *e)
{
	return print_token(c, c->opt[OPT_SUB], c->opt[OPT_SCOPES], e);
}

/* Three words that can be told over the telephone. */
static int
random_words(struct ctl *c, const char **out, struct err *e)
{
	static const char *const	words[] = {
		"amber", "badger", "cedar", "copper", "coral", "dune",
		"ember", "falcon", "fjord", "garnet", "harbor", "hazel",
		"heron", "iris", "jade", "juniper", "kestrel", "lagoon",
		"larch", "lotus", "maple", "marble", "meadow", "nectar",
		"oasis", "onyx", "opal", "orchid", "otter", "pebble",
		"pepper", "pine", "plum", "quartz", "raven", "reef",
		"river", "robin", "saffron", "sage", "sierra", "silver",
		"sparrow", "spruce", "summit", "sunset", "tundra", "tulip",
		"umber", "valley", "velvet", "violet", "walnut", "willow",
		"winter", "wren", "yarrow", "yew", "zephyr", "zinc", "acorn",
		"basil", "birch", "clover",
	};
	unsigned char			r[3];

	_Static_assert(sizeof(words) / sizeof(words[0]) == 64, "six bits");
	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return err_set(e, ERR_SYSTEM, "no random bytes");
	*out = arena_printf(c->arena, "%s-%s-%s", words[r[0] & 63],
	    words[r[1] & 63], words[r[2] & 63]);
	return 0;
}

int
cmd_auth_node(struct ctl *c, struct err *e)
{
	const char	*ref = c->opt[OPT_REF];

	if (ref == NULL && random_words(c, &ref, e) == -1)
		return -1;
	return print_token(c, ref, TOKEN_NODE, e);
}
