/*
 * The tables of members.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/resource.h"

#define IN		FIELD_INPUT
#define NULLED		FIELD_NULL

static const struct field frontend_fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "active", FIELD_BOOL, IN, "ACTIVE" },
	{ "bbb.key", FIELD_STR, IN, "KEY" },
	{ "bbb.secret", FIELD_STR, IN | FIELD_SECRET, "SECRET" },
	{ "settings", FIELD_OBJECT, IN | FIELD_KEEP, "SETTINGS" },
	{ "account_ref", FIELD_STR, IN | NULLED, "ACCOUNT" },
	{ "created_at", FIELD_TIME, 0, "CREATED" },
	{ "updated_at", FIELD_TIME, 0, "UPDATED" },
	{ "hosts", FIELD_LIST, IN | NULLED, "HOSTS" },
	{ "bare_path", FIELD_BOOL, IN, "BARE PATH" },
};

static const struct field backend_fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "node_state", FIELD_STR, 0, "NODE" },
	{ "admin_state", FIELD_STR, IN, "ADMIN" },
	{ "agent_heartbeat", FIELD_TIME, 0, "HEARTBEAT" },
	{ "agent_ref", FIELD_STR, NULLED, "AGENT" },
	{ "last_error", FIELD_STR, NULLED, "ERROR" },
	{ "latency", FIELD_INT, 0, "LATENCY" },
	{ "meetings_count", FIELD_INT, 0, "MEETINGS" },
	{ "attendees_count", FIELD_INT, 0, "USERS" },
	{ "load_factor", FIELD_REAL, IN, "FACTOR" },
	{ "bbb.host", FIELD_STR, IN, "HOST" },
	{ "bbb.secret", FIELD_STR, IN | FIELD_SECRET, "SECRET" },
	{ "settings", FIELD_OBJECT, IN | FIELD_KEEP, "SETTINGS" },
	{ "created_at", FIELD_TIME, 0, "CREATED" },
	{ "updated_at", FIELD_TIME, 0, "UPDATED" },
	{ "synced_at", FIELD_TIME, 0, "POLLED" },
	{ "meetings_cap", FIELD_INT, IN | NULLED, "MAX MEETINGS" },
	{ "users_cap", FIELD_INT, IN | NULLED, "MAX USERS" },
	{ "bbb_version", FIELD_STR, NULLED, "BBB" },
	{ "state", FIELD_STR, 0, "STATE" },
	{ "state_reason", FIELD_STR, NULLED, "REASON" },
	{ "heartbeat_age_ms", FIELD_INT, NULLED, "HEARTBEAT AGE" },
};

static const struct field reservation_fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "backend_id", FIELD_STR, IN | NULLED, "BACKEND" },
	{ "tag", FIELD_STR, IN | NULLED, "TAG" },
	{ "frontend_ids", FIELD_LIST, IN, "FRONTENDS" },
	{ "from", FIELD_TIME, IN | NULLED, "FROM" },
	{ "until", FIELD_TIME, IN | NULLED, "UNTIL" },
	{ "hours", FIELD_ANY, IN | NULLED, "HOURS" },
	{ "note", FIELD_STR, IN, "NOTE" },
};

static const struct field audit_fields[] = {
	{ "id", FIELD_INT, 0, "ID" },
	{ "at", FIELD_TIME, 0, "AT" },
	{ "actor", FIELD_STR, 0, "ACTOR" },
	{ "role", FIELD_STR, 0, "ROLE" },
	{ "address", FIELD_STR, 0, "ADDRESS" },
	{ "action", FIELD_STR, 0, "ACTION" },
	{ "resource", FIELD_STR, 0, "RESOURCE" },
	{ "resource_id", FIELD_STR, 0, "RESOURCE ID" },
	{ "name", FIELD_STR, 0, "NAME" },
	{ "changes", FIELD_ANY, NULLED, "CHANGES" },
};

static const struct record records[] = {
	RECORD(frontend_fields), RECORD(backend_fields),
	RECORD(reservation_fields), RECORD(audit_fields),
};

const struct record *
frontend_record(void)
{
	return &records[0];
}

const struct record *
backend_record(void)
{
	return &records[1];
}

const struct record *
reservation_record(void)
{
	return &records[2];
}

const struct record *
audit_record(void)
{
	return &records[3];
}
