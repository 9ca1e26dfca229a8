/*
 * libcurl's multi interface, told how the agent calls.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proto/easy.h"

struct call {
	CURL			*easy;
	struct curl_slist	*headers;
	struct buf		 body;		/* sent */
	struct buf		 reply;
	size_t			 reply_max;
	int64_t			 begun_ms;
	void			(*done)(void *, const struct calls_res *);
	void			*ctx;
	struct call		*next;
	char			 reason[CURL_ERROR_SIZE];
};

struct calls {
	char		*user_agent;
	CURLM		*multi;
	struct call	*air;
};

struct calls *
calls_new(const char *user_agent)
{
	struct calls	*c;

	easy_begin();
	c = xcalloc(1, sizeof(*c));
	c->user_agent = xstrdup(user_agent);
	if ((c->multi = curl_multi_init()) == NULL)
		log_fatal(EX_OSERR, "out of memory");
	return c;
}

/* From the multi handle first: curl's order. */
static void
call_free(struct calls *c, struct call *k)
{
	curl_multi_remove_handle(c->multi, k->easy);
	curl_easy_cleanup(k->easy);
	curl_slist_free_all(k->headers);
	buf_free(&k->body);
	buf_free(&k->reply);
	free(k);
}

void
calls_free(struct calls *c)
{
	struct call	*k;

	if (c == NULL)
		return;
	while ((k = c->air) != NULL) {
		c->air = k->next;
		call_free(c, k);
	}
	curl_multi_cleanup(c->multi);
	free(c->user_agent);
	free(c);
	easy_end();
}

/* Anything but n ends the call. */
static size_t
on_reply(char *p, size_t size, size_t n, void *user)
{
	struct call	*k = user;

	n *= size;
	if (n > k->reply_max - k->reply.len)
		return 0;
	buf_add(&k->reply, p, n);
	return n;
}

/* Never on curl's command line or in its log: the token is a secret. */
static void
add_headers(struct call *k, const struct calls_req *q)
{
	struct buf	line = { NULL, 0, 0 };

	if (q->token != NULL) {
		buf_printf(&line, "Authorization: Bearer %s", q->token);
		easy_header(&k->headers, line.data);
		buf_free(&line);
	}
	easy_header(&k->headers, q->body != NULL ?
	    "Content-Type: application/json" : "Content-Type:");
	easy_header(&k->headers, "Accept: application/json, application/xml");
	easy_header(&k->headers, "Expect:");
	curl_easy_setopt(k->easy, CURLOPT_HTTPHEADER, k->headers);
}

static void
set_options(struct call *k, const struct calls_req *q)
{
	CURL	*h = k->easy;

	curl_easy_setopt(h, CURLOPT_URL, q->url);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)q->connect_ms);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)q->total_ms);
	/* A small buffer: the agent's memory is its host's. */
	curl_easy_setopt(h, CURLOPT_BUFFERSIZE, 16384L);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_reply);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, k);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, k->reason);
	curl_easy_setopt(h, CURLOPT_PRIVATE, k);
	if (strcmp(q->method, "GET") != 0) {
		curl_easy_setopt(h, CURLOPT_POST, 1L);
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, buf_str(&k->body));
		curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)k->body.len);
		curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, q->method);
	}
}

void
calls_begin(struct calls *c, const struct calls_req *q,
    void (*done)(void *, const struct calls_res *), void *ctx)
{
	struct call	*k = xcalloc(1, sizeof(*k));

	k->easy = easy_new(c->user_agent);
	k->done = done;
	k->ctx = ctx;
	k->reply_max = q->reply_max;
	k->begun_ms = clock_mono_ms();
	/* Taken, not copied: a snapshot has megabytes. */
	if (q->body != NULL) {
		k->body = *q->body;
		memset(q->body, 0, sizeof(*q->body));
	}
	add_headers(k, q);
	set_options(k, q);
	k->next = c->air;
	c->air = k;
	if (curl_multi_add_handle(c->multi, k->easy) != CURLM_OK)
		log_fatal(EX_SOFTWARE, "libcurl takes no further call");
}

static void
unlink_call(struct calls *c, const struct call *k)
{
	struct call	**at;

	for (at = &c->air; *at != k; at = &(*at)->next)
		;
	*at = k->next;
}

/* curl's text may repeat the URL, and its query holds a checksum. */
static const char *
reason_of(const struct call *k, CURLcode code)
{
	if (k->reason[0] == '\0' || strchr(k->reason, '?') != NULL)
		return curl_easy_strerror(code);
	return k->reason;
}

/* The callback may begin calls, so this one has left the list before. */
static void
finish(struct calls *c, struct call *k, CURLcode code)
{
	struct calls_res	r = { .body = k->reply };
	long			status = 0;

	r.ms = (int)(clock_mono_ms() - k->begun_ms);
	if (code == CURLE_OK) {
		curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
		r.status = (int)status;
		r.error = "";
	} else
		r.error = reason_of(k, code);
	unlink_call(c, k);
	k->done(k->ctx, &r);
	call_free(c, k);
}

static void
finish_all(struct calls *c)
{
	CURLMsg		*m;
	struct call	*k;
	CURLcode	 code;
	int		 left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE) {
			code = m->data.result;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
			    (char **)&k);
			finish(c, k, code);
		}
}

/*
 * Performed once more after the wait, so that an answer that ended it is
 * handed over now.
 */
void
calls_wait(struct calls *c, struct curl_waitfd *fds, size_t n, int timeout_ms)
{
	int	running;

	if (curl_multi_perform(c->multi, &running) != CURLM_OK ||
	    curl_multi_poll(c->multi, fds, (unsigned int)n, timeout_ms,
	    NULL) != CURLM_OK ||
	    curl_multi_perform(c->multi, &running) != CURLM_OK)
		log_fatal(EX_SOFTWARE, "libcurl gives up");
	finish_all(c);
}
