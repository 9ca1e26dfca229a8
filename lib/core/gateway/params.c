/*
 * BBB's rules for the parameters of each call, and which failure it reports.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/gateway/answers.h"
#include "core/gateway/params.h"
#include "proto/bbb.h"

enum test {
	T_TYPE,			/* the body's Content-Type is a known one */
	T_THERE,		/* the parameter is given */
	T_FILLED,		/* absent, or not empty */
	T_LENGTH,		/* absent, or of min to max UTF-16 units */
	T_NO_COMMA,
	T_CLEAN,		/* given, UTF-8, no controls, no outer blanks */
	T_PASSWORD,		/* absent, empty, or of min to max units */
	T_INTEGER,		/* absent, empty, or a 64-bit integer */
	T_BOOLEAN,
	T_URL,
	T_FOUND			/* the meeting exists */
};

/*
 * bbb-api 4.1: if several rules broke, the first key of this list wins.  It
 * is the order of the server's hash table, which frontends have adapted to.
 */
static const char *const key_order[] = {
	"unsupportedContentType", "emptyError", "missingParamFullName",
	"meetingForciblyEnded", "invalidPassword", "notFound", "sizeError",
	"validationError", "nullError", "missingParamMeetingID", NULL
};

struct rule {
	const char	*call;
	const char	*param;
	enum test	 test;
	int		 min, max;
	const char	*key;
	const char	*message;
};

#define NO_ID		"You must provide a meeting ID"
#define ID_SIZE		"Meeting ID must be between 2 and 256 characters"
#define ID_COMMA	"Meeting ID cannot contain ','"
#define NO_SUCH		"A meeting with that ID does not exist"
#define BAD_PASSWORD	"Invalid password"
#define NO_NAME		"You must provide a meeting name"
#define NAME_SIZE	"Meeting name must be between 2 and 256 characters"
#define NO_MESSAGE	"You must provide the param message"

/* The rules that every call with a meetingID shares. */
#define ID_RULES(call)							\
	{ call, "meetingID", T_FILLED, 0, 0, "missingParamMeetingID", NO_ID }, \
	{ call, "meetingID", T_LENGTH, 2, 256, "sizeError", ID_SIZE },	\
	{ call, "meetingID", T_NO_COMMA, 0, 0, "validationError", ID_COMMA }

static const struct rule rules[] = {
	ID_RULES("create"),
	{ "create", "meetingID", T_CLEAN, 0, 0, "validationError",
	    "Invalid meeting ID" },
	{ "create", "name", T_THERE, 0, 0, "nullError", NO_NAME },
	{ "create", "name", T_FILLED, 0, 0, "emptyError", NO_NAME },
	{ "create", "name", T_LENGTH, 2, 256, "sizeError", NAME_SIZE },
	{ "create", "attendeePW", T_PASSWORD, 2, 64, "invalidPassword",
	    BAD_PASSWORD },
	{ "create", "moderatorPW", T_PASSWORD, 2, 64, "invalidPassword",
	    BAD_PASSWORD },
	{ "create", "voiceBridge", T_INTEGER, 0, 0, "validationError",
	    "Voice bridge must be an integral value" },
	{ "create", "record", T_BOOLEAN, 0, 0, "validationError",
	    "Record must be a boolean value (true or false)" },
	{ "create", "isBreakoutRoom", T_BOOLEAN, 0, 0, "validationError",
	    "You must provide a boolean value (true or false) for the "
	    "breakout room" },
	{ "create", "presentationUploadExternalUrl", T_URL, 0, 0,
	    "validationError",
	    "Param 'presentationUploadExternalUrl' is not a valid URL" },

	ID_RULES("join"),
	{ "join", "meetingID", T_FOUND, 0, 0, "meetingForciblyEnded",
	    "You can not join a meeting that has already been forcibly "
	    "ended" },
	{ "join", "fullName", T_THERE, 0, 0, "missingParamFullName",
	    "You must provide your name" },
	{ "join", "fullName", T_FILLED, 0, 0, "missingParamFullName",
	    "You must provide your name" },
	{ "join", "password", T_PASSWORD, 2, 64, "invalidPassword",
	    BAD_PASSWORD },
	{ "join", "createTime", T_INTEGER, 0, 0, "validationError",
	    "Value must be an integral number" },
	{ "join", "guest", T_BOOLEAN, 0, 0, "validationError",
	    "Guest must be a boolean value (true or false)" },
	{ "join", "auth", T_BOOLEAN, 0, 0, "validationError",
	    "Auth must be a boolean value (true or false)" },

	/* absent: BBB fails with a page; here the call gets its key (4.1) */
	{ "isMeetingRunning", "meetingID", T_THERE, 0, 0,
	    "missingParamMeetingID", NO_ID },
	ID_RULES("isMeetingRunning"),

	ID_RULES("end"),
	{ "end", "meetingID", T_FOUND, 0, 0, "notFound", NO_SUCH },
	{ "end", "password", T_PASSWORD, 2, 64, "invalidPassword",
	    BAD_PASSWORD },

	ID_RULES("getMeetingInfo"),
	{ "getMeetingInfo", "meetingID", T_FOUND, 0, 0, "notFound", NO_SUCH },

	{ "insertDocument", "meetingID", T_THERE, 0, 0,
	    "missingParamMeetingID", NO_ID },
	ID_RULES("insertDocument"),

	{ "sendChatMessage", "meetingID", T_THERE, 0, 0,
	    "missingParamMeetingID", NO_ID },
	ID_RULES("sendChatMessage"),
	{ "sendChatMessage", "message", T_THERE, 0, 0, "nullError",
	    NO_MESSAGE },
	{ "sendChatMessage", "message", T_LENGTH, 1, 500, "sizeError",
	    "Param message must be between 1 and 500 characters" },
	{ "sendChatMessage", "userName", T_LENGTH, 0, 255, "sizeError",
	    "Param userName must not exceed 255 characters" },

	/* calls of a later BBB: known by the meeting that they name */
	{ "", "meetingID", T_FOUND, 0, 0, "notFound", NO_SUCH },

	{ NULL, "", T_TYPE, 0, 0, "unsupportedContentType",
	    "POST request Content-Type is missing or unsupported" },
};

