/*
 * Stage: what a frontend may have at once.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/gateway/answers.h"
#include "core/gateway/stages.h"

/*
 * The number of users changes all the time, so no replica holds it: a
 * frontend with a limit costs its joins one statement.  meetings_limit is
 * kept by place(), where two creates cannot pass it at once.
 */
enum verdict
limits_check(struct call *c, struct err *e)
{
	struct routes	routes;
	long long	limit = c->settings.attendees_limit;
	long long	users = c->route->users;

	if ((c->def->flags & CALL_BROWSER) == 0 || limit <= 0)
		return GO_ON;
	if (c->from_replica) {
		if (call_look(c, &routes, e) == -1)
			return FAILED;
		if (routes.n > 0)
			users = routes.v[0].users;
	}
	if (users < limit)
		return GO_ON;
	c->log->reason = "attendees_limit";
	return join_refused(c, "maxParticipantsReached", "The number of "
	    "participants allowed for this meeting has been reached.");
}
