/*
 * Reads the command line of b3scale-fcgi.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
usage(void)
{
	fputs("usage: b3scale-fcgi [-nV] [-f file]\n", stderr);
	return -1;
}

int
options_parse(struct options *o, int argc, char **argv)
{
	int	ch;

	memset(o, 0, sizeof(*o));
	while ((ch = getopt(argc, argv, "f:nV")) != -1)
		switch (ch) {
		case 'f':
			o->config = optarg;
			break;
		case 'n':
			o->check = true;
			break;
		case 'V':
			o->version = true;
			break;
		default:
			return usage();
		}
	if (optind < argc) {
		fprintf(stderr, "b3scale-fcgi: unexpected argument '%s'\n",
		    argv[optind]);
		return usage();
	}
	return 0;
}
