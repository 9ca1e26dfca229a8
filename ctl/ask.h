/*
 * Questions at the terminal.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "ctl.h"

/* Without echo.  NULL: there is no terminal, or no line came. */
char	*ask_secret(struct arena *a, const char *prompt, struct err *e);
/*
 * --secret -: the secret itself is read, from the standard input or asked for
 * if that is a terminal.  Others see a command line, and shells remember it.
 */
int	 ask_option(struct ctl *c, struct err *e);
/*
 * Before something is destroyed: 0 if --yes was given or the answer is yes.
 * Without a terminal nobody can be asked, so -1.
 */
int	 ask_sure(struct ctl *c, struct err *e, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

#endif
