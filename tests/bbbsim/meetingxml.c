/*
 * A meeting as getMeetingInfo and getMeetings show it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "meetingxml.h"
#include "user.h"
#include "xml.h"

/* A meeting starts some time after it was created. */
#define START_DELAY_MS	45

void
meetingxml_date_text(char *out, size_t size, int64_t ms)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t		 t = (time_t)(ms / 1000);
	struct tm	 tm;

	(void)gmtime_r(&t, &tm);
	/* not strftime(3), which speaks the locale's language */
	(void)snprintf(out, size,
	    "%.3s %.3s %02d %02d:%02d:%02d UTC %d", days + 3 * tm.tm_wday,
	    months + 3 * tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, tm.tm_year + 1900);
}

void
meetingxml_date(struct buf *b, int64_t ms)
{
	char	text[64];

	meetingxml_date_text(text, sizeof text, ms);
	xml_text(b, "createDate", text);
}

/* The names are taken as they come: no XML name, no XML. */
static void
pairs(struct buf *b, const char *name, const struct params *p)
{
	size_t	i;

	xml_open(b, name);
	for (i = 0; i < p->count; i++)
		xml_text(b, params_name(p, i), params_value(p, i));
	xml_close(b, name);
}

static void
attendee(struct buf *b, const struct user *u)
{
	bool	old = u->meeting->all->settings->series < SERIES_3_0;

	xml_open(b, "attendee");
	xml_text(b, "userID", u->user_id);
	xml_text(b, "fullName", u->name);
	xml_text(b, "role", user_role_name(u));
	xml_bool(b, "isPresenter", u->presenter);
	xml_bool(b, "isListeningOnly", u->listen_only);
	xml_bool(b, "hasJoinedVoice", u->voice);
	xml_bool(b, "hasVideo", u->cameras > 0);
	xml_text(b, "clientType", u->client_type);
	/* somebody on the phone never has any */
	if (u->customdata.count > 0 ||
	    (!old && strcmp(u->client_type, "dial-in-user") != 0))
		pairs(b, "customdata", &u->customdata);
	xml_close(b, "attendee");
}

static void
attendees(struct buf *b, const struct meeting *m, bool with_left)
{
	const struct user	*u;

	xml_open(b, "attendees");
	TAILQ_FOREACH(u, &m->users, link)
		if (!u->waiting && (with_left || !u->left))
			attendee(b, u);
	xml_close(b, "attendees");
}

static void
head_counts(struct buf *b, const struct meeting *m, enum meetingxml_form form)
{
	void	(*number)(struct buf *, const char *, long long) =
	    form == MEETINGXML_LIST ? xml_grouped : xml_number;
	bool	old = m->all->settings->series < SERIES_3_0;

	number(b, "participantCount", (long long)m->heads.online);
	number(b, "listenerCount", (long long)m->heads.listeners);
	number(b, "voiceParticipantCount", (long long)m->heads.voice);
	number(b, "videoCount", (long long)m->heads.cameras);
	(old ? number : xml_number)(b, "maxUsers", m->max_users);
	number(b, "moderatorCount", (long long)m->heads.moderators);
}

/* Flat, behind isBreakout, whatever the manual shows. */
static void
breakout(struct buf *b, const struct meeting *m)
{
	const struct meeting	*room;

	xml_bool(b, "isBreakout", m->parent != NULL);
	if (m->parent != NULL) {
		xml_text(b, "parentMeetingID", m->parent->internal);
		xml_grouped(b, "sequence", m->sequence);
		xml_bool(b, "freeJoin", m->free_join);
	}
	if (m->rooms == 0)
		return;
	xml_open(b, "breakoutRooms");
	TAILQ_FOREACH(room, &m->all->list, link)
		if (room->parent == m)
			xml_text(b, "breakout", room->external);
	xml_close(b, "breakoutRooms");
}

void
meetingxml(struct buf *b, const struct meeting *m, enum meetingxml_form form)
{
	xml_text(b, "meetingName", m->name);
	xml_text(b, "meetingID", m->external);
	xml_text(b, "internalMeetingID", m->internal);
	xml_number(b, "createTime", m->create_ms);
	meetingxml_date(b, m->create_ms);
	xml_text(b, "voiceBridge", m->voice_bridge);
	xml_text(b, "dialNumber", m->dial_number);
	xml_text(b, "attendeePW", m->attendee_pw);
	xml_text(b, "moderatorPW", m->moderator_pw);
	xml_bool(b, "running", meeting_is_running(m));
	xml_number(b, "duration", m->duration_min);
	xml_bool(b, "hasUserJoined", m->user_has_joined);
	xml_bool(b, "recording", m->record);
	/* practically always, even while it is ending */
	xml_bool(b, "hasBeenForciblyEnded", false);
	xml_number(b, "startTime", m->create_ms + START_DELAY_MS);
	xml_number(b, "endTime", 0);
	head_counts(b, m, form);
	attendees(b, m, form == MEETINGXML_LIST);
	pairs(b, "metadata", &m->metadata);
	breakout(b, m);
}
