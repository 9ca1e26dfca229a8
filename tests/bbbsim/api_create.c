/*
 * create and insertDocument: the calls that may have an XML body.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "api.h"
#include "create.h"
#include "meetingxml.h"
#include "server.h"
#include "xml.h"

static void
created(struct request *r, const struct meeting *m, bool is_new)
{
	struct buf	*b = &r->reply.body;
	const char	*key = is_new ? "" : "duplicateWarning";

	reply_begin(&r->reply);
	xml_text(b, "meetingID", m->external);
	xml_text(b, "internalMeetingID", m->internal);
	xml_text(b, "parentMeetingID", m->parent == NULL ? "bbb-none" :
	    m->parent->internal);
	xml_text(b, "attendeePW", m->attendee_pw);
	xml_text(b, "moderatorPW", m->moderator_pw);
	xml_number(b, "createTime", m->create_ms);
	xml_text(b, "voiceBridge", m->voice_bridge);
	xml_text(b, "dialNumber", m->dial_number);
	meetingxml_date(b, m->create_ms);
	xml_bool(b, "hasUserJoined", m->user_has_joined);
	xml_number(b, "duration", m->duration_min);
	xml_bool(b, "hasBeenForciblyEnded", false);
	xml_text(b, "messageKey", key);
	xml_text(b, "message", is_new ? "" : "This conference was already in "
	    "existence and may currently be in progress.");
	reply_end(&r->reply);
	(void)strcpy(r->reply.key, key);
}

void
api_create(struct request *r)
{
	struct meeting	*m;
	bool		 is_xml = r->xml != NULL && r->body_len > 0;

	/* on a repeat nobody looks at the body */
	if (is_xml && !body_xml_end(r->xml) && (request_param(r, "meetingID")
	    == NULL || meeting_find(r->server->meetings,
	    request_param(r, "meetingID")) == NULL)) {
		reply_page(&r->reply, 500);
		return;
	}
	switch (create_meeting(r->server->meetings, &r->params, &m)) {
	case CREATE_NEW:
		if (is_xml)
			body_xml_take(r->xml, &m->documents);
		created(r, m, true);
		break;
	case CREATE_DUPLICATE:
		created(r, m, false);
		break;
	case CREATE_ID_TAKEN:
		reply_failed(&r->reply, "idNotUnique", "A meeting already "
		    "exists with that meeting ID.  Please use a different "
		    "meeting ID.");
		break;
	case CREATE_VOICE_TAKEN:
		reply_failed_list(&r->reply, "nonUniqueVoiceBridge",
		    "The selected voice bridge is already in use.");
		break;
	case CREATE_NO_PARENT_ID:
		reply_failed(&r->reply, "parentMeetingIDMissing",
		    "No parent meeting ID was provided for the breakout room");
		break;
	case CREATE_NO_PARENT:
		reply_failed(&r->reply, "parentMeetingDoesNotExist",
		    "No parent meeting exists for the breakout room");
		break;
	case CREATE_BROKEN:
		reply_page(&r->reply, 500);
		break;
	}
}

/* These replies have no messageKey. */
static void
inserted(struct request *r, const char *returncode, const char *message)
{
	struct buf	b = { 0 };

	xml_open(&b, "response");
	xml_text(&b, "returncode", returncode);
	xml_text(&b, "message", message);
	buf_text(&b, "</response>");
	reply_xml(&r->reply, returncode, b.data);
	buf_free(&b);
}

void
api_insert_document(struct request *r)
{
	const char	*id = request_param(r, "meetingID");
	struct meeting	*m;
	struct buf	 b = { 0 };

	if (id == NULL || r->body_len == 0 || !body_xml_end(r->xml) ||
	    !body_xml_has_presentation(r->xml)) {
		reply_page(&r->reply, 500);
		return;
	}
	if ((m = meeting_find(r->server->meetings, id)) == NULL) {
		buf_format(&b, "Meeting with id [%s] not found.", id);
		inserted(r, "FAILED", b.data);
		buf_free(&b);
	} else if (m->no_presentation)
		inserted(r, "FAILED",
		    "Presentation feature is disabled, ignoring.");
	else {
		body_xml_take(r->xml, &m->documents);
		inserted(r, "SUCCESS", "Presentation is being uploaded");
	}
}
