/*
 * What each of our libcurl handles is told, whoever drives it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_EASY_H
#define PROTO_EASY_H

#include <curl/curl.h>

/*
 * Starts libcurl in this process, or ends the process; each begin wants its
 * end.  SIGPIPE is ignored from now on.
 */
void	 easy_begin(void);
void	 easy_end(void);

/*
 * A handle that speaks HTTP/1.1 over http and https, follows no redirect and
 * trusts what the system does, or SSL_CERT_FILE and SSL_CERT_DIR.  user_agent
 * is copied.  Never NULL; the caller frees it by curl_easy_cleanup().
 */
CURL	*easy_new(const char *user_agent);

/*
 * Adds a copy of a header's line.  The list, NULL before the first, is the
 * caller's, who frees it by curl_slist_free_all() after the call.  A name and
 * a colon alone keep curl from sending a header of its own.
 */
void	 easy_header(struct curl_slist **headers, const char *line);

#endif
