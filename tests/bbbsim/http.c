/*
 * Leads a request through its stages, misdeeds included.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "mem.h"
#include "server.h"

static void *
http_begin(void *cls, const char *uri, struct MHD_Connection *conn)
{
	return request_new(cls, conn, uri);
}

static const char *
fault_name(const struct request *r)
{
	return r->call->id == CALL_OTHER ? r->call_name : r->call->name;
}

/* Notes the request, of which all that is going to be read is there. */
static void
arrived(struct request *r)
{
	struct server	*s = r->server;

	request_close(r);
	s->stats.calls[r->call->id]++;
	if (r->checksum == CHECKSUM_WRONG && r->call->id != CALL_INDEX)
		s->stats.bad_checksums++;
	if (s->settings.record)
		r->seen = seen_add(s->seen, r);
}

static void
misbehave(struct request *r)
{
	switch (r->plan.kind) {
	case FAULT_STATUS:
		reply_page(&r->reply, r->plan.status);
		break;
	case FAULT_GARBAGE:
		reply_xml(&r->reply, "", "\x01\x7fnot XML at all <<< & \xff");
		break;
	case FAULT_FAILED:
		reply_failed(&r->reply, r->plan.key, r->plan.message);
		break;
	case FAULT_NONE:
	case FAULT_LATENCY:
	case FAULT_HANG:
	case FAULT_TRUNCATE:	/* when it is sent */
	case FAULT_CLOSE:
	case FAULT_REFUSE:
		break;
	}
}

/* What a cut answer is read from. */
struct half {
	char	*data;
	size_t	 len;
};

static ssize_t
half_read(void *cls, uint64_t pos, char *out, size_t max)
{
	struct half	*h = cls;
	size_t		 n = h->len - (size_t)pos;

	if (n == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n > max)
		n = max;
	memcpy(out, h->data + pos, n);
	return (ssize_t)n;
}

static void
half_free(void *cls)
{
	struct half	*h = cls;

	free(h->data);
	free(h);
}

static struct MHD_Response *
response_of(struct request *r)
{
	struct reply	*a = &r->reply;
	struct half	*h;
	size_t		 len = a->body.len;

	if (r->plan.kind == FAULT_TRUNCATE && r->plan.framed)
		len /= 2;
	else if (r->plan.kind == FAULT_TRUNCATE) {
		h = mem_alloc(sizeof *h);
		h->len = len / 2;
		h->data = buf_take(&a->body);
		return MHD_create_response_from_callback(len, 4096, half_read,
		    h, half_free);
	}
	return MHD_create_response_from_buffer(len, buf_take(&a->body),
	    MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result
send_reply(struct request *r)
{
	struct reply		*a = &r->reply;
	struct MHD_Response	*response = response_of(r);
	enum MHD_Result		 rc;

	MHD_add_response_header(response, "Content-Type", a->type);
	if (a->no_cache)
		MHD_add_response_header(response, "Cache-Control", "no-cache");
	if (a->location != NULL)
		MHD_add_response_header(response, "Location", a->location);
	if (a->cookie != NULL)
		MHD_add_response_header(response, "Set-Cookie", a->cookie);
	rc = MHD_queue_response(r->conn, a->status, response);
	MHD_destroy_response(response);
	return rc;
}

/* Suspends the request if a fault says so; it comes back to its stage. */
static bool
waits(struct request *r, bool *hang, unsigned *ms)
{
	bool	 forever = *hang;
	unsigned time_ms = *ms;

	*hang = false;
	*ms = 0;
	if (!forever && time_ms == 0)
		return false;
	server_hold(r, forever ? 0 : time_ms);
	return true;
}

static enum MHD_Result
go_on(struct request *r)
{
	struct fault_plan	*p = &r->plan;
	struct server		*s = r->server;

	if (r->stage == REQUEST_BODY) {
		arrived(r);
		faults_plan(&s->faults, fault_name(r), p);
		r->stage = REQUEST_WORK;
	}
	if (r->stage == REQUEST_WORK) {
		if (waits(r, &p->hang, &p->before_ms))
			return MHD_YES;
		if (!plan_skips_work(p))
			call_answer(r);
		misbehave(r);
		r->stage = REQUEST_ANSWER;
	}
	if (waits(r, &p->hang_after, &p->after_ms))
		return MHD_YES;
	if (p->kind == FAULT_CLOSE)
		return MHD_NO;
	seen_answer(s->seen, r->seen, &r->reply);
	return send_reply(r);
}

static enum MHD_Result
http_access(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *data, size_t *len,
    void **con_cls)
{
	struct request	*r = *con_cls;

	(void)cls;
	(void)conn;
	(void)url;
	(void)version;
	if (r->stage == REQUEST_LINE) {
		request_open(r, method);
		r->stage = REQUEST_BODY;
		if (!faults_cut_early(&r->server->faults, fault_name(r)))
			return MHD_YES;
		arrived(r);
		return MHD_NO;
	}
	if (r->stage == REQUEST_BODY && *len > 0) {
		request_feed(r, data, *len);
		*len = 0;
		return MHD_YES;
	}
	return go_on(r);
}

static void
http_completed(void *cls, struct MHD_Connection *conn, void **con_cls,
    enum MHD_RequestTerminationCode why)
{
	struct request	*r = *con_cls;

	(void)cls;
	(void)conn;
	(void)why;
	if (r == NULL)
		return;
	server_let_go(r);
	request_free(r);
	*con_cls = NULL;
}

const struct port_calls *
http_calls(void)
{
	static const struct port_calls calls = {
		.begin = http_begin,
		.access = http_access,
		.completed = http_completed,
	};

	return &calls;
}
