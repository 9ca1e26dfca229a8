/*
 * The tables of members: what runs: meetings, commands, callbacks.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/resource.h"

#define M(name)		"meeting." name
#define IN		FIELD_INPUT
#define NULLED		FIELD_NULL

static const struct field meeting_fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "internal_id", FIELD_STR, 0, "INTERNAL ID" },
	{ M("MeetingName"), FIELD_STR, IN, "NAME" },
	{ M("MeetingID"), FIELD_STR, 0, NULL },
	{ M("InternalMeetingID"), FIELD_STR, 0, NULL },
	{ M("CreateTime"), FIELD_INT, IN, NULL },
	{ M("CreateDate"), FIELD_STR, IN, NULL },
	{ M("VoiceBridge"), FIELD_STR, IN, NULL },
	{ M("DialNumber"), FIELD_STR, IN, NULL },
	{ M("AttendeePW"), FIELD_STR, IN | FIELD_SECRET, NULL },
	{ M("ModeratorPW"), FIELD_STR, IN | FIELD_SECRET, NULL },
	{ M("Running"), FIELD_BOOL, IN, "RUNNING" },
	{ M("Duration"), FIELD_INT, IN, NULL },
	{ M("Recording"), FIELD_BOOL, IN, "RECORDING" },
	{ M("HasBeenForciblyEnded"), FIELD_BOOL, IN, NULL },
	{ M("StartTime"), FIELD_INT, IN, NULL },
	{ M("EndTime"), FIELD_INT, IN, NULL },
	{ M("ParticipantCount"), FIELD_INT, IN, "USERS" },
	{ M("ListenerCount"), FIELD_INT, IN, NULL },
	{ M("VoiceParticipantCount"), FIELD_INT, IN, "VOICES" },
	{ M("VideoCount"), FIELD_INT, IN, "VIDEOS" },
	{ M("MaxUsers"), FIELD_INT, IN, NULL },
	{ M("ModeratorCount"), FIELD_INT, IN, "MODERATORS" },
	{ M("IsBreakout"), FIELD_BOOL, 0, NULL },
	{ M("Metadata"), FIELD_OBJECT, IN | FIELD_KEEP | NULLED, NULL },
	{ M("Attendees"), FIELD_ANY, IN | FIELD_KEEP | NULLED, NULL },
	{ M("BreakoutRooms"), FIELD_LIST, IN | FIELD_KEEP | NULLED, NULL },
	{ M("Breakout"), FIELD_ANY, FIELD_KEEP | FIELD_NULL, NULL },
	{ "frontend_id", FIELD_STR, FIELD_NULL, NULL },
	{ "backend_id", FIELD_STR, FIELD_NULL, NULL },
	{ "created_at", FIELD_TIME, 0, "CREATED" },
	{ "updated_at", FIELD_TIME, 0, NULL },
	{ "synced_at", FIELD_TIME, 0, NULL },
	{ "frontend_key", FIELD_STR, 0, "FRONTEND" },
	{ "frontend_meeting_id", FIELD_STR, 0, NULL },
	{ "backend_host", FIELD_STR, 0, "BACKEND" },
	{ "state", FIELD_STR, 0, "STATE" },
};

static const struct field attendee_fields[] = {
	{ "UserID", FIELD_STR, IN, NULL },
	{ "InternalUserID", FIELD_STR, IN, NULL },
	{ "FullName", FIELD_STR, IN, NULL },
	{ "Role", FIELD_STR, IN, NULL },
	{ "ClientType", FIELD_STR, IN, NULL },
	{ "IsPresenter", FIELD_BOOL, IN, NULL },
	{ "IsListeningOnly", FIELD_BOOL, IN, NULL },
	{ "HasJoinedVoice", FIELD_BOOL, IN, NULL },
	{ "HasVideo", FIELD_BOOL, IN, NULL },
};

static const struct field command_fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "seq", FIELD_INT, 0, "SEQ" },
	{ "state", FIELD_STR, 0, "STATE" },
	{ "action", FIELD_STR, FIELD_INPUT, "ACTION" },
	{ "params", FIELD_ANY, FIELD_INPUT | FIELD_NULL, "PARAMS" },
	{ "result", FIELD_ANY, FIELD_NULL, "RESULT" },
	{ "deadline", FIELD_TIME, 0, "DEADLINE" },
	{ "started_at", FIELD_TIME, FIELD_NULL, "STARTED" },
	{ "stopped_at", FIELD_TIME, FIELD_NULL, "STOPPED" },
	{ "created_at", FIELD_TIME, 0, "CREATED" },
};

static const struct field callback_fields[] = {
	{ "id", FIELD_INT, 0, "ID" },
	{ "frontend_id", FIELD_STR, 0, NULL },
	{ "frontend_key", FIELD_STR, 0, "FRONTEND" },
	{ "kind", FIELD_STR, 0, "KIND" },
	{ "url", FIELD_STR, 0, "URL" },
	{ "state", FIELD_STR, 0, "STATE" },
	{ "attempts", FIELD_INT, 0, "ATTEMPTS" },
	{ "last_status", FIELD_INT, FIELD_NULL, "STATUS" },
	{ "last_error", FIELD_STR, FIELD_NULL, "ERROR" },
	{ "received_at", FIELD_TIME, 0, "RECEIVED" },
	{ "next_at", FIELD_TIME, FIELD_NULL, "NEXT" },
	{ "finished_at", FIELD_TIME, FIELD_NULL, "FINISHED" },
};

static const struct record records[] = {
	RECORD(meeting_fields), RECORD(command_fields),
	RECORD(attendee_fields), RECORD(callback_fields),
};

const struct record *
meeting_record(void)
{
	return &records[0];
}

const struct record *
command_record(void)
{
	return &records[1];
}

const struct record *
attendee_record(void)
{
	return &records[2];
}

const struct record *
callback_record(void)
{
	return &records[3];
}
