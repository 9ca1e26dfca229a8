/*
 * join, and the page of the client behind it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "mem.h"
#include "random.h"
#include "server.h"
#include "text.h"
#include "user.h"
#include "xml.h"

#define COOKIE_LEN	32

struct join {
	struct request	*r;
	struct meeting	*m;
	bool		 moderator;
	bool		 waiting;
};

/* The first place a browser can be sent to. */
static const char *
error_target(const struct request *r)
{
	static const char *const names[] = { "errorRedirectUrl", "logoutURL" };
	const char	*v;
	size_t		 i;

	for (i = r->server->settings.series < SERIES_3_0 ? 1 : 0; i < 2; i++)
		if ((v = request_param(r, names[i])) != NULL && *v != '\0')
			return v;
	return r->server->origin;
}

void
api_join_redirect(struct request *r, const char *key, const char *message)
{
	struct buf	 b = { 0 };
	char		*text;
	json_t		*j;

	j = json_pack("[{s:s, s:s}]", "message", message, "key", key);
	text = json_dumps(j, JSON_COMPACT);
	buf_text(&b, error_target(r));
	buf_text(&b, strchr(b.data, '?') == NULL ? "?errors=" : "&errors=");
	text_encode(&b, text, "[]:,!'()*");
	reply_redirect_take(&r->reply, buf_take(&b));
	r->reply.returncode = "FAILED";
	(void)strcpy(r->reply.key, key);
	free(text);
	json_decref(j);
}

static bool
wants_xml(const struct request *r)
{
	const char	*v = request_param(r, "redirect");

	return v != NULL && strcasecmp(v, "false") == 0;
}

/* A failure after the validation goes where the request says. */
static void
refuse(struct request *r, const char *key, const char *message)
{
	if (wants_xml(r) && r->server->settings.series >= SERIES_3_0)
		reply_failed(&r->reply, key, message);
	else
		api_join_redirect(r, key, message);
}

/* A valid role beats the password; the message tells what was wrong. */
static const char *
find_role(struct join *j)
{
	const char	*role = request_param(j->r, "role");
	const char	*pw = request_param(j->r, "password");

	if (role != NULL && (strcasecmp(role, "MODERATOR") == 0 ||
	    strcasecmp(role, "VIEWER") == 0)) {
		j->moderator = strcasecmp(role, "MODERATOR") == 0;
		return NULL;
	}
	if (pw == NULL || *pw == '\0')
		return "You must either send the valid role of the user, or "
		    "the password, sould the meeting has one.";
	j->moderator = strcmp(pw, j->m->moderator_pw) == 0;
	if (j->moderator || strcmp(pw, j->m->attendee_pw) == 0)
		return NULL;
	return "You must enter a valid password";
}

/* True unless the meeting's policy refuses the user; may have to wait. */
static bool
pass_guest_policy(struct join *j)
{
	bool	guest = text_true(request_param(j->r, "guest"), false);
	bool	auth = text_true(request_param(j->r, "auth"),
	    request_param(j->r, "guest") == NULL);

	if (j->moderator)
		return true;
	switch (j->m->guest_policy) {
	case GUEST_ALWAYS_ACCEPT:
		break;
	case GUEST_ALWAYS_DENY:
		return false;
	case GUEST_ASK_MODERATOR:
		j->waiting = guest || auth;
		break;
	case GUEST_ALWAYS_ACCEPT_AUTH:
		j->waiting = guest;
		break;
	}
	return true;
}

/* Users, not sessions: who is in already may come once more. */
static bool
is_full(const struct join *j)
{
	const char	*user_id = request_param(j->r, "userID");

	if (j->m->max_users <= 0 ||
	    j->m->heads.user_ids < (size_t)j->m->max_users)
		return false;
	return user_id == NULL || user_find(j->m, user_id) == NULL;
}

static bool
create_time_agrees(const struct join *j)
{
	const char	*v = request_param(j->r, "createTime");

	return v == NULL || text_number(v, -1) == (long)j->m->create_ms;
}

