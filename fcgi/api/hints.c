/*
 * What the document of the REST API says of values beyond their types.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <assert.h>
#include <string.h>

#include "fcgi/api/docs.h"

/* No control characters, which no path may hold; a slash ends a word. */
#define WORD		"{\"pattern\":\"^[^/\\\\u0000-\\\\u001f\\\\u007f-" \
			"\\\\u009f]+$\"}"
#define NOT_BLANK	"{\"pattern\":\"\\\\S\"}"
#define UUID		"{\"format\":\"uuid\"}"
#define TIME		"{\"format\":\"date-time\"}"
#define COUNT		"{\"minimum\":0,\"maximum\":2147483647}"
#define MS		"{\"minimum\":0,\"maximum\":253402300799999}"
#define CAP		"{\"minimum\":0,\"maximum\":1000000}"
#define PAGE		"{\"format\":\"int64\",\"minimum\":0," \
			"\"maximum\":9223372036854775807}"
#define LIST(items)	"{\"type\":\"array\",\"items\":" items "}"
#define REF(name)	"{\"$ref\":\"#/components/schemas/" name "\"}"
#define NULL_TOO	"\"nullable\":true"
#define NOT_NULL	"{\"nullable\":false}"
#define HOUR		"{\"pattern\":\"^([01]\\\\d|2[0-3]):[0-5]\\\\d$\"}"
#define STRING		"{\"type\":\"string\"}"
#define HAS(name, what)	"{\"type\":\"object\",\"required\":[\"" name "\"]," \
			"\"properties\":{\"" name "\":" what "}}"

#define COMMAND_STATES	"{\"enum\":[\"requested\",\"success\",\"error\"]}"
#define CALLBACK_STATES	"{\"enum\":[\"waiting\",\"delivered\",\"failed\"]}"

static const struct {
	const char	*where;		/* a schema, or "?" and a list's */
	const char	*name;
	const char	*json;		/* joins what the type says */
} hints[] = {
	{ "/", "id", WORD },
	{ "/", "name", WORD },
	{ "/uuid", "id", UUID },
	{ "?", "", "{\"pattern\":\"^[^\\\\u0000]*$\"}" },
	{ "?", "limit", PAGE },
	{ "?", "offset", PAGE },
	{ "?AuditEntry", "since", TIME },
	{ "?AuditEntry", "until", TIME },
	{ "?Callback", "state", CALLBACK_STATES },
	{ "?Command", "state", COMMAND_STATES },

	{ "FrontendInput", "bbb", NOT_NULL },
	{ "FrontendInput", "bbb.key", "{\"maxLength\":255,\"pattern\":"
	    "\"^\\\\s*[^\\\\s/\\\\u0000-\\\\u001f\\\\u007f-\\\\u009f]"
	    "[^/\\\\u0000-\\\\u001f\\\\u007f-\\\\u009f]*$\"}" },
	{ "FrontendInput", "bbb.secret", NOT_BLANK },
	{ "FrontendInput", "account_ref", "{\"maxLength\":255}" },
	{ "FrontendInput", "hosts",
	    "{\"items\":{\"type\":\"string\",\"pattern\":\"^[^/\\\\s]+$\"}}" },
	{ "BackendInput", "bbb", NOT_NULL },
	{ "BackendInput", "admin_state", "{\"enum\":[\"\",\"init\","
	    "\"ready\",\"stopped\",\"decommissioned\",null]}" },
	{ "BackendInput", "load_factor", CAP },
	{ "BackendInput", "bbb.host", "{\"pattern\":"
	    "\"^https?://[^/?#@\\\\s]+(/[^?#\\\\s]*)?$\"}" },
	{ "BackendInput", "bbb.secret", NOT_BLANK },
	{ "BackendInput", "meetings_cap", CAP },
	{ "BackendInput", "users_cap", CAP },
	{ "ReservationInput", "backend_id", UUID },
	{ "ReservationInput", "tag", "{\"minLength\":1}" },
	{ "ReservationInput", "frontend_ids",
	    "{\"items\":{\"type\":\"string\",\"format\":\"uuid\"}}" },
	{ "ReservationInput", "hours", "{\"type\":\"array\"," NULL_TOO
	    ",\"items\":" REF("ReservationHoursInput") "}" },
	{ "Reservation", "hours", LIST(REF("ReservationHours")) },
	{ "MeetingInput", "meeting.CreateTime", MS },
	{ "MeetingInput", "meeting.StartTime", MS },
	{ "MeetingInput", "meeting.EndTime", MS },
	{ "MeetingInput", "meeting.Duration", COUNT },
	{ "MeetingInput", "meeting.ParticipantCount", COUNT },
	{ "MeetingInput", "meeting.ListenerCount", COUNT },
	{ "MeetingInput", "meeting.VoiceParticipantCount", COUNT },
	{ "MeetingInput", "meeting.VideoCount", COUNT },
	{ "MeetingInput", "meeting.MaxUsers", COUNT },
	{ "MeetingInput", "meeting.ModeratorCount", COUNT },
	{ "MeetingInput", "meeting.Metadata", "{\"additionalProperties\":"
	    "{\"type\":\"string\"," NULL_TOO "}}" },
	{ "MeetingInput", "meeting.Attendees", "{\"type\":\"array\"," NULL_TOO
	    ",\"items\":" REF("AttendeeInput") "}" },
	{ "Meeting", "meeting.Metadata",
	    "{\"additionalProperties\":{\"type\":\"string\"}}" },
	{ "Meeting", "meeting.Attendees", LIST(REF("Attendee")) },
	{ "Meeting", "state", "{\"enum\":[\"placed\",\"living\"]}" },
	{ "Command", "state", COMMAND_STATES },
	{ "CommandInput", "action", "{\"enum\":[\"drain\","
	    "\"end_all_meetings\",\"update_node_state\"]}" },
	{ "Callback", "state", CALLBACK_STATES },
	{ "RotationInput", "secret", NOT_BLANK },
	{ "RotationInput", "valid_for",
	    "{\"minimum\":0,\"maximum\":31622400}" },
	/* Not bodies, which may be null. */
	{ "AttendeeInput", "", NOT_NULL },
	{ "BatchInput", "", NOT_NULL },
	{ "ReservationHoursInput", "", "{\"nullable\":false,\"required\":"
	    "[\"weekday\",\"starts\",\"ends\"]}" },
	{ "ReservationHoursInput", "weekday",
	    "{\"minimum\":1,\"maximum\":7}" },
	{ "ReservationHoursInput", "starts", HOUR },
	{ "ReservationHoursInput", "ends", HOUR },
};

