/*
 * Calls that look at meetings, and those that act on one.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "api.h"
#include "meetingxml.h"
#include "server.h"
#include "user.h"
#include "xml.h"

/* By the raw value, as the server does after its checks; may be NULL. */
static struct meeting *
meeting_of(const struct request *r)
{
	const char	*id = request_param(r, "meetingID");

	return id == NULL ? NULL : meeting_find(r->server->meetings, id);
}

void
api_is_meeting_running(struct request *r)
{
	const struct meeting	*m = meeting_of(r);

	if (request_param(r, "meetingID") == NULL) {
		reply_page(&r->reply, 500);
		return;
	}
	reply_begin(&r->reply);
	xml_bool(&r->reply.body, "running", m != NULL && meeting_is_running(m));
	reply_end(&r->reply);
}

void
api_end(struct request *r)
{
	struct meeting	*m = meeting_of(r);

	if (m == NULL) {
		reply_page(&r->reply, 500);
		return;
	}
	meeting_end(m, "ENDED_FROM_API");
	reply_begin(&r->reply);
	xml_text(&r->reply.body, "messageKey", "sentEndMeetingRequest");
	xml_text(&r->reply.body, "message",
	    "A request to end the meeting was sent.  Please wait a few "
	    "seconds, and then use the getMeetingInfo or isMeetingRunning API "
	    "calls to verify that it was ended.");
	reply_end(&r->reply);
	(void)strcpy(r->reply.key, "sentEndMeetingRequest");
}

void
api_get_meeting_info(struct request *r)
{
	const struct meeting	*m = meeting_of(r);

	if (m == NULL) {
		reply_page(&r->reply, 500);
		return;
	}
	reply_begin(&r->reply);
	r->reply.no_cache = false;
	meetingxml(&r->reply.body, m, MEETINGXML_INFO);
	reply_end(&r->reply);
}

/* <name/>, and what the server says to an empty list. */
static void
nothing(struct reply *a, const char *name, const char *key,
    const char *message)
{
	reply_begin(a);
	buf_format(&a->body, "<%s/>\n", name);
	xml_text(&a->body, "messageKey", key);
	xml_text(&a->body, "message", message);
	reply_end(a);
	(void)strcpy(a->key, key);
}

void
api_get_meetings(struct request *r)
{
	struct meetings		*ms = r->server->meetings;
	struct buf		*b = &r->reply.body;
	const struct meeting	*m;

	if (ms->count == 0) {
		nothing(&r->reply, "meetings", "noMeetings",
		    "no meetings were found on this server");
		return;
	}
	reply_begin(&r->reply);
	xml_open(b, "meetings");
	TAILQ_FOREACH(m, &ms->list, link) {
		xml_open(b, "meeting");
		meetingxml(b, m, MEETINGXML_LIST);
		xml_close(b, "meeting");
	}
	xml_close(b, "meetings");
	reply_end(&r->reply);
}

void
api_get_sessions(struct request *r)
{
	struct meetings		*ms = r->server->meetings;
	struct buf		*b = &r->reply.body;
	const struct meeting	*m;
	const struct user	*u;

	if (table_count(ms->sessions) == 0) {
		nothing(&r->reply, "sessions", "noSessions",
		    "no sessions were found on this serverr");
		return;
	}
	reply_begin(&r->reply);
	xml_open(b, "sessions");
	TAILQ_FOREACH(m, &ms->list, link)
		TAILQ_FOREACH(u, &m->users, link) {
			xml_open(b, "meeting");
			xml_text(b, "meetingID", m->external);
			xml_text(b, "meetingName", m->name);
			xml_text(b, "userName", u->name);
			xml_close(b, "meeting");
		}
	xml_close(b, "sessions");
	reply_end(&r->reply);
}

void
api_send_chat_message(struct request *r)
{
	const struct meeting	*m = meeting_of(r);

	if (request_param(r, "meetingID") == NULL)
		reply_page(&r->reply, 500);
	else if (m == NULL || !meeting_is_running(m))
		reply_failed(&r->reply, "meetingNotFound", "Meeting not found");
	else {
		reply_begin(&r->reply);
		xml_text(&r->reply.body, "messageKey", "");
		xml_text(&r->reply.body, "message", "");
		reply_end(&r->reply);
	}
}
