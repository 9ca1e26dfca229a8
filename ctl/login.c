/*
 * Finds, makes and keeps tokens; the secret itself is never kept.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "login.h"

#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "ask.h"
#include "base/clock.h"
#include "base/str.h"
#include "proto/token.h"

#define TRIES	3

/*
 * The name of the Go program's tools, whose tokens are good here, too:
 * whatever is no letter, digit or dot becomes one underscore.
 */
char *
login_file_name(struct arena *a, const char *url)
{
	char	*name = arena_printf(a, "%s.access_token", url), *p, *q;

	for (p = q = name; *p != '\0'; p++)
		if (isalnum((unsigned char)*p) || *p == '.')
			*q++ = *p;
		else if (q == name || q[-1] != '_')
			*q++ = '_';
	*q = '\0';
	return name;
}

/* The folder of the tokens, or NULL: there is no home. */
static char *
folder(struct arena *a)
{
	const char	*home = getenv("XDG_CONFIG_HOME");

	if (home != NULL && home[0] == '/')
		return arena_printf(a, "%s/b3scale", home);
	home = getenv("HOME");
	if (home == NULL || home[0] == '\0')
		return NULL;
	return arena_printf(a, "%s/.config/b3scale", home);
}

/* The token without blanks around it; NULL: there is none. */
static const char *
token_read(struct ctl *c)
{
	char		 bytes[TOKEN_MAX_LEN + 64], *dir = folder(c->arena);
	struct view	 v = { bytes, 0 };
	FILE		*f;

	if (dir == NULL || (f = fopen(arena_printf(c->arena, "%s/%s", dir,
	    login_file_name(c->arena, c->url)), "re")) == NULL)
		return NULL;
	v.len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	v = str_trim(v);
	if (v.len == 0 || memchr(v.p, '\n', v.len) != NULL)
		return NULL;
	return arena_memdup(c->arena, v.p, v.len);
}

/* 0700: nobody else may read what is kept there. */
static int
make_folder(struct arena *a, const char *dir, struct err *e)
{
	char	*parent = arena_strdup(a, dir);

	*strrchr(parent, '/') = '\0';
	if ((mkdir(parent, 0700) == -1 && errno != EEXIST) ||
	    (mkdir(dir, 0700) == -1 && errno != EEXIST))
		return err_set(e, ERR_SYSTEM, "%s: %s", dir, strerror(errno));
	return 0;
}

/* Whole or not at all: another process may read it meanwhile. */
static int
write_file(struct arena *a, const char *path, const char *text,
    struct err *e)
{
	char	*temporary = arena_printf(a, "%s.%ld", path, (long)getpid());
	size_t	 len = strlen(text);
	int	 fd, rc = -1;

	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd != -1) {
		if (write(fd, text, len) == (ssize_t)len && close(fd) == 0)
			rc = rename(temporary, path);
		else
			unlink(temporary);
	}
	if (rc == -1)
		return err_set(e, ERR_SYSTEM, "%s: %s", path,
		    strerror(errno));
	return 0;
}

static int
token_keep(struct ctl *c, struct err *e)
{
	char	*dir = folder(c->arena);

	if (dir == NULL)
		return err_set(e, ERR_SYSTEM,
		    "the token is not kept: HOME is not set");
	if (make_folder(c->arena, dir, e) == -1)
		return -1;
	return write_file(c->arena, arena_printf(c->arena, "%s/%s", dir,
	    login_file_name(c->arena, c->url)), c->token, e);
}

static const char *
token_make(struct ctl *c, const char *secret)
{
	struct token	t = { .scope = TOKEN_ADMIN, .sub = CTL_NAME };

	return token_sign(c->arena, &t, secret, clock_wall_ms() / 1000);
}

/* Empty counts as unset, as scripts leave it. */
static const char *
secret_given(void)
{
	const char	*s = getenv("B3SCALE_API_JWT_SECRET");

	return s == NULL || s[0] == '\0' ? NULL : s;
}

bool
login_by_secret(void)
{
	return secret_given() != NULL;
}

/* In this order: the command line, the environment, the terminal. */
int
login_secret(struct ctl *c, const char **secret, struct err *e)
{
	*secret = c->opt[OPT_SECRET];
	if (*secret == NULL)
		*secret = secret_given();
	if (*secret == NULL)
		*secret = ask_secret(c->arena, "Shared secret: ", e);
	if (*secret == NULL)
		return err_note(e, "no secret (--secret,"
		    " B3SCALE_API_JWT_SECRET)");
	if ((*secret)[0] == '\0')
		return err_set(e, ERR_INPUT, "the secret is empty");
	return 0;
}

/*
 * The secret is tried before its token is kept: a token that nobody takes
 * would be asked for no more.
 */
int
login_ask(struct ctl *c, struct err *e)
{
	const char	*secret;
	int		 i;

	for (i = 0; i < TRIES; i++) {
		secret = ask_secret(c->arena, arena_printf(c->arena,
		    "Shared secret of %s: ", c->url), e);
		if (secret == NULL)
			return err_note(e, "there is no token for %s, and the"
			    " secret cannot be asked for (set"
			    " B3SCALE_API_JWT_SECRET, or run: " CTL_NAME
			    " auth authorize)", c->url);
		if (secret[0] == '\0')
			continue;
		c->token = token_make(c, secret);
		err_clear(e);
		if (api_status(c, e) == 0)
			return token_keep(c, e);
		if (e->code != ERR_DENIED)
			return -1;
		fprintf(stderr, "%s does not take it.\n", c->url);
	}
	return err_set(e, ERR_DENIED, "%s does not take the secret: it is"
	    " api_jwt_secret in its configuration", c->url);
}

/*
 * A secret in the environment wins over a token that was kept: whoever sets it
 * means it.
 */
bool
login_known(struct ctl *c)
{
	const char	*secret = secret_given();

	c->token = secret != NULL ? token_make(c, secret) : token_read(c);
	return c->token != NULL;
}

int
login_token(struct ctl *c, struct err *e)
{
	return login_known(c) ? 0 : login_ask(c, e);
}
