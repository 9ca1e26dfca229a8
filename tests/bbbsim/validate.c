/*
 * BBB's rules for a request and its choice of the one error to report.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "server.h"
#include "text.h"
#include "validate.h"

/*
 * Ordered as the server's hash table hands them out: of several broken
 * rules the one with the first key is reported.
 */
enum rule_key {
	KEY_CHECKSUM,		/* before all others, see validate() */
	KEY_CONTENT_TYPE,
	KEY_EMPTY,
	KEY_FULL_NAME,
	KEY_ENDED,
	KEY_PASSWORD,
	KEY_MEETING,
	KEY_NOT_FOUND,
	KEY_SIZE,
	KEY_VALIDATION,
	KEY_NULL,
	KEY_MEETING_ID,
	KEY__MAX
};

static const char *const key_names[KEY__MAX] = {
	[KEY_CHECKSUM]		= "checksumError",
	[KEY_CONTENT_TYPE]	= "unsupportedContentType",
	[KEY_EMPTY]		= "emptyError",
	[KEY_FULL_NAME]		= "missingParamFullName",
	[KEY_ENDED]		= "meetingForciblyEnded",
	[KEY_PASSWORD]		= "invalidPassword",
	[KEY_MEETING]		= "invalidMeetingIdentifier",
	[KEY_NOT_FOUND]		= "notFound",
	[KEY_SIZE]		= "sizeError",
	[KEY_VALIDATION]	= "validationError",
	[KEY_NULL]		= "nullError",
	[KEY_MEETING_ID]	= "missingParamMeetingID",
};

/* A value under test: NULL if absent, else without controls and blanks. */
struct subject {
	const struct request	*request;
	const char		*raw;
	const char		*value;
};

struct rule {
	unsigned	 calls;			/* IN(CALL_...) */
	const char	*param;			/* NULL: the whole request */
	bool		(*holds)(const struct subject *);
	enum rule_key	 key;
	unsigned	 series;		/* only there; 0: in all */
	const char	*message;
};

#define IN(call)	(1u << (call))
#define WITH_MEETING	(IN(CALL_CREATE) | IN(CALL_JOIN) |		\
	IN(CALL_IS_MEETING_RUNNING) | IN(CALL_END) |			\
	IN(CALL_GET_MEETING_INFO) | IN(CALL_INSERT_DOCUMENT) |		\
	IN(CALL_SEND_CHAT_MESSAGE))
#define VALIDATED	(WITH_MEETING | IN(CALL_GET_MEETINGS) |		\
	IN(CALL_GET_SESSIONS))

static bool
is_there(const struct subject *s)
{
	return s->value != NULL;
}

static bool
is_not_empty(const struct subject *s)
{
	return s->value == NULL || *s->value != '\0';
}

static bool
is_there_and_not_empty(const struct subject *s)
{
	return s->value != NULL && *s->value != '\0';
}

static bool
has_length(const struct subject *s, size_t min, size_t max)
{
	size_t	len;

	if (s->value == NULL)
		return true;
	len = text_utf16_len(s->value);
	return len >= min && len <= max;
}

static bool
is_2_to_256(const struct subject *s)
{
	return has_length(s, 2, 256);
}

static bool
is_1_to_500(const struct subject *s)
{
	return has_length(s, 1, 500);
}

static bool
is_up_to_255(const struct subject *s)
{
	return has_length(s, 0, 255);
}

static bool
is_password(const struct subject *s)
{
	return has_length(s, 0, 0) || has_length(s, 2, 64);
}

static bool
has_no_comma(const struct subject *s)
{
	return s->value == NULL || strchr(s->value, ',') == NULL;
}

/* Cleaning had nothing to do. */
static bool
is_a_clean_id(const struct subject *s)
{
	return s->raw != NULL && strcmp(s->raw, s->value) == 0;
}

static bool
is_boolean(const struct subject *s)
{
	return s->value == NULL || text_is_boolean(s->value);
}

