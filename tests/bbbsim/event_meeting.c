/*
 * Messages about a meeting.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "event.h"

/* On the main channel, and from 2.3 on once more for the frontends. */
static void
send_twice(const struct meeting *m, const char *name, const char *meeting,
    const char *user, json_t *body)
{
	const struct meetings	*ms = m->all;

	if (ms->settings->series >= SERIES_2_3)
		event_send(ms, CHANNEL_FRONTEND, name, meeting, user,
		    json_incref(body));
	event_send(ms, CHANNEL_MAIN, name, meeting, user, body);
}

static void
room_wanted(const struct meeting *m)
{
	event_send(m->all, CHANNEL_MAIN, "CreateBreakoutRoomSysCmdMsg", NULL,
	    NULL, json_pack("{s:s, s:{s:s, s:s, s:s, s:I, s:b, s:s, s:s, s:I,"
	    " s:s, s:s, s:b, s:b}}", "meetingId", m->parent->internal, "room",
	    "breakoutMeetingId", m->internal, "name", m->name,
	    "parentId", m->parent->internal,
	    "sequence", (json_int_t)m->sequence, "freeJoin", (int)m->free_join,
	    "dialNumber", m->dial_number, "voiceConfId", m->voice_bridge,
	    "durationInMinutes", (json_int_t)m->duration_min,
	    "moderatorPassword", m->moderator_pw,
	    "viewerPassword", m->attendee_pw, "record", 0,
	    "privateChatEnabled", 1));
}

static void
room_started(const struct meeting *m)
{
	char	short_name[32];
	json_t	*room;

	room = json_pack("{s:s, s:s, s:s, s:I}", "name", m->name,
	    "externalId", m->external, "breakoutId", m->internal,
	    "sequence", (json_int_t)m->sequence);
	if (m->all->settings->series >= SERIES_2_4) {
		(void)snprintf(short_name, sizeof short_name, "Room %ld",
		    m->sequence);
		json_object_set_new(room, "shortName",
		    json_string(short_name));
		json_object_set_new(room, "isDefaultName", json_true());
	}
	json_object_set_new(room, "freeJoin", json_boolean(m->free_join));
	if (m->all->settings->series >= SERIES_2_5)
		json_object_set_new(room, "html5JoinUrls", json_object());
	if (m->all->settings->series >= SERIES_2_6) {
		json_object_set_new(room, "captureNotes", json_false());
		json_object_set_new(room, "captureSlides", json_false());
	}
	event_send(m->all, CHANNEL_PRES, "BreakoutRoomStartedEvtMsg",
	    m->parent->internal, "not-used", json_pack("{s:s, s:o}",
	    "parentMeetingId", m->parent->internal, "breakout", room));
}

void
event_meeting_created(const struct meeting *m)
{
	if (!feed_wanted(m->all->feed))
		return;
	if (m->parent != NULL)
		room_wanted(m);
	send_twice(m, "MeetingCreatedEvtMsg", NULL, NULL,
	    json_pack("{s:o}", "props", event_props(m)));
	if (m->parent != NULL)
		room_started(m);
}

void
event_meeting_ended(const struct meeting *m, const char *reason)
{
	send_twice(m, "MeetingEndingEvtMsg", m->internal, "system",
	    json_pack("{s:s, s:s}", "meetingId", m->internal,
	    "reason", reason));
	event_send(m->all, CHANNEL_MAIN, "MeetingEndedEvtMsg", NULL, NULL,
	    json_pack("{s:s}", "meetingId", m->internal));
	if (m->parent != NULL)
		event_send(m->all, CHANNEL_MAIN, "BreakoutRoomEndedEvtMsg",
		    m->parent->internal, "not-used", json_pack("{s:s, s:s}",
		    "parentId", m->parent->internal,
		    "breakoutId", m->internal));
}

void
event_meeting_destroyed(const struct meeting *m, const char *reason)
{
	event_send(m->all, CHANNEL_MAIN, "DisconnectAllClientsSysMsg",
	    m->internal, NULL, json_pack("{s:s, s:s}",
	    "meetingId", m->internal, "reason", reason));
	send_twice(m, "MeetingDestroyedEvtMsg", NULL, NULL,
	    json_pack("{s:s}", "meetingId", m->internal));
}

void
event_recording(const struct meeting *m, const char *set_by)
{
	event_send(m->all, CHANNEL_MAIN, "RecordingStatusChangedEvtMsg",
	    m->internal, set_by, json_pack("{s:b, s:s}",
	    "recording", (int)m->recording_now, "setBy", set_by));
}

