/*
 * What the document of the REST API says of each route, beside its row.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/api/docs.h"

#include <string.h>

#include "fcgi/api/resources.h"
#include "proto/resource.h"

#define IN		FIELD_INPUT
#define NULLED		FIELD_NULL
#define PAGE		"limit offset"
#define TEXT(number)	#number
#define PAGE_OF(def, max) "limit:" TEXT(def) ":" TEXT(max) " offset"

static const struct api_doc docs[] = {
	{ HTTP_GET, "", "Version, who asks, state of the database", "", NULL,
	    "Status", false, 0 },
	{ HTTP_GET, "/status", "The same", "", NULL, "Status", false, 0 },
	{ HTTP_GET, "/openapi.json", "This document", "", NULL, NULL, false,
	    0 },

	{ HTTP_GET, "/frontends", "List frontends",
	    "account_ref key key__like " PAGE, NULL, "Frontend", true, 0 },
	{ HTTP_POST, "/frontends", "Add a frontend", "", "Frontend",
	    "Frontend", false, 0 },
	{ HTTP_GET, "/frontends/{id}", "Show a frontend", "", NULL,
	    "Frontend", false, 0 },
	{ HTTP_PATCH, "/frontends/{id}", "Change a frontend", "", "Frontend",
	    "Frontend", false, 0 },
	{ HTTP_DELETE, "/frontends/{id}",
	    "Delete a frontend with its meetings", "", NULL, "Frontend",
	    false, 0 },
	{ HTTP_POST, "/frontends/{id}/rotate-secret",
	    "Give a frontend another secret", "", "Rotation",
	    "RotatedSecret", false, 0 },
	{ HTTP_GET, "/frontends/{id}/settings", "All settings of a frontend",
	    "", NULL, NULL, false, 0 },
	{ HTTP_GET, "/frontends/{id}/settings/{name}",
	    "A setting of a frontend", "", NULL, "Setting", false, 0 },
	{ HTTP_PUT, "/frontends/{id}/settings/{name}", "Replace a setting",
	    "", "Setting", "Setting", false, 0 },
	{ HTTP_DELETE, "/frontends/{id}/settings/{name}",
	    "Take a setting away", "", NULL, "Setting", false, 0 },
	{ HTTP_GET, "/settings", "The settings that there are", PAGE, NULL,
	    "KnownSetting", true, 0 },

	{ HTTP_GET, "/backends", "List backends",
	    "host host__like host__ilike " PAGE, NULL, "Backend", true, 0 },
	{ HTTP_POST, "/backends", "Add a backend", "", "Backend", "Backend",
	    false, 0 },
	{ HTTP_GET, "/backends/{id}", "Show a backend", "", NULL, "Backend",
	    false, 0 },
	{ HTTP_PATCH, "/backends/{id}", "Change a backend", "", "Backend",
	    "Backend", false, 0 },
	{ HTTP_DELETE, "/backends/{id}", "Give a backend up", "force", NULL,
	    "Backend", false, 0 },

	{ HTTP_GET, "/reservations", "List reservations", PAGE, NULL,
	    "Reservation", true, 0 },
	{ HTTP_POST, "/reservations", "Add a reservation", "", "Reservation",
	    "Reservation", false, 0 },
	{ HTTP_GET, "/reservations/{id}", "Show a reservation", "", NULL,
	    "Reservation", false, 0 },
	{ HTTP_PATCH, "/reservations/{id}", "Change a reservation", "",
	    "Reservation", "Reservation", false, 0 },
	{ HTTP_DELETE, "/reservations/{id}", "Delete a reservation", "", NULL,
	    "Reservation", false, 0 },

	{ HTTP_GET, "/meetings", "List meetings of the cluster",
	    "frontend backend running text backend_id backend_host " PAGE,
	    NULL, "Meeting", true, 0 },
	{ HTTP_GET, "/meetings/{id}", "Show a meeting", "", NULL, "Meeting",
	    false, 0 },
	{ HTTP_PATCH, "/meetings/{id}", "Change what is known of a meeting",
	    "", "Meeting", "Meeting", false, 0 },
	{ HTTP_DELETE, "/meetings/{id}",
	    "Mark a meeting ended without asking its server", "", NULL,
	    "Meeting", false, 0 },
	{ HTTP_POST, "/meetings/{id}/end", "End a meeting on its server", "",
	    NULL, "Meeting", false, 0 },

	{ HTTP_GET, "/commands", "List commands", "state " PAGE, NULL,
	    "Command", true, 0 },
	{ HTTP_POST, "/commands", "Ask the jobs for something", "", "Command",
	    "Command", false, 202 },
	{ HTTP_GET, "/commands/{id}", "Show a command", "", NULL, "Command",
	    false, 0 },
	{ HTTP_POST, "/ctrl/migrate",
	    "What is left to do for the database's schema", "", NULL,
	    "SchemaStatus", false, 0 },
	{ HTTP_GET, "/audit", "Changes by the API, newest first",
	    "actor resource resource_id action since until "
	    PAGE_OF(API_AUDIT_DEFAULT, API_AUDIT_MAX), NULL,
	    "AuditEntry", true, 0 },

	{ HTTP_GET, "/agent/backend", "The agent's backend", "", NULL,
	    "Backend", false, 0 },
	{ HTTP_POST, "/agent/heartbeat", "The agent is alive", "", "Pulse",
	    "Heartbeat", false, 0 },
	{ HTTP_POST, "/agent/events", "A batch of events", "", "Batch",
	    "BatchResult", false, 0 },
	{ HTTP_POST, "/agent/rpc", "What the Go program's agent tells", "",
	    "Call", "CallResult", false, 0 },
	{ HTTP_GET, "/callbacks", "List callbacks to frontends",
	    "frontend_key state " PAGE, NULL, "Callback", true, 0 },
	{ HTTP_GET, "/callbacks/{id}", "One callback", "", NULL, "Callback",
	    false, 0 },
	{ HTTP_POST, "/callbacks/{id}/retry", "Try a callback again", "",
	    NULL, "Message", false, 0 },
};

const struct api_doc *
api_doc_find(const struct api_route *r)
{
	size_t	i;

	for (i = 0; i < sizeof(docs) / sizeof(docs[0]); i++)
		if (docs[i].method == r->method &&
		    strcmp(docs[i].path, r->path) == 0)
			return &docs[i];
	return NULL;
}

/* ---- schemas of what is no record elsewhere */

