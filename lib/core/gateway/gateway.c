/*
 * The table of calls, the table of stages, and one call run through both.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/gateway.h"
#include "core/gateway/answers.h"
#include "core/gateway/chain.h"
#include "core/gateway/params.h"
#include "core/gateway/reply.h"
#include "core/gateway/stages.h"
#include "core/wait.h"
#include "store/backend.h"
#include "store/meeting.h"

#define STATE	(CALL_MEETING | CALL_STATE)
#define FORWARD	(CALL_MEETING | CALL_SENT | CALL_DOCUMENT)

/*
 * Names are case-sensitive, as BBB's are.  Those of state are answered here;
 * only those of CALL_SENT wait for a BBB server, join apart.
 */
static const struct call_def calls[] = {
	{ "",			CALL_OPEN | CALL_STATE,	answer_index },
	{ "create",		CALL_MEETING | CALL_NEW | CALL_SENT |
				CALL_DOCUMENT,		answer_create },
	{ "join",		STATE | CALL_SENT | CALL_BROWSER, answer_join },
	{ "isMeetingRunning",	STATE,			answer_running },
	{ "getMeetingInfo",	STATE,			answer_info },
	{ "getMeetings",	CALL_STATE,		answer_list },
	{ "getSessions",	CALL_STATE,		answer_sessions },
	{ "end",		CALL_MEETING | CALL_SENT, answer_end },
	{ "insertDocument",	FORWARD,		answer_forward },
	{ "sendChatMessage",	CALL_MEETING | CALL_SENT, answer_forward },
	{ "getRecordings",	CALL_STATE,		answer_recordings },
	{ "publishRecordings",	CALL_STATE,	answer_recordings_change },
	{ "deleteRecordings",	CALL_STATE,	answer_recordings_change },
	{ "updateRecordings",	CALL_STATE,	answer_recordings_change },
	{ "getRecordingTextTracks", CALL_STATE,		answer_tracks },
	{ "putRecordingTextTrack", CALL_STATE,		answer_track_put },
	/* by session token: between a browser and its server (6.11) */
	{ "getJoinUrl",		CALL_OPEN | CALL_STATE,	answer_unsupported },
	{ "learningDashboard",	CALL_OPEN | CALL_STATE,	answer_unsupported },
	{ "stuns",		CALL_OPEN | CALL_STATE,	answer_unsupported },
	{ "signOut",		CALL_OPEN | CALL_STATE,	answer_unsupported },
	{ "guestWait",		CALL_OPEN | CALL_STATE,	answer_unsupported },
	{ "feedback",		CALL_OPEN | CALL_STATE,	answer_unsupported },
	{ "enter",		CALL_OPEN | CALL_STATE,	answer_unsupported },
	/* of BBB 2.2 (6.12) */
	{ "getDefaultConfigXML", CALL_OPEN | CALL_STATE, answer_unsupported },
	{ "setConfigXML",	CALL_OPEN | CALL_STATE,	answer_unsupported },
	{ "setPollXML",		CALL_OPEN | CALL_STATE,	answer_unsupported },
	/* not yet */
	{ "hooks/create",	CALL_STATE,		answer_unsupported },
	{ "hooks/list",		CALL_STATE,		answer_unsupported },
	{ "hooks/destroy",	CALL_STATE,		answer_unsupported },
	{ "hooks/ping",		CALL_OPEN | CALL_STATE,	answer_unsupported },
};

/* Calls that BBB may learn one day: they go to the meeting that they name. */
static const struct call_def later = {
	"", FORWARD, answer_forward
};

/*
 * The order is BBB's: a wrong checksum hides all other faults, and the first
 * fault of a parameter is told before the meeting's limits are looked at.
 * What asks a server stands last, so that all that can be refused is.
 */
