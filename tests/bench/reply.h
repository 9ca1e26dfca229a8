/*
 * The constant answer of the reference programs.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_REPLY_H
#define BENCH_REPLY_H

#include <fcgiapp.h>

/*
 * Reads the file (a CGI reply: headers, empty line, body) and initialises
 * libfcgi.  What is wrong is told and ends the process.
 */
void	reply_open(const char *path);
/* The next request, or ends the process: a pool is stopped by a signal. */
void	reply_accept(FCGX_Request *);
void	reply_send(FCGX_Request *);

#endif
