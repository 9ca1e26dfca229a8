/*
 * libcurl, told once how we call: no redirects, no surprises, one deadline.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "proto/easy.h"
#include "proto/spool.h"

/*
 * Two ways to call, each with connections of its own: one call at a time, as a
 * worker needs it, and many at once, as a job does.
 */
struct client {
	char	*user_agent;
	CURL	*easy;		/* of client_call */
	int64_t	 spent_us;	/* in it */
	CURLM	*multi;		/* of client_many; NULL until the first */
	bool	(*work)(void *ctx);	/* of client_idle; NULL: none */
	void	*work_ctx;
};

/* A call in the air. */
struct flight {
	CURL				*easy;
	const struct client_req		*req;
	const struct client_job		*job;	/* of client_many, in the air */
	struct client_res		 res;
	struct curl_slist		*headers;
	long long			 offset; /* of the body, sent so far */
	int64_t				 begun_ms;
	bool				 too_long;
	bool				 unreachable; /* for a guarded call */
	char				 reason[CURL_ERROR_SIZE];
};

struct client *
client_new(const char *user_agent)
{
	struct client	*c;

	easy_begin();
	c = xcalloc(1, sizeof(*c));
	c->user_agent = xstrdup(user_agent);
	c->easy = easy_new(user_agent);
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->easy);
	curl_multi_cleanup(c->multi);
	free(c->user_agent);
	free(c);
	easy_end();
}

void
client_res_free(struct client_res *r)
{
	buf_free(&r->body);
}

/* Too long is told apart from broken: it may be the admin's limit. */
static size_t
on_reply(char *p, size_t size, size_t n, void *user)
{
	struct flight	*f = user;

	n *= size;
	if (n > f->req->reply_max - f->res.body.len) {
		f->too_long = true;
		return 0;
	}
	buf_add(&f->res.body, p, n);
	return n;
}

static size_t
on_body_wanted(char *p, size_t size, size_t n, void *user)
{
	struct flight	*f = user;
	struct err	 e = ERR_INIT;
	long long	 got;

	got = spool_read(f->req->body, f->offset, p, size * n, &e);
	if (got == -1) {
		log_warnx("%s", e.text);
		return CURL_READFUNC_ABORT;
	}
	f->offset += got;
	return (size_t)got;
}

/* A name may give another address at each look: this is the one that counts. */
static curl_socket_t
on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *sa)
{
	struct flight	*f = user;

	(void)purpose;
	if (address_class(&sa->addr) > f->req->reach) {
		f->unreachable = true;
		return CURL_SOCKET_BAD;
	}
	return socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol);
}

/* All of it is set each time: the handle remembers the call before. */
static void
prepare_guard(struct flight *f)
{
	long	fresh = f->req->guarded ? 1L : 0L;

	curl_easy_setopt(f->easy, CURLOPT_PROXY, f->req->guarded ? "" : NULL);
	curl_easy_setopt(f->easy, CURLOPT_FRESH_CONNECT, fresh);
	curl_easy_setopt(f->easy, CURLOPT_FORBID_REUSE, fresh);
	curl_easy_setopt(f->easy, CURLOPT_OPENSOCKETFUNCTION,
	    f->req->guarded ? on_socket : NULL);
	curl_easy_setopt(f->easy, CURLOPT_OPENSOCKETDATA, f);
	curl_easy_setopt(f->easy, CURLOPT_FOLLOWLOCATION,
	    f->req->redirects > 0 ? 1L : 0L);
	curl_easy_setopt(f->easy, CURLOPT_MAXREDIRS,
	    (long)f->req->redirects);
}

static void
prepare_post(struct flight *f)
{
	char	line[160];
	long long len = f->req->body != NULL ? spool_len(f->req->body) : 0;

	snprintf(line, sizeof(line), "Content-Type: %s",
	    len > 0 && f->req->content_type != NULL ?
	    f->req->content_type : "");
	easy_header(&f->headers, line);
	easy_header(&f->headers, "Expect:");
	curl_easy_setopt(f->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(f->easy, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)len);
	if (len > 0) {
		curl_easy_setopt(f->easy, CURLOPT_POSTFIELDS, NULL);
		curl_easy_setopt(f->easy, CURLOPT_READFUNCTION,
		    on_body_wanted);
		curl_easy_setopt(f->easy, CURLOPT_READDATA, f);
	} else
		curl_easy_setopt(f->easy, CURLOPT_POSTFIELDS, "");
	/*
	 * curl repeats a call whose kept connection turns out dead; what a
	 * POST does may have happened by then.
	 */
	curl_easy_setopt(f->easy, CURLOPT_FRESH_CONNECT, 1L);
}

