/*
 * Calls that state answers: index, isMeetingRunning, getMeetingInfo,
 * getMeetings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/callback.h"
#include "core/gateway/answers.h"
#include "core/gateway/reply.h"
#include "store/meeting.h"

/* Bytes; shorter answers have a Content-Length. */
#define STREAM_AT (64 * 1024)

/* JSON on exactly this Content-Type of the request (bbb-api 2.4, 6.1). */
static const char index_json[] =
    "{\"response\":{\"returncode\":\"SUCCESS\",\"version\":\"2.0\","
    "\"apiVersion\":\"2.0\",\"bbbVersion\":\"\"}}";

enum verdict
answer_index(struct call *c, struct err *e)
{
	struct xmlout	x;

	(void)e;
	reply_begin(c, &x);
	if (strcmp(c->req->content_type, "application/json") == 0) {
		buf_reset(&c->reply->body);
		buf_adds(&c->reply->body, index_json);
		http_header_set(c->reply, "Content-Type",
		    "application/json;charset=utf-8");
		return ANSWERED;
	}
	out_str(&x, "version", "2.0");
	out_str(&x, "apiVersion", "2.0");
	out_str(&x, "bbbVersion", "");
	return reply_end(c, &x);
}

enum verdict
answer_running(struct call *c, struct err *e)
{
	struct xmlout	x;

	(void)e;
	reply_begin(c, &x);
	out_bool(&x, "running", c->found && c->route->meeting.running);
	return reply_end(c, &x);
}

/*
 * Metadata without our mark: a frontend that gave none expects none, and some
 * clients cannot read it otherwise.
 */
static const char *
mark_hide(struct arena *a, const char *xml)
{
	static const char	 begin[] = "<" FRONTEND_MARK ">";
	static const char	 end[] = "</" FRONTEND_MARK ">";
	const char		*from, *to;

	if ((from = strstr(xml, begin)) == NULL ||
	    (to = strstr(from, end)) == NULL)
		return xml;
	to += strlen(end);
	to += strspn(to, "\n ");
	return arena_printf(a, "%.*s%s", (int)(from - xml), xml, to);
}

/* The frontend sees what it gave: its callback URLs, not ours. */
static void
meeting_write(const struct call *c, struct arena *a, struct xmlout *x,
    const struct bbb_meeting *m)
{
	struct bbb_meeting	shown = *m;

	if (m->metadata != NULL)
		shown.metadata = mark_hide(a, callback_put_back(a,
		    c->w->conf, m->metadata, CALLBACK_XML));
	bbb_meeting_write(x, &shown);
}

enum verdict
answer_info(struct call *c, struct err *e)
{
	struct bbb_meeting	m;
	struct xmlout		x;
	int			there;

	there = meeting_info(c->w->db, c->route->fe.id, c->meeting_id, c->a,
	    &m, e);
	if (there == -1)
		return FAILED;
	if (there == 0)		/* it has ended since the replica heard */
		return reply_failed(c, "notFound",
		    "A meeting with that ID does not exist");
	reply_begin(c, &x);
	meeting_write(c, c->a, &x, &m);
	return reply_end(c, &x);
}

struct list {
	struct call	*c;
	struct arena	*scratch;	/* of one meeting */
	struct xmlout	 x;
	size_t		 n;
};

static int
stream(void *ctx, struct buf *b)
{
	struct call	*c = ctx;
	int		 rc;

	/* b is the reply's own body: it must be empty once a head is out */
	rc = http_stream(c->reply, b->data, b->len);
	buf_reset(b);
	return rc;
}

static int
list_add(const struct bbb_meeting *m, void *ctx)
{
	struct list	*l = ctx;

	if (l->n++ == 0)
		out_open(&l->x, "meetings");
	out_open(&l->x, "meeting");
	meeting_write(l->c, l->scratch, &l->x, m);
	arena_reset(l->scratch);
	out_close(&l->x);
	return l->x.failed ? -1 : 0;
}

/*
 * Streams, so that memory does not grow with the list.  A list that breaks
 * off is cut, never closed: nobody may take half of it for the whole.
 */
enum verdict
answer_list(struct call *c, struct err *e)
{
	struct list	l = { .c = c };
	int		rc;

	reply_begin(c, &l.x);
	xmlout_flush(&l.x, STREAM_AT, stream, c);
	l.scratch = arena_new();
	rc = meeting_each(c->w->db, c->route->fe.id, list_add, &l, e);
	arena_free(l.scratch);
	if (rc == -1 || l.x.failed) {
		if (!c->reply->streaming)
			return FAILED;
		c->log->reason = l.x.failed ? "client gone" :
		    arena_strdup(c->a, e->text);
		c->reply->broken = true;
		buf_reset(&c->reply->body);
		return ANSWERED;
	}
	if (l.n > 0) {
		out_close(&l.x);
	} else {
		out_empty(&l.x, "meetings");
		out_str(&l.x, "messageKey", "noMeetings");
		out_str(&l.x, "message",
		    "no meetings were found on this server");
	}
	/* Short: a whole one, with its length. */
	if (!c->reply->streaming)
		xmlout_flush(&l.x, 0, NULL, NULL);
	if (reply_end(c, &l.x) == FAILED)
		c->reply->broken = true;
	return ANSWERED;
}

/* Undocumented and unused; a server without sessions answers this. */
enum verdict
answer_sessions(struct call *c, struct err *e)
{
	struct xmlout	x;

	(void)e;
	reply_begin(c, &x);
	out_empty(&x, "sessions");
	out_str(&x, "messageKey", "noSessions");
	out_str(&x, "message", "no sessions were found on this serverr");
	return reply_end(c, &x);
}
