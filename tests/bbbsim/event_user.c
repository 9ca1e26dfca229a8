/*
 * Messages about a user of a meeting.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "text.h"

static unsigned
series_of(const struct user *u)
{
	return u->meeting->all->settings->series;
}

static void
send(const struct user *u, const char *name, json_t *body)
{
	event_send(u->meeting->all, CHANNEL_MAIN, name, u->meeting->internal,
	    u->internal, body);
}

/* Leaves go to the frontends' channel, too, from 2.3 on. */
static void
send_twice(const struct user *u, const char *name, json_t *body)
{
	if (series_of(u) >= SERIES_2_3)
		event_send(u->meeting->all, CHANNEL_FRONTEND, name,
		    u->meeting->internal, u->internal, json_incref(body));
	send(u, name, body);
}

void
event_user_registered(const struct user *u)
{
	json_t	*body;

	body = json_pack("{s:s, s:s, s:s, s:s}",
	    "meetingId", u->meeting->internal, "userId", u->internal,
	    "name", u->name, "role", user_role_name(u));
	if (series_of(u) >= SERIES_2_5) {
		json_object_set_new(body, "excludeFromDashboard",
		    json_false());
		json_object_set_new(body, "registeredOn",
		    json_integer(loop_now_ms()));
	}
	event_send(u->meeting->all, CHANNEL_MAIN, "UserRegisteredRespMsg",
	    u->meeting->internal, NULL, body);
}

void
event_user_waiting(const struct user *u)
{
	json_t	*guest;

	guest = json_pack("{s:s, s:s, s:s, s:b, s:s}", "intId", u->internal,
	    "name", u->name, "role", user_role_name(u), "guest", 1,
	    "avatar", "");
	if (series_of(u) >= SERIES_2_6)
		json_object_set_new(guest, "color", json_string("#6a1b9a"));
	json_object_set_new(guest, "authenticated", json_false());
	json_object_set_new(guest, "registeredOn",
	    json_integer(loop_now_ms()));
	event_send(u->meeting->all, CHANNEL_MAIN,
	    "GuestsWaitingForApprovalEvtMsg", u->meeting->internal,
	    "not-used", json_pack("{s:[o]}", "guests", guest));
}

static json_t *
user_metadata(const struct user *u)
{
	json_t	*j = json_object();
	size_t	 i;

	for (i = 0; i < u->customdata.count; i++)
		json_object_set_new(j, params_name(&u->customdata, i),
		    json_string(params_value(&u->customdata, i)));
	return j;
}

/* How he looks, of which each version has more. */
static void
add_looks(json_t *j, unsigned series)
{
	if (series < SERIES_3_0)
		json_object_set_new(j, "emoji", json_string("none"));
	if (series >= SERIES_2_7) {
		json_object_set_new(j, "reactionEmoji", json_string("none"));
		json_object_set_new(j, "raiseHand", json_false());
		json_object_set_new(j, "away", json_false());
	}
	if (series >= SERIES_2_4)
		json_object_set_new(j, "pin", json_false());
}

void
event_user_joined(const struct user *u)
{
	unsigned	 series = series_of(u);
	json_t		*j;

	j = json_pack("{s:s, s:s, s:s, s:s}", "intId", u->internal,
	    "extId", u->user_id, "name", u->name, "role", user_role_name(u));
	if (series >= SERIES_3_0)
		json_object_set_new(j, "bot", json_false());
	json_object_set_new(j, "guest", json_false());
	json_object_set_new(j, "authed", json_true());
	json_object_set_new(j, "guestStatus", json_string("ALLOW"));
	add_looks(j, series);
	json_object_set_new(j, "presenter", json_false());
	json_object_set_new(j, "locked", json_boolean(!u->moderator));
	json_object_set_new(j, "avatar", json_string(""));
	if (series >= SERIES_3_0)
		json_object_set_new(j, "webcamBackground", json_string(""));
	if (series >= SERIES_2_6)
		json_object_set_new(j, "color", json_string("#4a148c"));
	json_object_set_new(j, "clientType", json_string(u->client_type));
	if (series >= SERIES_3_0)
		json_object_set_new(j, "userMetadata", user_metadata(u));
	send(u, "UserJoinedMeetingEvtMsg", j);
}

