/*
 * The envelope of every message, and those that concern no meeting.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "event.h"

static json_t *
routing(const char *meeting, const char *user)
{
	if (user == NULL)
		return json_pack("{s:s}", "sender", "bbb-apps-akka");
	return json_pack("{s:s, s:s, s:s}",
	    "msgType", "BROADCAST_TO_MEETING", "meetingId", meeting,
	    "userId", user);
}

static json_t *
header(const char *name, const char *meeting, const char *user)
{
	json_t	*j = json_pack("{s:s}", "name", name);

	if (meeting != NULL)
		json_object_set_new(j, "meetingId", json_string(meeting));
	if (user != NULL)
		json_object_set_new(j, "userId", json_string(user));
	return j;
}

void
event_send(const struct meetings *ms, enum feed_channel channel,
    const char *name, const char *meeting, const char *user, json_t *body)
{
	json_t	*j;
	char	*text;

	if (!feed_wanted(ms->feed)) {
		json_decref(body);
		return;
	}
	j = json_pack("{s:{s:s, s:o, s:I}, s:{s:o, s:o}}",
	    "envelope", "name", name, "routing", routing(meeting, user),
	    "timestamp", (json_int_t)loop_now_ms(),
	    "core", "header", header(name, meeting, user), "body", body);
	text = json_dumps(j, JSON_COMPACT);
	feed_send(ms->feed, channel, text, strlen(text));
	free(text);
	json_decref(j);
}

void
event_pong(const struct meetings *ms)
{
	json_int_t	 now = loop_now_ms();
	json_t		*body;

	body = ms->settings->series < SERIES_2_3 ?
	    json_pack("{s:s, s:I}", "system", "BbbWeb", "timestamp", now - 3) :
	    json_pack("{s:s, s:I, s:I}", "system", "BbbWeb",
	    "bbbWebTimestamp", now - 3, "akkaAppsTimestamp", now);
	event_send(ms, CHANNEL_MAIN, "CheckAlivePongSysMsg", NULL, NULL, body);
}
