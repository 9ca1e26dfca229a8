/*
 * The properties of a meeting in MeetingCreatedEvtMsg, version by version.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "meetingxml.h"

static json_t *
of_name(const struct meeting *m)
{
	return json_string(m->name);
}

static json_t *
of_external(const struct meeting *m)
{
	return json_string(m->external);
}

static json_t *
of_internal(const struct meeting *m)
{
	return json_string(m->internal);
}

static json_t *
of_breakout(const struct meeting *m)
{
	return json_boolean(m->parent != NULL);
}

static json_t *
of_parent(const struct meeting *m)
{
	return json_string(m->parent == NULL ? "bbb-none" :
	    m->parent->internal);
}

static json_t *
of_sequence(const struct meeting *m)
{
	return json_integer(m->sequence);
}

static json_t *
of_free_join(const struct meeting *m)
{
	return json_boolean(m->free_join);
}

static json_t *
of_duration(const struct meeting *m)
{
	return json_integer(m->duration_min);
}

static json_t *
of_created(const struct meeting *m)
{
	return json_integer(m->create_ms);
}

static json_t *
of_date(const struct meeting *m)
{
	char	text[64];

	meetingxml_date_text(text, sizeof text, m->create_ms);
	return json_string(text);
}

static json_t *
of_moderator_pw(const struct meeting *m)
{
	return json_string(m->moderator_pw);
}

static json_t *
of_attendee_pw(const struct meeting *m)
{
	return json_string(m->attendee_pw);
}

static json_t *
of_record(const struct meeting *m)
{
	return json_boolean(m->record);
}

static json_t *
of_keep_events(const struct meeting *m)
{
	return json_boolean(m->keep_events);
}

static json_t *
of_voice(const struct meeting *m)
{
	return json_string(m->voice_bridge);
}

static json_t *
of_web_voice(const struct meeting *m)
{
	return json_string(m->web_voice);
}

static json_t *
of_dial_number(const struct meeting *m)
{
	return json_string(m->dial_number);
}

static json_t *
of_max_users(const struct meeting *m)
{
	return json_integer(m->max_users);
}

static json_t *
of_guest_policy(const struct meeting *m)
{
	static const char *const names[] = {
		[GUEST_ALWAYS_ACCEPT]		= "ALWAYS_ACCEPT",
		[GUEST_ALWAYS_DENY]		= "ALWAYS_DENY",
		[GUEST_ASK_MODERATOR]		= "ASK_MODERATOR",
		[GUEST_ALWAYS_ACCEPT_AUTH]	= "ALWAYS_ACCEPT_AUTH",
	};

	return json_string(names[m->guest_policy]);
}

static json_t *
of_metadata(const struct meeting *m)
{
	json_t	*j = json_object();
	size_t	 i;

	for (i = 0; i < m->metadata.count; i++)
		json_object_set_new(j, params_name(&m->metadata, i),
		    json_string(params_value(&m->metadata, i)));
	return j;
}

#define FIRST	0
#define LAST	99
#define WELCOME	"\"<br>Welcome to <b>%%CONFNAME%%</b>!\""

/*
 * The members in their order; a group of NULL stands beside the groups. The
 * value is JSON where it is always the same.
 */