/* Control characters and outer blanks do not count in the checks (4.1). */
static struct view
checked_text(struct arena *a, const struct param *p)
{
	struct view	v;
	char		*copy;
	size_t		 i, n = 0;

	copy = arena_alloc(a, p->value_len + 1);
	for (i = 0; i < p->value_len; i++) {
		unsigned char	b = p->value[i];
		bool		c1 = b == 0xc2 && i + 1 < p->value_len &&
				    (unsigned char)p->value[i + 1] >= 0x80 &&
				    (unsigned char)p->value[i + 1] < 0xa0;

		if (c1)
			i++;
		else if (b >= 0x20 && b != 0x7f)
			copy[n++] = b;
	}
	copy[n] = '\0';
	v = str_trim((struct view){ copy, n });
	copy[v.p - copy + v.len] = '\0';
	return v;
}

/* bbb-api 3.2, the rule of 2.6.18 and later; case and parameters ignored. */
static bool
type_known(const struct call *c)
{
	const char	*type;
	bool		 xml;

	if (c->req->content_length <= 0 || c->req->method != HTTP_POST)
		return true;
	type = http_media_type(c->a, c->req->content_type);
	xml = strcmp(type, "application/xml") == 0 ||
	    strcmp(type, "text/xml") == 0;
	if (strcmp(c->name, "insertDocument") == 0)
		return xml;
	return strcmp(type, "application/x-www-form-urlencoded") == 0 ||
	    strcmp(type, "multipart/form-data") == 0 ||
	    (xml && (c->def->flags & CALL_DOCUMENT) != 0);
}

/* In UTF-16 units, since BBB counts in Java's characters. */
static bool
length_ok(const struct rule *r, struct view v)
{
	size_t	len = str_utf16_len(v.p, v.len);

	return len >= (size_t)r->min && len <= (size_t)r->max;
}

static bool
keeps(const struct call *c, const struct rule *r)
{
	const struct param	*p;
	struct view		 v = { "", 0 };
	long long		 n;

	p = r->param[0] == '\0' ? NULL : query_find(&c->query, r->param);
	if (p != NULL)
		v = checked_text(c->a, p);
	switch (r->test) {
	case T_TYPE:
		return type_known(c);
	case T_FOUND:
		return c->found;
	case T_THERE:
		return p != NULL;
	case T_CLEAN:
		return p != NULL && v.len == p->value_len &&
		    str_utf8_valid(v.p, v.len);
	case T_FILLED:
		return p == NULL || v.len > 0;
	case T_LENGTH:
		return p == NULL || length_ok(r, v);
	case T_NO_COMMA:
		return memchr(v.p, ',', v.len) == NULL;
	case T_PASSWORD:
		return v.len == 0 || length_ok(r, v);
	case T_INTEGER:
		return v.len == 0 || str_to_ll(v.p, &n) == 0;
	case T_BOOLEAN:
		return bbb_is_boolean(v.p);
	case T_URL:
		return v.len == 0 || url_is_http(v.p);
	}
	return false;
}

/* Keys that are not in the list come last. */
static int
key_rank(const char *key)
{
	int	i;

	for (i = 0; key_order[i] != NULL; i++)
		if (strcmp(key_order[i], key) == 0)
			break;
	return i;
}

/*
 * All rules are looked at, not the first that is broken: which fault is told
 * is a matter of the keys' rank.
 */
enum verdict
params_check(struct call *c, struct err *e)
{
	const struct rule	*r, *broken = NULL;
	size_t			 i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		r = &rules[i];
		/* NULL is a rule of every call. */
		if (r->call != NULL && strcmp(r->call, c->def->name) != 0)
			continue;
		if (r->call == NULL && call_is_recordings(c))
			continue;
		if (r->call != NULL && r->call[0] == '\0' &&
		    (c->def->flags & CALL_MEETING) == 0)
			continue;	/* the index has no name either */
		if ((broken == NULL ||
		    key_rank(r->key) < key_rank(broken->key)) && !keeps(c, r))
			broken = r;
	}
	if (broken == NULL)
		return GO_ON;
	c->log->reason = broken->param;
	if (c->def->flags & CALL_BROWSER)
		return join_refused(c, broken->key, broken->message);
	err_key(e, ERR_INPUT, broken->key, "%s", broken->message);
	return FAILED;
}
