/*
 * What may follow on a command line, for the shells.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_COMPLETE_H
#define CTL_COMPLETE_H

#include <stdbool.h>

#include "ctl.h"

/* Is the last word the one with which the scripts ask? */
bool		 complete_wanted(int argc, char **argv);
/* Prints what may follow the words, one a line; returns 0. */
int		 complete(struct ctl *c, int argc, char **argv);
/* The script for a shell, or NULL. */
const char	*complete_script(const char *shell);

#endif