static const struct field status[] = {
	{ "version", FIELD_STR, 0, NULL },
	{ "build", FIELD_STR, 0, NULL },
	{ "api", FIELD_STR, 0, NULL },
	{ "account_ref", FIELD_STR, 0, NULL },
	{ "is_admin", FIELD_BOOL, 0, NULL },
	{ "database", FIELD_OBJECT, 0, NULL },
	{ "jobs", FIELD_ANY, 0, NULL },
	{ "alarms", FIELD_ANY, 0, NULL },
};
static const struct field schema_status[] = {
	{ "available", FIELD_BOOL, 0, NULL },
	{ "database", FIELD_STR, 0, NULL },
	{ "migrated", FIELD_BOOL, 0, NULL },
	{ "migration", FIELD_OBJECT, NULLED, NULL },
	{ "pending_migrations", FIELD_INT, 0, NULL },
	{ "error", FIELD_STR, NULLED, NULL },
};
static const struct field rotation[] = {
	{ "secret", FIELD_STR, IN, NULL },
	{ "valid_for", FIELD_INT, IN, NULL },
};
static const struct field rotated[] = {
	{ "id", FIELD_STR, 0, NULL },
	{ "bbb.key", FIELD_STR, 0, NULL },
	{ "bbb.secret", FIELD_STR, 0, NULL },
	{ "previous_valid_until", FIELD_TIME, 0, NULL },
};
static const struct field setting[] = {
	{ "name", FIELD_STR, 0, NULL },
	{ "value", FIELD_ANY, IN | NULLED, NULL },
};
static const struct field known_setting[] = {
	{ "name", FIELD_STR, 0, NULL },
	{ "type", FIELD_STR, 0, NULL },
	{ "description", FIELD_STR, 0, NULL },
};
static const struct field hours[] = {
	{ "weekday", FIELD_INT, IN, NULL },
	{ "starts", FIELD_STR, IN, NULL },
	{ "ends", FIELD_STR, IN, NULL },
	{ "time_zone", FIELD_STR, IN, NULL },
};
static const struct field pulse[] = {
	{ "cpu", FIELD_REAL, IN, NULL },
	{ "bbb_version", FIELD_STR, IN, NULL },
};
static const struct field heartbeat[] = {
	{ "backend_id", FIELD_STR, 0, NULL },
	{ "heartbeat", FIELD_TIME, 0, NULL },
};
static const struct field batch[] = {
	{ "epoch", FIELD_INT, IN, NULL },
	{ "seq", FIELD_INT, IN, NULL },
	{ "snapshot", FIELD_OBJECT, IN, NULL },
	{ "events", FIELD_ANY, IN, NULL },
};
static const struct field batch_result[] = {
	{ "epoch", FIELD_INT, 0, NULL },
	{ "duplicate", FIELD_BOOL, 0, NULL },
};
static const struct field batch_gap[] = {
	{ "epoch", FIELD_INT, 0, NULL },
	{ "message", FIELD_STR, 0, NULL },
};
static const struct field call[] = {
	{ "action", FIELD_STR, IN, NULL },
	{ "payload", FIELD_ANY, IN, NULL },
};
static const struct field call_result[] = {
	{ "status", FIELD_STR, 0, NULL },
	{ "result", FIELD_STR, NULLED, NULL },
};
static const struct field message[] = {
	{ "message", FIELD_STR, 0, NULL },
};

static const struct api_schema schemas[] = {
	{ "Frontend", frontend_record, { NULL, 0 } },
	{ "Backend", backend_record, { NULL, 0 } },
	{ "Reservation", reservation_record, { NULL, 0 } },
	{ "AuditEntry", audit_record, { NULL, 0 } },
	{ "ReservationHours", NULL, RECORD(hours) },
	{ "Meeting", meeting_record, { NULL, 0 } },
	{ "Attendee", attendee_record, { NULL, 0 } },
	{ "Command", command_record, { NULL, 0 } },
	{ "Callback", callback_record, { NULL, 0 } },
	{ "Status", NULL, RECORD(status) },
	{ "SchemaStatus", NULL, RECORD(schema_status) },
	{ "Rotation", NULL, RECORD(rotation) },
	{ "RotatedSecret", NULL, RECORD(rotated) },
	{ "Setting", NULL, RECORD(setting) },
	{ "KnownSetting", NULL, RECORD(known_setting) },
	{ "Pulse", NULL, RECORD(pulse) },
	{ "Heartbeat", NULL, RECORD(heartbeat) },
	{ "Batch", NULL, RECORD(batch) },
	{ "BatchResult", NULL, RECORD(batch_result) },
	{ "BatchGap", NULL, RECORD(batch_gap) },
	{ "Call", NULL, RECORD(call) },
	{ "CallResult", NULL, RECORD(call_result) },
	{ "Message", NULL, RECORD(message) },
};

const struct api_schema *
api_schemas(size_t *n)
{
	*n = sizeof(schemas) / sizeof(schemas[0]);
	return schemas;
}
