/*
 * A FastCGI environment read as an HTTP request, within limits.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_ENV_H
#define FCGI_ENV_H

#include <stddef.h>

#include "base/err.h"
#include "proto/http.h"

/*
 * Longest path, in bytes as sent.  A waiting page's address carries a whole
 * join; the web servers take no longer request line.
 */
#define ENV_PATH_MAX	(56 * 1024)

/*
 * Fills req (its arena is set; body and io are the caller's) with copies in
 * the arena.  The path and query are those of REQUEST_URI: what the web
 * server made of them is no longer what a checksum was made over.  Returns 0,
 * or the HTTP status that the request deserves, with e saying why; req can
 * be logged then, its path and query may be empty, and raw_path be cut.
 */
int	env_read(char *const *envp, size_t max_query, struct http_req *req,
	    struct err *e);

#endif
