/*
 * Stage: which frontends may have sent this call.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/gateway/stages.h"
#include "core/replica.h"

/*
 * From memory, if this worker has a replica: a state call loads it, others
 * use it where it is loaded.  The meeting may be a miss (asked of the
 * database later, once the caller is known); the frontend alone is enough to
 * check a signature without the database.
 */
static bool
from_replica(struct call *c)
{
	struct replica	*r = c->w->replica;
	bool		 state = (c->def->flags & CALL_STATE) != 0;

	if (r == NULL)
		return false;
	if (!replica_usable(r)) {
		if (!state)
			return false;
		replica_sync(r);
		if (!replica_usable(r))
			return false;
	}
	if (state && c->meeting_id != NULL && replica_route(r, c->key,
	    c->req->host, c->meeting_id, c->a, &c->routes))
		return true;
	return replica_route(r, c->key, c->req->host, NULL, c->a,
	    &c->routes);
}

/*
 * The id of the meeting if it could be one at all; what could not is not
 * worth a look (and libpq takes no NUL).
 */
static const char *
meeting_named(const struct call *c)
{
	const struct param	*p = query_find(&c->query, "meetingID");

	if ((c->def->flags & CALL_MEETING) == 0 || p == NULL ||
	    p->value_len == 0 || strlen(p->value) != p->value_len ||
	    !str_utf8_valid(p->value, p->value_len) ||
	    str_utf16_len(p->value, p->value_len) > 256)
		return NULL;
	return p->value;
}

enum verdict
frontend_find(struct call *c, struct err *e)
{
	struct route_query	q = { .key = c->key, .host = c->req->host };

	c->meeting_id = meeting_named(c);
	c->log->meeting = c->meeting_id;
	c->log->frontend = c->key;
	if (c->def->flags & CALL_OPEN && c->key == NULL)
		return GO_ON;	/* answered alike for all */
	c->from_replica = from_replica(c);
	if (c->from_replica)
		return GO_ON;
	q.meeting_id = c->meeting_id;
	q.placing = (c->def->flags & CALL_NEW) != 0;
	q.brief = !q.placing;
	if (route_lookup(c->w->db, &q, c->a, &c->routes, e) == -1)
		return FAILED;
	return GO_ON;
}
