/*
 * Runs a table of stages over one call.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/gateway/chain.h"

static bool
applies(const struct stage *s, const struct call *c)
{
	return s->flags == 0 || (c->def->flags & s->flags) != 0;
}

enum verdict
chain_run(const struct stage *stages, size_t n, struct call *c, struct err *e)
{
	enum verdict	v = GO_ON;
	size_t		i;

	for (i = 0; i < n && v == GO_ON; i++)
		if (applies(&stages[i], c))
			v = stages[i].enter(c, e);
	if (v == GO_ON) {
		err_set(e, ERR_INTERNAL, "no stage answered %s", c->name);
		v = FAILED;
	}
	while (i-- > 0)		/* the one that answered leaves too */
		if (stages[i].leave != NULL && applies(&stages[i], c) &&
		    v == ANSWERED)
			v = stages[i].leave(c, e);
	return v;
}
