/*
 * What each of our libcurl handles is told, whoever drives it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/easy.h"

#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/log.h"

void
easy_begin(void)
{
	/* TLS writes to a socket whose other end may be gone. */
	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_fatal(EX_SOFTWARE, "libcurl does not start");
}

void
easy_end(void)
{
	curl_global_cleanup();
}

/* curl(1) heeds these two, libcurl by itself does not. */
static void
trust_environment(CURL *h)
{
	const char	*file = getenv("SSL_CERT_FILE");
	const char	*dir = getenv("SSL_CERT_DIR");

	if (file != NULL && file[0] != '\0')
		curl_easy_setopt(h, CURLOPT_CAINFO, file);
	if (dir != NULL && dir[0] != '\0')
		curl_easy_setopt(h, CURLOPT_CAPATH, dir);
}

CURL *
easy_new(const char *user_agent)
{
	CURL	*h;

	if ((h = curl_easy_init()) == NULL)
		log_fatal(EX_OSERR, "out of memory");
	/* SIGALRM is a worker's clock: curl may not set it for itself. */
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_USERAGENT, user_agent);
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Do not sit out a name server's timeouts after our own deadline. */
	curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L);
#endif
	/* One call a connection at a time: a slow one holds up no other. */
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	/* A redirect or a registered URL must not make it read a file. */
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(h, CURLOPT_PROTOCOLS,
	    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	trust_environment(h);
	return h;
}

void
easy_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist	*l;

	if ((l = curl_slist_append(*headers, line)) == NULL)
		log_fatal(EX_OSERR, "out of memory");
	*headers = l;
}