/*
 * In header lines rather than curl's own options, which would outlive the
 * call.
 */
static void
prepare_identity(struct flight *f)
{
	struct buf	line = { 0 };

	if (f->req->authorization != NULL) {
		buf_printf(&line, "Authorization: %s", f->req->authorization);
		easy_header(&f->headers, line.data);
	}
	buf_reset(&line);
	if (f->req->user_agent != NULL) {
		buf_printf(&line, "User-Agent: %s", f->req->user_agent);
		easy_header(&f->headers, line.data);
	}
	buf_free(&line);
}

/* curl takes 0 for "no limit"; here it means that no time is left. */
static long
limit_ms(int ms)
{
	return ms > 0 ? ms : 1;
}

/* What curl keeps by pointer (the headers, the reason) lives in the flight. */
static void
flight_begin(struct flight *f, const struct client_req *q)
{
	CURL	*h = f->easy;

	f->req = q;
	f->headers = NULL;
	f->offset = 0;
	f->too_long = false;
	f->unreachable = false;
	f->reason[0] = '\0';
	f->begun_ms = clock_mono_ms();
	memset(&f->res, 0, sizeof(f->res));
	curl_easy_setopt(h, CURLOPT_URL, q->url);
	curl_easy_setopt(h, CURLOPT_HTTPGET, 1L);
	prepare_guard(f);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS,
	    limit_ms(q->connect_ms));
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, limit_ms(q->total_ms));
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_reply);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, f->reason);
	curl_easy_setopt(h, CURLOPT_PRIVATE, f);
	if (q->post || q->method != NULL)
		prepare_post(f);
	curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, q->method);
	prepare_identity(f);
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, f->headers);
}

/*
 * Whether the call may have had an effect.  A server that refuses now has
 * lost what it may have heard on a kept connection before.
 */
static enum client_outcome
outcome_of(CURL *h, CURLcode code)
{
	long	sent = 0;

	if (code == CURLE_OK)
		return CLIENT_OK;
	curl_easy_getinfo(h, CURLINFO_REQUEST_SIZE, &sent);
	if (sent == 0 || code == CURLE_COULDNT_CONNECT ||
	    code == CURLE_COULDNT_RESOLVE_HOST)
		return CLIENT_REFUSED;
	return code == CURLE_OPERATION_TIMEDOUT ? CLIENT_TIMEOUT :
	    CLIENT_BROKEN;
}

static void
explain(struct flight *f, CURLcode code)
{
	const char	*query = strchr(f->req->url, '?');
	const char	*text = f->reason;

	if (f->unreachable) {
		str_copy(f->res.error, sizeof(f->res.error),
		    "its address may not be called");
		return;
	}
	if (f->too_long) {
		snprintf(f->res.error, sizeof(f->res.error),
		    "the reply is longer than %zu bytes", f->req->reply_max);
		return;
	}
	/* The query holds passwords, so curl may not repeat it to the log. */
	if (text[0] == '\0' || (query != NULL && query[1] != '\0' &&
	    strstr(text, query + 1) != NULL))
		text = curl_easy_strerror(code);
	str_copy(f->res.error, sizeof(f->res.error), text);
}

