/*
 * HTTP calls that a server makes, beside everything else it does.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <curl/curl.h>
#include <err.h>
#include <stdlib.h>
#include <sysexits.h>

#include "mem.h"
#include "post.h"

/* libcurl's sockets are not in our loop: it is asked so often instead. */
#define POLL_MS		2
#define TIMEOUT_MS	10000L
#define REDIRECTS	5L

TAILQ_HEAD(call_list, call);

struct posts {
	struct loop		*loop;
	CURLM			*multi;
	struct timer		 timer;
	struct call_list	 calls;
};

struct call {
	TAILQ_ENTRY(call)	 link;
	CURL			*easy;
	struct curl_slist	*headers;
	void			(*done)(void *arg, long status);
	void			*arg;
};

static size_t
ignore(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return size * n;
}

static void
call_free(struct posts *p, struct call *c)
{
	(void)curl_multi_remove_handle(p->multi, c->easy);
	curl_easy_cleanup(c->easy);
	curl_slist_free_all(c->headers);
	TAILQ_REMOVE(&p->calls, c, link);
	free(c);
}

static void
finish(struct posts *p, const CURLMsg *msg)
{
	struct call	*c;
	long		 status = 0;
	void		(*done)(void *, long);
	void		*arg;

	(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &c);
	if (msg->data.result == CURLE_OK)
		(void)curl_easy_getinfo(msg->easy_handle,
		    CURLINFO_RESPONSE_CODE, &status);
	done = c->done;
	arg = c->arg;
	call_free(p, c);
	done(arg, status);
}

static void
perform(void *arg)
{
	struct posts	*p = arg;
	CURLMsg		*msg;
	int		 n;

	(void)curl_multi_perform(p->multi, &n);
	while ((msg = curl_multi_info_read(p->multi, &n)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			finish(p, msg);
	if (!TAILQ_EMPTY(&p->calls))
		loop_timer(p->loop, &p->timer, POLL_MS);
}

struct posts *
posts_new(struct loop *loop)
{
	struct posts	*p = mem_alloc(sizeof *p);

	p->loop = loop;
	p->timer = (struct timer){ .fn = perform, .arg = p };
	TAILQ_INIT(&p->calls);
	return p;
}

void
posts_free(struct posts *p)
{
	if (p == NULL)
		return;
	loop_timer_stop(p->loop, &p->timer);
	while (!TAILQ_EMPTY(&p->calls))
		call_free(p, TAILQ_FIRST(&p->calls));
	if (p->multi != NULL)
		(void)curl_multi_cleanup(p->multi);
	free(p);
}

void
posts_add(struct posts *p, const struct post *post)
{
	struct call	*c = mem_alloc(sizeof *c);
	size_t		 i;

	/* most servers never call anybody */
	if (p->multi == NULL && (p->multi = curl_multi_init()) == NULL)
		errx(EX_OSERR, "curl_multi_init");
	if ((c->easy = curl_easy_init()) == NULL)
		errx(EX_OSERR, "curl_easy_init");
	c->done = post->done;
	c->arg = post->arg;
	for (i = 0; i < 4 && post->headers[i] != NULL; i++)
		c->headers = curl_slist_append(c->headers, post->headers[i]);
	(void)curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	(void)curl_easy_setopt(c->easy, CURLOPT_URL, post->url);
	(void)curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
	(void)curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	(void)curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, ignore);
	if (post->redirects) {
		(void)curl_easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 1L);
		(void)curl_easy_setopt(c->easy, CURLOPT_MAXREDIRS, REDIRECTS);
	}
	if (post->body != NULL)
		(void)curl_easy_setopt(c->easy, CURLOPT_COPYPOSTFIELDS,
		    post->body);
	TAILQ_INSERT_TAIL(&p->calls, c, link);
	(void)curl_multi_add_handle(p->multi, c->easy);
	loop_timer(p->loop, &p->timer, 0);
}
