/*
 * The token of a server: kept in a file, or made from the shared secret.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_LOGIN_H
#define CTL_LOGIN_H

#include <stdbool.h>

#include "ctl.h"

/* The name of the file that keeps the token of a server. */
char	*login_file_name(struct arena *a, const char *url);
/*
 * Sets c->token: made with B3SCALE_API_JWT_SECRET, else from its file, else
 * made with the secret that is asked for, and kept once it is accepted.
 */
int	 login_token(struct ctl *c, struct err *e);
/* The same without asking: is there one? */
bool	 login_known(struct ctl *c);
/* Is B3SCALE_API_JWT_SECRET what tokens are made with? */
bool	 login_by_secret(void);
/* Asks for the secret until the server accepts it, and keeps the token. */
int	 login_ask(struct ctl *c, struct err *e);
/* The secret: --secret, else the environment's, else what is asked for. */
int	 login_secret(struct ctl *c, const char **secret, struct err *e);

#endif
