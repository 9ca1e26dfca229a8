/*
 * The constant answer of the reference programs.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "reply.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#define REPLY_MAX (64 * 1024)

static char	reply[REPLY_MAX];
static size_t	reply_len;

void
reply_open(const char *path)
{
	FILE	*f = fopen(path, "r");

	if (f == NULL)
		err(1, "%s", path);
	reply_len = fread(reply, 1, sizeof(reply), f);
	if (ferror(f) || reply_len == 0 || reply_len == sizeof(reply))
		errx(1, "%s: not a reply of 1 to %d bytes", path,
		    REPLY_MAX - 1);
	fclose(f);
	if (FCGX_Init() != 0)
		errx(1, "cannot initialise libfcgi");
}

void
reply_accept(FCGX_Request *r)
{
	if (FCGX_Accept_r(r) != 0)
		exit(0);
}

void
reply_send(FCGX_Request *r)
{
	FCGX_PutStr(reply, (int)reply_len, r->out);
	FCGX_Finish_r(r);
}