static json_t *
share_started(const struct meeting *m)
{
	unsigned	 series = m->all->settings->series;
	char		 now[24];
	json_t		*j;

	(void)snprintf(now, sizeof now, "%lld", (long long)loop_now_ms());
	j = json_pack("{s:s, s:s, s:s, s:i, s:i, s:s}",
	    "voiceConf", m->web_voice, "screenshareConf", m->web_voice,
	    "stream", "00000000-aaaa-4bbb-8ccc-000000000001",
	    "vidWidth", 0, "vidHeight", 0, "timestamp", now);
	if (series >= SERIES_2_3)
		json_object_set_new(j, "hasAudio", json_false());
	if (series >= SERIES_2_7)
		json_object_set_new(j, "contentType",
		    json_string("screenshare"));
	return j;
}

void
event_screenshare(const struct meeting *m)
{
	if (m->sharing)
		event_send(m->all, CHANNEL_MAIN,
		    "ScreenshareRtmpBroadcastStartedEvtMsg", m->internal,
		    "not-used", share_started(m));
	else
		event_send(m->all, CHANNEL_MAIN,
		    "ScreenshareRtmpBroadcastStoppedEvtMsg", m->internal,
		    "not-used", json_pack("{s:s, s:s, s:s, s:i, s:i, s:s}",
		    "voiceConf", "", "screenshareConf", "", "stream", "",
		    "vidWidth", 0, "vidHeight", 0, "timestamp", ""));
}

static void
add_cameras(json_t *list, const struct user *u)
{
	char		stream[USER_STREAM_LEN + 1];
	unsigned	i;

	for (i = 0; i < u->cameras; i++) {
		user_stream(u, i, stream);
		json_array_append_new(list, json_pack("{s:s, s:{s:s, s:s},"
		    " s:i}", "id", stream, "user", "id", u->internal,
		    "name", u->name, "startedOn", 0));
	}
}

/* Those who hear, whom the snapshot calls by their numbers. */
static json_t *
voice_users(const struct meeting *m, bool listen_only)
{
	json_t			*list = json_array();
	const struct user	*u;
	char			 number[16];

	TAILQ_FOREACH(u, &m->users, link) {
		if (!user_is_in(u) || !(listen_only ? u->listen_only :
		    u->voice))
			continue;
		(void)snprintf(number, sizeof number, "%u", u->voice_number);
		json_array_append_new(list, json_pack("{s:s, s:s}", "id",
		    listen_only ? u->internal : number,
		    "name", u->phone ? "" : u->name));
	}
	return json_pack("{s:I, s:o}", "total",
	    (json_int_t)json_array_size(list), "users", list);
}

static json_t *
webcams(const struct meeting *m)
{
	json_t			*cameras = json_array();
	const struct user	*u;

	TAILQ_FOREACH(u, &m->users, link)
		if (user_is_in(u))
			add_cameras(cameras, u);
	return json_pack("{s:I, s:{s:o, s:[]}}", "total",
	    (json_int_t)json_array_size(cameras), "streams",
	    "broadcasts", cameras, "viewers");
}

static json_t *
snapshot_users(const struct meeting *m)
{
	json_t			*list = json_array();
	const struct user	*u;

	TAILQ_FOREACH(u, &m->users, link)
		if (user_is_in(u) && !u->phone)
			json_array_append_new(list, json_pack(
			    "{s:s, s:s, s:s}", "id", u->internal,
			    "name", u->name, "role", user_role_name(u)));
	return list;
}

static json_t *
snapshot(const struct meeting *m)
{
	json_int_t	voices = (json_int_t)(m->heads.listeners +
	    m->heads.voice);

	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:o,"
	    " s:{s:I, s:o, s:o, s:{s:i, s:[]}},"
	    " s:{s:{s:{s:s, s:s}, s:[]}}, s:o, s:{s:s, s:s}, s:{s:s, s:[]}}",
	    "name", m->name, "externalId", m->external,
	    "internalId", m->internal,
	    "hasUserJoined", (int)m->user_has_joined,
	    "isMeetingRecorded", (int)m->recording_now,
	    "webcams", webcams(m),
	    "audio", "total", voices, "listenOnly", voice_users(m, true),
	    "twoWay", voice_users(m, false), "phone", "total", 0, "users",
	    "screenshare", "stream", "user", "id", "", "name", "", "viewers",
	    "users", snapshot_users(m), "presentation", "id", "", "name", "",
	    "breakoutRoom", "id", m->parent == NULL ? "bbb-none" :
	    m->parent->internal, "names");
}

void
event_snapshot(const struct meeting *m)
{
	if (m->all->settings->series < SERIES_2_4 ||
	    !feed_wanted(m->all->feed))
		return;
	event_send(m->all, CHANNEL_MAIN, "MeetingInfoAnalyticsServiceMsg",
	    NULL, NULL, json_pack("{s:o}", "meetingInfo", snapshot(m)));
}
