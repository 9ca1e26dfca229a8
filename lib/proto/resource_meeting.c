/*
 * The tables of members: what runs, meetings and commands.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/resource.h"

#define M(name)		"meeting." name

static const struct field meeting_fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "internal_id", FIELD_STR, 0, "INTERNAL ID" },
	{ M("MeetingName"), FIELD_STR, 0, "NAME" },
	{ M("MeetingID"), FIELD_STR, 0, NULL },
	{ M("InternalMeetingID"), FIELD_STR, 0, NULL },
	{ M("CreateTime"), FIELD_INT, 0, NULL },
	{ M("CreateDate"), FIELD_STR, 0, NULL },
	{ M("VoiceBridge"), FIELD_STR, 0, NULL },
	{ M("DialNumber"), FIELD_STR, 0, NULL },
	{ M("AttendeePW"), FIELD_STR, FIELD_SECRET, NULL },
	{ M("ModeratorPW"), FIELD_STR, FIELD_SECRET, NULL },
	{ M("Running"), FIELD_BOOL, 0, "RUNNING" },
	{ M("Duration"), FIELD_INT, 0, NULL },
	{ M("Recording"), FIELD_BOOL, 0, "RECORDING" },
	{ M("HasBeenForciblyEnded"), FIELD_BOOL, 0, NULL },
	{ M("StartTime"), FIELD_INT, 0, NULL },
	{ M("EndTime"), FIELD_INT, 0, NULL },
	{ M("ParticipantCount"), FIELD_INT, 0, "USERS" },
	{ M("ListenerCount"), FIELD_INT, 0, NULL },
	{ M("VoiceParticipantCount"), FIELD_INT, 0, "VOICES" },
	{ M("VideoCount"), FIELD_INT, 0, "VIDEOS" },
	{ M("MaxUsers"), FIELD_INT, 0, NULL },
	{ M("ModeratorCount"), FIELD_INT, 0, "MODERATORS" },
	{ M("IsBreakout"), FIELD_BOOL, 0, NULL },
	{ M("Metadata"), FIELD_OBJECT, FIELD_KEEP, NULL },
	{ M("Attendees"), FIELD_ANY, FIELD_KEEP, NULL },
	{ M("BreakoutRooms"), FIELD_LIST, FIELD_KEEP, NULL },
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

static const struct record records[] = {
	RECORD(meeting_fields), RECORD(command_fields),
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
