/*
 * What the command line asks for.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_OPTIONS_H
#define FCGI_OPTIONS_H

#include <stdbool.h>

struct options {
	const char	*config;	/* -f; NULL: the installed file */
	bool		 check;		/* -n */
	bool		 version;	/* -V */
};

/* -1: it is wrong; what is wrong, and the usage, stand on stderr. */
int	options_parse(struct options *o, int argc, char **argv);

#endif