static bool
is_integer(const struct subject *s)
{
	return s->value == NULL || *s->value == '\0' ||
	    text_is_integer(s->value);
}

static const struct meeting *
meeting_of(const struct subject *s)
{
	return s->value == NULL ? NULL :
	    meeting_find(s->request->server->meetings, s->value);
}

static bool
exists(const struct subject *s)
{
	return meeting_of(s) != NULL;
}

static bool
exists_and_lives(const struct subject *s)
{
	const struct meeting	*m = meeting_of(s);

	return m != NULL && !m->ending;
}

/* 2.4: the password of join tells the role, that of end is checked. */
static bool
is_a_password_of_it(const struct subject *s)
{
	const char		*id = request_param(s->request, "meetingID");
	const struct meeting	*m;

	if (s->value == NULL || id == NULL)
		return true;
	m = meeting_find(s->request->server->meetings, id);
	if (m == NULL || strcmp(s->value, m->moderator_pw) == 0)
		return true;
	return s->request->call->id == CALL_JOIN &&
	    strcmp(s->value, m->attendee_pw) == 0;
}

/* Only a body whose length was announced is looked at. */
static bool
has_supported_type(const struct subject *s)
{
	const struct request	*r = s->request;
	const char		*len = request_header(r, "Content-Length");

	if (len == NULL || text_number(len, 0) <= 0)
		return true;
	if ((r->call->types & TYPE_IS_XML) &&
	    (request_has_type(r, "application/xml") ||
	    request_has_type(r, "text/xml")))
		return true;
	return (r->call->types & TYPE_IS_FORM) &&
	    (request_has_type(r, "application/x-www-form-urlencoded") ||
	    request_has_type(r, "multipart/form-data"));
}

static const struct rule rules[] = {
	{ VALIDATED, NULL, has_supported_type, KEY_CONTENT_TYPE, SERIES_3_0,
	    "POST request Content-Type is missing or unsupported" },
	{ WITH_MEETING, "meetingID", is_not_empty, KEY_MEETING_ID, 0,
	    "You must provide a meeting ID" },
	{ WITH_MEETING, "meetingID", is_2_to_256, KEY_SIZE, 0,
	    "Meeting ID must be between 2 and 256 characters" },
	{ WITH_MEETING, "meetingID", has_no_comma, KEY_VALIDATION, 0,
	    "Meeting ID cannot contain ','" },
	{ IN(CALL_CREATE), "meetingID", is_a_clean_id, KEY_VALIDATION,
	    SERIES_3_0, "Invalid meeting ID" },
	{ IN(CALL_END) | IN(CALL_GET_MEETING_INFO), "meetingID", exists,
	    KEY_NOT_FOUND, 0, "A meeting with that ID does not exist" },
	{ IN(CALL_JOIN), "meetingID", exists, KEY_MEETING, 0,
	    "A meeting with that ID does not exist" },
	{ IN(CALL_JOIN), "meetingID", exists_and_lives, KEY_ENDED, 0,
	    "You can not join a meeting that has already been forcibly ended" },
	{ IN(CALL_CREATE), "name", is_there, KEY_NULL, 0,
	    "You must provide a meeting name" },
	{ IN(CALL_CREATE), "name", is_not_empty, KEY_EMPTY, 0,
	    "You must provide a meeting name" },
	{ IN(CALL_CREATE), "name", is_2_to_256, KEY_SIZE, 0,
	    "Meeting name must be between 2 and 256 characters" },
	{ IN(CALL_CREATE), "attendeePW", is_password, KEY_PASSWORD, 0,
	    "Invalid password" },
	{ IN(CALL_CREATE), "moderatorPW", is_password, KEY_PASSWORD, 0,
	    "Invalid password" },
	{ IN(CALL_JOIN) | IN(CALL_END), "password", is_password, KEY_PASSWORD,
	    0, "Invalid password" },
	{ IN(CALL_CREATE), "voiceBridge", is_integer, KEY_VALIDATION, 0,
	    "Voice bridge must be an integral value" },
	{ IN(CALL_CREATE), "isBreakoutRoom", is_boolean, KEY_VALIDATION, 0,
	    "You must provide a boolean value (true or false) for the "
	    "breakout room" },
	{ IN(CALL_CREATE), "record", is_boolean, KEY_VALIDATION, 0,
	    "Record must be a boolean value (true or false)" },
	{ IN(CALL_JOIN), "guest", is_boolean, KEY_VALIDATION, 0,
	    "Guest must be a boolean value (true or false)" },
	{ IN(CALL_JOIN), "auth", is_boolean, KEY_VALIDATION, 0,
	    "Auth must be a boolean value (true or false)" },
	{ IN(CALL_JOIN), "createTime", is_integer, KEY_VALIDATION, 0,
	    "Value must be an integral number" },
	{ IN(CALL_JOIN), "fullName", is_not_empty, KEY_FULL_NAME, 0,
	    "You must provide your name" },
	{ IN(CALL_SEND_CHAT_MESSAGE), "message", is_there, KEY_NULL, 0,
	    "You must provide the param message" },
	{ IN(CALL_SEND_CHAT_MESSAGE), "message", is_1_to_500, KEY_SIZE, 0,
	    "Param message must be between 1 and 500 characters" },
	{ IN(CALL_SEND_CHAT_MESSAGE), "userName", is_up_to_255, KEY_SIZE, 0,
	    "Param userName must not exceed 255 characters" },
	{ IN(CALL_JOIN), "password", is_there_and_not_empty, KEY_PASSWORD,
	    SERIES_2_4,
	    "You must provide either the moderator or attendee password" },
	{ IN(CALL_JOIN), "password", is_a_password_of_it, KEY_PASSWORD,
	    SERIES_2_4, "The provided password is neither a moderator or "
	    "attendee password" },
	{ IN(CALL_END), "password", is_there_and_not_empty, KEY_EMPTY,
	    SERIES_2_4, "You must provide the moderator password" },
	{ IN(CALL_END), "password", is_a_password_of_it, KEY_PASSWORD,
	    SERIES_2_4, "The supplied moderator password is incorrect" },
};

