/*
 * The yardstick: a bare libfcgi program that answers a constant.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <err.h>

#include "reply.h"

int
main(int argc, char **argv)
{
	FCGX_Request	r;

	if (argc != 2)
		errx(1, "usage: hello reply-file");
	reply_open(argv[1]);
	FCGX_InitRequest(&r, 0, 0);
	for (;;) {
		reply_accept(&r);
		reply_send(&r);
	}
}