/* What must be there although the schema is one for changes, too. */
static const struct {
	enum http_method	 method;
	const char		*path;
	const char		*json;
} musts[] = {
	{ HTTP_POST, "/frontends", HAS("bbb", "{\"type\":\"object\","
	    "\"required\":[\"key\",\"secret\"],\"properties\":{\"key\":"
	    STRING ",\"secret\":" STRING "}}") },
	{ HTTP_POST, "/backends", HAS("bbb", "{\"type\":\"object\","
	    "\"required\":[\"host\",\"secret\"],\"properties\":{\"host\":"
	    STRING ",\"secret\":" STRING "}}") },
	{ HTTP_POST, "/reservations", "{\"type\":\"object\",\"oneOf\":["
	    HAS("backend_id", STRING) "," HAS("tag", STRING) "]}" },
	{ HTTP_POST, "/commands", "{\"type\":\"object\",\"allOf\":["
	    HAS("action", STRING) ","
	    HAS("params", HAS("backend_id", STRING)) "]}" },
	{ HTTP_PUT, "/frontends/{id}/settings/{name}", HAS("value", "{}") },
};

/* Our own text. */
static json_t *
parse(const char *text)
{
	json_t	*j = json_loads(text, 0, NULL);

	assert(j != NULL);
	return j;
}

void
api_hint(json_t *schema, const char *where, const char *name)
{
	json_t	*more;
	size_t	 i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(hints[i].where, where) == 0 &&
		    strcmp(hints[i].name, name) == 0) {
			more = parse(hints[i].json);
			json_object_update(schema, more);
			json_decref(more);
		}
}

json_t *
api_must(const struct api_route *r)
{
	size_t	i;

	for (i = 0; i < sizeof(musts) / sizeof(musts[0]); i++)
		if (musts[i].method == r->method &&
		    strcmp(musts[i].path, r->path) == 0)
			return parse(musts[i].json);
	return NULL;
}
