/*
 * The calls a server knows.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "api.h"
#include "server.h"
#include "validate.h"

#define GET_POST	(METHOD_GET | METHOD_POST)

static const struct call calls[CALL__MAX] = {
	{ CALL_INDEX, "index", METHOD_GET | METHOD_HEAD, 0, 0, api_index },
	{ CALL_CREATE, "create", GET_POST, TYPE_IS_XML | TYPE_IS_FORM, 0,
	    api_create },
	{ CALL_JOIN, "join", METHOD_GET, TYPE_IS_FORM, 0, api_join },
	{ CALL_IS_MEETING_RUNNING, "isMeetingRunning", GET_POST, TYPE_IS_FORM,
	    0, api_is_meeting_running },
	{ CALL_END, "end", GET_POST, TYPE_IS_FORM, 0, api_end },
	{ CALL_GET_MEETING_INFO, "getMeetingInfo", GET_POST, TYPE_IS_FORM, 0,
	    api_get_meeting_info },
	{ CALL_GET_MEETINGS, "getMeetings", GET_POST, TYPE_IS_FORM, 0,
	    api_get_meetings },
	{ CALL_GET_SESSIONS, "getSessions", GET_POST, TYPE_IS_FORM, 0,
	    api_get_sessions },
	{ CALL_INSERT_DOCUMENT, "insertDocument", METHOD_POST, TYPE_IS_XML,
	    SERIES_3_0, api_insert_document },
	{ CALL_SEND_CHAT_MESSAGE, "sendChatMessage", METHOD_GET, TYPE_IS_FORM,
	    SERIES_3_0, api_send_chat_message },
	{ CALL_GET_RECORDINGS, "getRecordings", GET_POST, 0, 0,
	    api_get_recordings },
	{ CALL_PUBLISH_RECORDINGS, "publishRecordings", METHOD_GET, 0, 0,
	    api_publish_recordings },
	{ CALL_DELETE_RECORDINGS, "deleteRecordings", METHOD_GET, 0, 0,
	    api_change_recordings },
	{ CALL_UPDATE_RECORDINGS, "updateRecordings", GET_POST, 0, 0,
	    api_change_recordings },
	{ CALL_GET_TEXT_TRACKS, "getRecordingTextTracks", GET_POST, 0, 0,
	    api_get_text_tracks },
	{ CALL_PUT_TEXT_TRACK, "putRecordingTextTrack", METHOD_POST, 0, 0,
	    api_put_text_track },
	{ CALL_CLIENT, "client", METHOD_GET | METHOD_HEAD, 0, 0, api_client },
	{ CALL_OTHER, "other", METHOD_ANY, 0, 0, api_not_found },
};

const struct call *
call_of(enum call_id id)
{
	return &calls[id];
}

const struct call *
call_find(const char *name)
{
	size_t	i;

	for (i = CALL_CREATE; i < CALL_CLIENT; i++)
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	return &calls[CALL_OTHER];
}

static bool
method_is_allowed(const struct request *r)
{
	static const struct {
		const char	*name;
		unsigned	 bit;
	} methods[] = {
		{ "GET", METHOD_GET },
		{ "HEAD", METHOD_HEAD },
		{ "POST", METHOD_POST },
	};
	size_t	i;

	for (i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (request_is(r, methods[i].name))
			return (r->call->methods & methods[i].bit) ||
			    r->server->settings.series < SERIES_3_0;
	return false;
}

void
call_answer(struct request *r)
{
	struct broken	 b;

	if (r->call->since > r->server->settings.series)
		reply_page(&r->reply, 404);
	else if (!method_is_allowed(r))
		reply_page(&r->reply, 405);
	else if (r->too_large)
		reply_page(&r->reply, 413);
	else if (!validate(r, &b))
		r->call->answer(r);
	else if (r->call->id == CALL_JOIN)
		api_join_redirect(r, b.key, b.message);
	else
		reply_failed(&r->reply, b.key, b.message);
}