static bool
rule_holds(const struct rule *rule, const struct request *r,
    struct buf *scratch)
{
	struct subject	s = { .request = r };

	if (rule->param != NULL)
		s.raw = request_param(r, rule->param);
	if (s.raw != NULL)
		s.value = text_clean(s.raw, scratch);
	return rule->holds(&s);
}

static const struct rule *
first_broken(const struct request *r)
{
	const struct rule	*rule, *worst = NULL;
	struct buf		 scratch = { 0 };
	size_t			 i;

	for (i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		rule = &rules[i];
		if (!(rule->calls & IN(r->call->id)))
			continue;
		if (rule->series != 0 &&
		    rule->series != r->server->settings.series)
			continue;
		if (worst != NULL && rule->key >= worst->key)
			continue;
		if (!rule_holds(rule, r, &scratch))
			worst = rule;
	}
	buf_free(&scratch);
	return worst;
}

static bool
report(struct broken *b, enum rule_key key, const char *message)
{
	b->key = key_names[key];
	b->message = message;
	return true;
}

bool
validate(const struct request *r, struct broken *b)
{
	const struct rule	*rule;
	const char		*url;

	if (!(VALIDATED & IN(r->call->id)))
		return false;
	if (r->checksum == CHECKSUM_ABSENT)
		return report(b, KEY_CHECKSUM, "You must provide the checksum");
	if (r->checksum == CHECKSUM_WRONG)
		return report(b, KEY_CHECKSUM, "Checksums do not match");
	/* a mistake of 3.0: this parameter turns all other rules off */
	url = request_param(r, "presentationUploadExternalUrl");
	if (url != NULL && r->server->settings.series == SERIES_3_0)
		return text_is_url(url) ? false : report(b, KEY_VALIDATION,
		    "Param 'presentationUploadExternalUrl' is not a valid URL");
	if ((rule = first_broken(r)) == NULL)
		return false;
	return report(b, rule->key, rule->message);
}