static const struct prop {
	const char	*group, *name;
	unsigned	 from, to;	/* the first and the last series */
	const char	*constant;
	json_t		*(*value)(const struct meeting *);
} props[] = {
	{ "meetingProp", "name", FIRST, LAST, NULL, of_name },
	{ "meetingProp", "extId", FIRST, LAST, NULL, of_external },
	{ "meetingProp", "intId", FIRST, LAST, NULL, of_internal },
	{ "meetingProp", "meetingCameraCap", 25, LAST, "0", NULL },
	{ "meetingProp", "maxPinnedCameras", 26, LAST, "3", NULL },
	{ "meetingProp", "isBreakout", FIRST, LAST, NULL, of_breakout },
	{ "meetingProp", "learningDashboardEnabled", 24, 24, "true", NULL },
	{ "meetingProp", "disabledFeatures", 25, LAST, "[]", NULL },
	{ "meetingProp", "notifyRecordingIsOn", 26, LAST, "false", NULL },
	{ "meetingProp", "presentationUploadExternalDescription", 27, LAST,
	    "\"\"", NULL },
	{ "meetingProp", "presentationUploadExternalUrl", 27, LAST,
	    "\"\"", NULL },
	{ "meetingProp", "audioBridge", 30, LAST, "\"bbb-webrtc-sfu\"", NULL },
	{ "meetingProp", "cameraBridge", 30, LAST,
	    "\"bbb-webrtc-sfu\"", NULL },
	{ "meetingProp", "screenShareBridge", 30, LAST,
	    "\"bbb-webrtc-sfu\"", NULL },
	{ "breakoutProps", "parentId", FIRST, LAST, NULL, of_parent },
	{ "breakoutProps", "sequence", FIRST, LAST, NULL, of_sequence },
	{ "breakoutProps", "freeJoin", FIRST, LAST, NULL, of_free_join },
	{ "breakoutProps", "breakoutRooms", FIRST, LAST, "[]", NULL },
	{ "breakoutProps", "enabled", FIRST, 25, "true", NULL },
	{ "breakoutProps", "record", FIRST, LAST, "false", NULL },
	{ "breakoutProps", "privateChatEnabled", FIRST, LAST, "true", NULL },
	{ "breakoutProps", "captureNotes", 26, LAST, "false", NULL },
	{ "breakoutProps", "captureSlides", 26, LAST, "false", NULL },
	{ "breakoutProps", "captureNotesFilename", 27, LAST,
	    "\"%%CONFNAME%%\"", NULL },
	{ "breakoutProps", "captureSlidesFilename", 27, LAST,
	    "\"%%CONFNAME%%\"", NULL },
	{ "durationProps", "duration", FIRST, LAST, NULL, of_duration },
	{ "durationProps", "createdTime", FIRST, LAST, NULL, of_created },
	{ "durationProps", "createdDate", FIRST, LAST, NULL, of_date },
	{ "durationProps", "maxInactivityTimeoutMinutes", FIRST, 22,
	    "0", NULL },
	{ "durationProps", "warnMinutesBeforeMax", FIRST, 22, "5", NULL },
	{ "durationProps", "meetingExpireIfNoUserJoinedInMinutes", FIRST,
	    LAST, "5", NULL },
	{ "durationProps", "meetingExpireWhenLastUserLeftInMinutes", FIRST,
	    LAST, "1", NULL },
	{ "durationProps", "userInactivityInspectTimerInMinutes", FIRST,
	    LAST, "0", NULL },
	{ "durationProps", "userInactivityThresholdInMinutes", FIRST, LAST,
	    "30", NULL },
	{ "durationProps", "userActivitySignResponseDelayInMinutes", FIRST,
	    LAST, "5", NULL },
	{ "durationProps", "endWhenNoModerator", 23, LAST, "false", NULL },
	{ "durationProps", "endWhenNoModeratorDelayInMinutes", 23, LAST,
	    "1", NULL },
	{ "password", "moderatorPass", FIRST, LAST, NULL, of_moderator_pw },
	{ "password", "viewerPass", FIRST, LAST, NULL, of_attendee_pw },
	{ "password", "learningDashboardAccessToken", 24, LAST,
	    "\"dashTokenEx1\"", NULL },
	{ "recordProp", "record", FIRST, LAST, NULL, of_record },
	{ "recordProp", "autoStartRecording", FIRST, LAST, "false", NULL },
	{ "recordProp", "allowStartStopRecording", FIRST, LAST, "true", NULL },
	{ "recordProp", "recordFullDurationMedia", 26, LAST, "false", NULL },
	{ "recordProp", "keepEvents", FIRST, LAST, NULL, of_keep_events },
	{ "welcomeProp", "welcomeMsgTemplate", FIRST, LAST, WELCOME, NULL },
	{ "welcomeProp", "welcomeMsg", FIRST, LAST, WELCOME, NULL },
	{ "welcomeProp", "modOnlyMessage", FIRST, LAST, "\"\"", NULL },
	{ "voiceProp", "telVoice", FIRST, LAST, NULL, of_voice },
	{ "voiceProp", "voiceConf", FIRST, LAST, NULL, of_web_voice },
	{ "voiceProp", "dialNumber", FIRST, LAST, NULL, of_dial_number },
	{ "voiceProp", "muteOnStart", FIRST, LAST, "false", NULL },
	{ "usersProp", "maxUsers", FIRST, LAST, NULL, of_max_users },
	{ "usersProp", "maxUserConcurrentAccesses", 26, LAST, "3", NULL },
	{ "usersProp", "webcamsOnlyForModerator", FIRST, LAST,
	    "false", NULL },
	{ "usersProp", "userCameraCap", 25, LAST, "3", NULL },
	{ "usersProp", "guestPolicy", FIRST, LAST, NULL, of_guest_policy },
	{ "usersProp", "meetingLayout", 24, LAST,
	    "\"CUSTOM_LAYOUT\"", NULL },
	{ "usersProp", "allowModsToUnmuteUsers", FIRST, LAST, "false", NULL },
	{ "usersProp", "allowModsToEjectCameras", 24, LAST, "false", NULL },
	{ "usersProp", "authenticatedGuest", 24, LAST, "true", NULL },
	{ "metadataProp", "metadata", FIRST, LAST, NULL, of_metadata },
	{ "screenshareProps", "screenshareConf", FIRST, 24,
	    "\"SCREENSHARE\"", NULL },
	{ "screenshareProps", "red5ScreenshareIp", FIRST, 24,
	    "\"127.0.0.1\"", NULL },
	{ "screenshareProps", "red5ScreenshareApp", FIRST, 24,
	    "\"video-broadcast\"", NULL },
	{ "lockSettingsProps", "disableCam", FIRST, LAST, "false", NULL },
	{ "lockSettingsProps", "disableMic", FIRST, LAST, "false", NULL },
	{ "lockSettingsProps", "disablePrivateChat", FIRST, LAST,
	    "false", NULL },
	{ "lockSettingsProps", "disablePublicChat", FIRST, LAST,
	    "false", NULL },
	{ "lockSettingsProps", "disableNote", FIRST, 25, "false", NULL },
	{ "lockSettingsProps", "disableNotes", 26, LAST, "false", NULL },
	{ "lockSettingsProps", "hideUserList", FIRST, LAST, "false", NULL },
	{ "lockSettingsProps", "lockedLayout", FIRST, 25, "false", NULL },
	{ "lockSettingsProps", "lockOnJoin", FIRST, LAST, "true", NULL },
	{ "lockSettingsProps", "lockOnJoinConfigurable", FIRST, LAST,
	    "false", NULL },
	{ "lockSettingsProps", "hideViewersCursor", 26, LAST, "false", NULL },
	{ "lockSettingsProps", "hideViewersAnnotation", 27, LAST,
	    "false", NULL },
	{ "systemProps", "html5InstanceId", 23, 27, "1", NULL },
	{ "systemProps", "loginUrl", 30, LAST, "\"\"", NULL },
	{ "systemProps", "logoutUrl", 30, LAST, "\"\"", NULL },
	{ "systemProps", "customLogoURL", 30, LAST, "\"\"", NULL },
	{ "systemProps", "customDarkLogoURL", 30, LAST, "\"\"", NULL },
	{ "systemProps", "bannerText", 30, LAST, "\"\"", NULL },
	{ "systemProps", "bannerColor", 30, LAST, "\"\"", NULL },
	{ NULL, "groups", 25, LAST, "[]", NULL },
	{ NULL, "overrideClientSettings", 30, LAST, "\"\"", NULL },
};

/* The group's object, made where it is not there yet. */
static json_t *
group_of(json_t *all, const char *name)
{
	json_t	*j;

	if (name == NULL)
		return all;
	if ((j = json_object_get(all, name)) == NULL) {
		j = json_object();
		json_object_set_new(all, name, j);
	}
	return j;
}

json_t *
event_props(const struct meeting *m)
{
	unsigned		 series = m->all->settings->series;
	json_t			*all = json_object(), *value;
	const struct prop	*p;
	size_t			 i;

	for (i = 0; i < sizeof props / sizeof props[0]; i++) {
		p = &props[i];
		if (series < p->from || series > p->to)
			continue;
		value = p->value != NULL ? p->value(m) :
		    json_loads(p->constant, JSON_DECODE_ANY, NULL);
		json_object_set_new(group_of(all, p->group), p->name, value);
	}
	return all;
}