static const struct stage stages[] = {
	{ "frontend",	  0,		 frontend_find,	  NULL },
	{ "checksum",	  0,		 checksum_check,  NULL },
	{ "meeting id",	  CALL_MEETING,	 meeting_find,	  meeting_put_back },
	{ "rules",	  0,		 params_check,	  NULL },
	{ "limits",	  CALL_MEETING,	 limits_check,	  NULL },
	{ "parameters",	  CALL_SENT,	 params_default,  NULL },
	{ "presentation", CALL_DOCUMENT, document_choose, NULL },
	{ "call",	  0,		 call_answer,	  NULL },
};

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))
#define NAME_MAX_LEN	64

const struct call_def *
call_find(const char *name)
{
	size_t	i, len;

	for (i = 0; i < NELEM(calls); i++)
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	/* Anything else would get into a URL as it is. */
	len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (len > 0 && len <= NAME_MAX_LEN && name[len] == '\0')
		return &later;
	return NULL;
}

enum verdict
call_answer(struct call *c, struct err *e)
{
	return c->def->answer(c, e);
}

static bool
method_ok(const struct http_req *req)
{
	return req->method == HTTP_GET || req->method == HTTP_HEAD ||
	    req->method == HTTP_POST;
}

static enum verdict
call_run(struct call *c, struct err *e)
{
	if (call_open(c, e) != GO_ON)
		return FAILED;
	c->def = call_find(c->name);
	if (c->def == NULL || !method_ok(c->req)) {
		err_key(e, ERR_INPUT, "unsupportedRequest",
		    "This request is not supported.");
		return FAILED;
	}
	return chain_run(stages, NELEM(stages), c, e);
}

/*
 * A waiting page's address stands for the join that it carries: the request
 * becomes that join.  Nothing but a join may be asked for in this way.
 */
static enum verdict
wait_unpack(struct call *c, struct err *e)
{
	char	*url, *mark, *path;

	if (wait_parse(c->a, c->req->path, &c->wait, e) == -1)
		return FAILED;
	url = arena_strdup(c->a, c->wait.url);
	mark = strchr(url, '?');
	if (mark != NULL)
		*mark++ = '\0';
	if (url_path(c->a, url, &path, e) == -1)
		return FAILED;
	c->req->path = path;
	c->req->raw_query = mark == NULL ? "" : mark;
	c->req->raw_query_len = strlen(c->req->raw_query);
	if (str_starts(path, WAIT_PREFIX) || strlen(path) < 5 ||
	    strcmp(path + strlen(path) - 5, "/join") != 0) {
		err_set(e, ERR_INPUT, "not the address of a waiting page");
		return FAILED;
	}
	return GO_ON;
}

bool
gateway_takes(const char *path)
{
	return str_starts(path, "/bbb/") ||
	    str_starts(path, "/bigbluebutton") ||
	    str_starts(path, WAIT_PREFIX);
}

struct call *
gateway_handle(struct worker *w, struct http_req *req,
    struct http_reply *reply, struct gateway_log *log)
{
	struct err	 e = ERR_INIT;
	struct call	*c;
	enum verdict	 v = GO_ON;

	c = arena_zalloc(req->arena, 1, sizeof(*c));
	c->w = w;
	c->req = req;
	c->reply = reply;
	c->a = req->arena;
	c->log = log;
	c->name = "";
	/* Counts from here for all tries on all servers. */
	c->deadline = clock_mono_ms() + w->conf->create_timeout;
	if (str_starts(req->path, WAIT_PREFIX))
		v = wait_unpack(c, &e);
	if (v == GO_ON)
		v = call_run(c, &e);
	if (v == FAILED)
		reply_error(c, &e);
	return c;
}

/* Another server took what they stumbled over: it is they who are broken. */
static void
blame_stumbled(const struct call *c)
{
	struct err	e = ERR_INIT;
	size_t		i;

	for (i = 0; i < c->nstumbled; i++)
		if (backend_call_failed(c->w->db, c->stumbled[i],
		    "HTTP status 500", &e) == -1)
			log_warnx("record a failure: %s", e.text);
}

void
gateway_after(struct call *c)
{
	struct err	e = ERR_INIT;

	if (c->announce != 0) {
		if (meeting_announce(c->w->db, c->announce, &e) == -1)
			log_warnx("announce meeting: %s", e.text);
		blame_stumbled(c);
	}
	call_close(c);
}
