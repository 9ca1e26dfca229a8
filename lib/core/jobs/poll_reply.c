/*
 * Alive with a list, alive without one, or failed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "core/jobs/poll_reply.h"
#include "proto/bbb.h"

static void
say(struct poll_reply *r, enum poll_said said, const char *error)
{
	r->said = said;
	r->error = error;
}

static bool
begins(struct view v, const char *s)
{
	return v.len >= strlen(s) && memcmp(v.p, s, strlen(s)) == 0;
}

static bool
ends(struct view v, const char *s)
{
	size_t	len = strlen(s);

	return v.len >= len && memcmp(v.p + v.len - len, s, len) == 0;
}

/*
 * It is no well-formed reply.  BBB prints whatever a join link named as an
 * element (bbb-api 2.3), so what has BBB's first and last words counts as
 * alive; without the last it was cut off on its way.
 */
static void
ill_formed(struct arena *a, struct view body, const struct err *why,
    struct poll_reply *r)
{
	static const char	success[] = "<returncode>SUCCESS</returncode>";

	body = str_trim(body);
	if (!begins(body, "<response>"))
		say(r, POLL_SAID_FAILURE, arena_printf(a,
		    "not an answer of BBB: %s", why->text));
	else if (!ends(body, "</response>"))
		say(r, POLL_SAID_FAILURE, "the answer is cut off");
	else if (memmem(body.p, body.len, success, strlen(success)) == NULL)
		say(r, POLL_SAID_FAILURE, arena_printf(a,
		    "not an answer of BBB: %s", why->text));
	else
		say(r, POLL_SAID_NONSENSE, arena_printf(a,
		    "ill-formed getMeetings: %s", why->text));
}

/*
 * A meeting without its internal id cannot be told from another: then none of
 * the list is believed.
 */
static void
list_read(struct arena *a, const struct xml_node *list, struct poll_reply *r)
{
	const struct xml_node	*node;
	size_t			 n = 0;

	for (node = list->child; node != NULL; node = node->next)
		n += strcmp(node->name, "meeting") == 0;
	r->meetings = arena_zalloc(a, n, sizeof(*r->meetings));
	for (node = list->child; node != NULL; node = node->next) {
		if (strcmp(node->name, "meeting") != 0)
			continue;
		bbb_meeting_read(a, node, &r->meetings[r->n]);
		if (r->meetings[r->n++].internal_id[0] == '\0') {
			say(r, POLL_SAID_NONSENSE,
			    "getMeetings: a meeting without internalMeetingID");
			return;
		}
	}
}

/*
 * FAILED to a getMeetings that is signed right means that the server, or its
 * secret, is at fault.
 */
void
poll_body_read(struct arena *a, struct view body, struct poll_reply *r)
{
	struct bbb_reply	 b;
	struct xml_node		*list;
	struct err		 e = ERR_INIT;

	memset(r, 0, sizeof(*r));
	if (bbb_reply_read(a, body, &b, &e) == -1)
		ill_formed(a, body, &e, r);
	else if (!b.success)
		say(r, POLL_SAID_FAILURE, arena_printf(a, "getMeetings: %s: %s",
		    b.key[0] != '\0' ? b.key : "FAILED", b.message));
	else if ((list = xml_child(b.root, "meetings")) == NULL)
		say(r, POLL_SAID_NONSENSE, "getMeetings: no list of meetings");
	else
		list_read(a, list, r);
}

void
poll_reply_read(struct arena *a, const struct client_res *res,
    struct poll_reply *r)
{
	struct view	body = { buf_str(&res->body), res->body.len };

	memset(r, 0, sizeof(*r));
	if (res->outcome != CLIENT_OK)
		say(r, POLL_SAID_FAILURE, arena_strdup(a, res->error));
	else if (res->status != 200)
		say(r, POLL_SAID_FAILURE, arena_printf(a, "HTTP status %d",
		    res->status));
	else
		poll_body_read(a, body, r);
}