void
event_user_left_flag(const struct user *u, bool left)
{
	if (series_of(u) >= SERIES_2_5)
		send(u, "UserLeftFlagUpdatedEvtMsg", json_pack("{s:s, s:b}",
		    "intId", u->internal, "userLeftFlag", (int)left));
}

void
event_user_left(const struct user *u)
{
	json_t	*j = json_pack("{s:s}", "intId", u->internal);

	if (series_of(u) >= SERIES_2_5) {
		json_object_set_new(j, "eject", json_false());
		json_object_set_new(j, "ejectedBy", json_string(""));
		json_object_set_new(j, "reason", json_string(""));
		json_object_set_new(j, "reasonCode", json_string(""));
	}
	send_twice(u, "UserLeftMeetingEvtMsg", j);
}

/* The name as FreeSWITCH has it: form-encoded. */
static void
caller_name(struct buf *b, const struct user *u)
{
	size_t	i;

	text_encode(b, u->name, " ");
	for (i = 0; i < b->len; i++)
		if (b->data[i] == ' ')
			b->data[i] = '+';
}

void
event_voice_joined(const struct user *u)
{
	struct buf	 name = { 0 }, number = { 0 };
	char		 member[16];
	json_t		*j;

	caller_name(&name, u);
	if (u->phone)
		buf_format(&number, "5550%u", u->voice_number);
	else
		buf_format(&number, "%s_1-bbbID-%s", u->internal,
		    name.len > 0 ? name.data : "");
	(void)snprintf(member, sizeof member, "%u", u->voice_number);
	j = json_pack("{s:s, s:s, s:s, s:s, s:s}",
	    "voiceConf", u->meeting->web_voice, "intId", u->internal,
	    "voiceUserId", u->listen_only ? u->internal : member,
	    "callerName", name.len > 0 ? name.data : "", "callerNum", number.data);
	if (series_of(u) >= SERIES_2_6)
		json_object_set_new(j, "color", json_string("#4a148c"));
	json_object_set_new(j, "muted", json_boolean(u->listen_only));
	json_object_set_new(j, "talking", json_false());
	json_object_set_new(j, "callingWith",
	    json_string(u->listen_only ? "flash" : "none"));
	json_object_set_new(j, "listenOnly", json_boolean(u->listen_only));
	send(u, "UserJoinedVoiceConfToClientEvtMsg", j);
	buf_free(&name);
	buf_free(&number);
}

void
event_voice_left(const struct user *u)
{
	send_twice(u, "UserLeftVoiceConfToClientEvtMsg", json_pack(
	    "{s:s, s:s, s:s}", "voiceConf", u->meeting->web_voice,
	    "intId", u->internal, "voiceUserId", u->internal));
}

void
event_camera(const struct user *u, unsigned number, bool on)
{
	char	stream[USER_STREAM_LEN + 1];

	user_stream(u, number, stream);
	send(u, on ? "UserBroadcastCamStartedEvtMsg" :
	    "UserBroadcastCamStoppedEvtMsg", json_pack("{s:s, s:s}",
	    "userId", u->internal, "stream", stream));
}

void
event_presenter(const struct user *u, const char *assigned_by)
{
	if (u->presenter)
		send(u, "PresenterAssignedEvtMsg", json_pack(
		    "{s:s, s:s, s:s}", "presenterId", u->internal,
		    "presenterName", u->name, "assignedBy", assigned_by));
	else
		send(u, "PresenterUnassignedEvtMsg", json_pack(
		    "{s:s, s:s, s:s}", "intId", u->internal, "name", u->name,
		    "assignedBy", assigned_by));
}

/* The header names who did it, not whom it befell. */
void
event_role(const struct user *u, const char *changed_by)
{
	event_send(u->meeting->all, CHANNEL_MAIN, "UserRoleChangedEvtMsg",
	    u->meeting->internal, changed_by, json_pack("{s:s, s:s, s:s}",
	    "userId", u->internal, "role", user_role_name(u),
	    "changedBy", changed_by));
}