/* userdata-<key>, where the key has no other "-". */
static void
read_customdata(struct params *to, const struct params *p)
{
	const char	*name;
	size_t		 i;

	for (i = 0; i < p->count; i++) {
		name = params_name(p, i);
		if (strncmp(name, "userdata-", 9) == 0 && name[9] != '\0' &&
		    strchr(name + 9, '-') == NULL &&
		    params_get(to, name + 9) == NULL)
			params_add(to, name + 9, params_value(p, i));
	}
}

static void
joined_xml(struct request *r, const struct user *u, const char *url)
{
	struct buf	*b = &r->reply.body;

	reply_begin(&r->reply);
	xml_text(b, "messageKey", "successfullyJoined");
	xml_text(b, "message", "You have joined successfully.");
	xml_text(b, "meeting_id", u->meeting->internal);
	xml_text(b, "user_id", u->internal);
	xml_text(b, "auth_token", u->auth_token);
	xml_text(b, "session_token", u->session);
	xml_text(b, "guestStatus", u->waiting ? "WAIT" : "ALLOW");
	xml_text(b, "url", url);
	reply_end(&r->reply);
	(void)strcpy(r->reply.key, "successfullyJoined");
}

static void
joined(struct request *r, const struct user *u)
{
	struct buf	b = { 0 };
	char		id[COOKIE_LEN + 1], *url;
	const char	*layout = request_param(r, "enforceLayout");

	buf_format(&b, "%s/html5client/%s?%ssessionToken=%s",
	    r->server->origin,
	    r->server->settings.series < SERIES_3_0 ? "join" : "",
	    layout != NULL && *layout != '\0' ? "waitLayout=1&" : "",
	    u->session);
	url = buf_take(&b);
	if (wants_xml(r)) {
		joined_xml(r, u, url);
		free(url);
	} else
		reply_redirect_take(&r->reply, url);
	random_text(id, COOKIE_LEN, RANDOM_HEX);
	buf_format(&b, "JSESSIONID=%s; Path=/bigbluebutton; HttpOnly", id);
	r->reply.cookie = buf_take(&b);
}

static void
let_in(struct join *j)
{
	struct params	 customdata = { .count = 0 };
	struct buf	 scratch = { 0 };
	struct user_spec spec = {
		.user_id = request_param(j->r, "userID"),
		.name = text_clean(request_param(j->r, "fullName"), &scratch),
		.moderator = j->moderator,
		.waiting = j->waiting,
		.customdata = &customdata,
	};

	read_customdata(&customdata, &j->r->params);
	joined(j->r, user_join(j->m, &spec));
	params_free(&customdata);
	buf_free(&scratch);
}

void
api_join(struct request *r)
{
	const char	*id = request_param(r, "meetingID"), *message;
	struct join	 j = { .r = r };

	if (id != NULL)
		j.m = meeting_find(r->server->meetings, id);
	if (j.m == NULL || request_param(r, "fullName") == NULL)
		reply_page(&r->reply, 500);
	else if (!create_time_agrees(&j))
		refuse(r, "mismatchCreateTimeParam", "The createTime parameter "
		    "submitted mismatches with the current meeting.");
	else if ((message = find_role(&j)) != NULL)
		reply_failed(&r->reply, "Params required", message);
	else if (is_full(&j))
		refuse(r, "maxParticipantsReached", "The number of "
		    "participants allowed for this meeting has been reached.");
	else if (!pass_guest_policy(&j))
		refuse(r, "guestDeniedAccess", "You have been denied access "
		    "to this meeting based on the meeting's guest policy");
	else
		let_in(&j);
}

/* Stands for the client: knows the session or does not. */
void
api_client(struct request *r)
{
	const char		*token = request_param(r, "sessionToken");
	const struct user	*u = NULL;

	if (token != NULL)
		u = table_get(r->server->meetings->sessions, token);
	if (u == NULL) {
		reply_page(&r->reply, 404);
		return;
	}
	reply_html(&r->reply, u->meeting->name, u->name);
}
