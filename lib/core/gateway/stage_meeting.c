/*
 * Stage: the meeting that a call names, under its id on the server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/gateway/reply.h"
#include "core/gateway/stages.h"
#include "core/replica.h"
#include "proto/bbb.h"
#include "proto/splice.h"

/* A replica's miss proves nothing: the database alone knows. */
static enum verdict
ask_database(struct call *c, struct err *e)
{
	struct routes	routes;

	if (call_look(c, &routes, e) == -1)
		return FAILED;
	if (routes.n == 0)	/* deleted this very moment */
		return GO_ON;
	c->routes = routes;
	c->route = &routes.v[0];
	c->log->frontend = c->route->fe.key;	/* memory's may go now */
	if (c->w->replica != NULL && c->route->has_meeting &&
	    c->route->meeting.state == MEETING_LIVING)
		replica_keep(c->w->replica, c->route);
	return GO_ON;
}

/*
 * Calls other than create take the full internal id as well (bbb-api 5).  A
 * meeting that no server has confirmed yet exists for its creators only.
 */
static bool
is_meant(const struct call *c)
{
	const struct meeting	*m = &c->route->meeting;

	if (!c->route->has_meeting)
		return false;
	if (c->def->flags & CALL_NEW)
		return strcmp(m->meeting_id, c->meeting_id) == 0;
	return m->state == MEETING_LIVING || (c->def->flags & CALL_BROWSER);
}

enum verdict
meeting_find(struct call *c, struct err *e)
{
	if (c->meeting_id == NULL)
		return GO_ON;
	if (c->from_replica && !c->route->has_meeting &&
	    ask_database(c, e) != GO_ON)
		return FAILED;
	c->found = is_meant(c);
	if (c->found) {
		c->sent = &c->route->meeting;
		c->log->backend = c->route->backend.host;
	}
	return GO_ON;
}

/* An id of ours that stands for one of this frontend's meetings. */
static const char *
id_back(struct arena *a, const char *text, void *ctx)
{
	const struct call	*c = ctx;
	char			*key, *id;

	if (c->sent != NULL &&
	    strcmp(text, c->sent->backend_meeting_id) == 0)
		return c->sent->meeting_id;
	if (bbb_meeting_id_decode(a, text, &key, &id) == 0 &&
	    strcmp(key, c->route->fe.key) == 0)
		return id;
	return NULL;
}

/* BBB puts the id into some of its messages: "Meeting with id [x] ...". */
static const char *
message_back(struct arena *a, const char *text, void *ctx)
{
	const struct call	*c = ctx;
	const char		*at, *id;

	if (c->sent == NULL)
		return NULL;
	id = c->sent->backend_meeting_id;
	if ((at = strstr(text, id)) == NULL)
		return NULL;
	return arena_printf(a, "%.*s%s%s", (int)(at - text), text,
	    c->sent->meeting_id, at + strlen(id));
}

static const struct splice_rule back[] = {
	{ "response/meetingID",			id_back },
	{ "response/meeting/meetingID",		id_back },
	{ "response/meetings/meeting/meetingID", id_back },
	{ "response/metadata/meetingId",	id_back },
	{ "response/message",			message_back },
};

/*
 * Only what a server said holds ids of ours; our own answers name the
 * frontend's.
 */
enum verdict
meeting_put_back(struct call *c, struct err *e)
{
	struct buf	edited = { 0 };
	struct view	xml;

	if (!c->foreign)
		return ANSWERED;
	xml = (struct view){ c->reply->body.data, c->reply->body.len };
	if (splice(c->a, xml, back, sizeof(back) / sizeof(back[0]), c,
	    &edited, e) == -1) {
		buf_free(&edited);
		return FAILED;
	}
	buf_free(&c->reply->body);
	c->reply->body = edited;
	return ANSWERED;
}