static void
flight_end(struct flight *f, CURLcode code)
{
	struct client_res	*r = &f->res;
	const char		*type = NULL, *location = NULL;
	long			 status = 0;

	r->ms = (int)(clock_mono_ms() - f->begun_ms);
	r->outcome = outcome_of(f->easy, code);
	if (r->outcome == CLIENT_OK) {
		curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
		r->status = (int)status;
		str_copy(r->content_type, sizeof(r->content_type),
		    type != NULL ? type : "");
		curl_easy_getinfo(f->easy, CURLINFO_REDIRECT_URL, &location);
		if (location != NULL && str_copy(r->location,
		    sizeof(r->location), location) == -1)
			r->location[0] = '\0';
	} else
		explain(f, code);
	/* Nothing of this call may be reached by the next one. */
	curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(f->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_slist_free_all(f->headers);
}

int
client_call(struct client *c, const struct client_req *q,
    struct client_res *r, struct err *e)
{
	int64_t		begun = clock_mono_us();
	struct flight	f;

	f.easy = c->easy;
	flight_begin(&f, q);
	flight_end(&f, curl_easy_perform(f.easy));
	c->spent_us += clock_mono_us() - begun;
	*r = f.res;
	if (r->outcome == CLIENT_OK)
		return 0;
	return err_set(e, ERR_BACKEND, "%.*s: %s",
	    (int)strcspn(q->url, "?#"), q->url, r->error);
}

int64_t
client_spent_us(const struct client *c)
{
	return c->spent_us;
}

/* A handle that has landed is used again. */
static void
launch(struct client *c, struct flight *f, const struct client_job *job)
{
	if (f->easy == NULL)
		f->easy = easy_new(c->user_agent);
	f->job = job;
	flight_begin(f, &job->req);
	if (curl_multi_add_handle(c->multi, f->easy) != CURLM_OK)
		log_fatal(EX_SOFTWARE, "libcurl takes no further call");
}

/* Hands over those that ended and returns one that is free, or NULL. */
static struct flight *
land(struct client *c, void (*done)(const struct client_job *,
    struct client_res *))
{
	struct flight	*f = NULL;
	CURLMsg		*m;
	CURLcode	 code;
	int		 left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE) {
			code = m->data.result;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
			    (char **)&f);
			curl_multi_remove_handle(c->multi, f->easy);
			flight_end(f, code);
			done(f->job, &f->res);
			client_res_free(&f->res);
			f->job = NULL;
			break;
		}
	return f;
}

void
client_idle(struct client *c, bool (*work)(void *ctx), void *ctx)
{
	c->work = work;
	c->work_ctx = ctx;
}

/* Until something comes in; work is done only while nothing does. */
static CURLMcode
await(struct client *c)
{
	CURLMcode	code;
	int		ready = 0;

	if (c->work != NULL) {
		code = curl_multi_poll(c->multi, NULL, 0, 0, &ready);
		if (code != CURLM_OK || ready > 0 || c->work(c->work_ctx))
			return code;
	}
	return curl_multi_poll(c->multi, NULL, 0, 1000, NULL);
}

static void
flights_free(struct client *c, struct flight *flights, size_t n)
{
	struct flight	*f;

	for (f = flights; f < flights + n; f++) {
		if (f->job != NULL) {	/* only after a failure of libcurl's */
			curl_multi_remove_handle(c->multi, f->easy);
			curl_slist_free_all(f->headers);
			client_res_free(&f->res);
		}
		curl_easy_cleanup(f->easy);
	}
	free(flights);
}

/*
 * As many handles as calls may be in the air; each that lands takes the next
 * job.
 */
int
client_many(struct client *c, const struct client_job *jobs, size_t n,
    size_t parallel, void (*done)(const struct client_job *,
    struct client_res *), struct err *e)
{
	struct flight	*flights, *f;
	size_t		 next, air;
	int		 running;
	CURLMcode	 code = CURLM_OK;

	if (parallel > n)
		parallel = n;
	if (c->multi == NULL && (c->multi = curl_multi_init()) == NULL)
		log_fatal(EX_OSERR, "out of memory");
	/* Room to keep a connection to each server until the next round. */
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)n);
	flights = xcalloc(parallel + 1, sizeof(*flights));
	for (next = 0; next < parallel; next++)
		launch(c, &flights[next], &jobs[next]);
	for (air = parallel; air > 0 && code == CURLM_OK; ) {
		code = curl_multi_perform(c->multi, &running);
		while ((f = land(c, done)) != NULL)
			if (next < n)
				launch(c, f, &jobs[next++]);
			else
				air--;
		if (code == CURLM_OK && air > 0)
			code = await(c);
	}
	flights_free(c, flights, parallel);
	if (code != CURLM_OK)
		return err_set(e, ERR_SYSTEM, "libcurl: %s",
		    curl_multi_strerror(code));
	return 0;
}
