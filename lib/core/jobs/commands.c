/*
 * One round of the commands that are due.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/commands.h"

#include <string.h>

#include "base/log.h"
#include "core/jobs/command.h"
#include "core/jobs/command_backend.h"
#include "core/jobs/command_end.h"
#include "core/jobs/command_node.h"
#include "core/jobs/command_sweep.h"
#include "store/queue.h"

/* As many at once; the others are left to the next round, or another job. */
#define CLAIM_MAX	100
#define NEXT_MS		60000

/*
 * Those of one action are done together, so that their servers are asked at
 * once.  The quick ones come first.
 */
static const struct family {
	const char	*action;
	int		(*run)(struct command_run *, struct err *);
} families[] = {
	{ "decommission_backend",	command_decommission },
	{ "drain",			command_drain },
	{ "collect_garbage",		command_sweep },
	{ "update_node_state",		command_node },
	{ "end_all_meetings",		command_end },
};
#define FAMILIES	(sizeof(families) / sizeof(families[0]))

/*
 * Those before may have taken their time; what was lost meanwhile is another
 * job's.
 */
static int
take(struct command_run *r, const struct commands *c, const char *action,
    struct err *e)
{
	size_t	i;
	int	mine;

	r->n = 0;
	for (i = 0; i < c->n; i++) {
		if (strcmp(c->v[i].action, action) != 0)
			continue;
		mine = queue_extend(r->w->db, &c->v[i],
		    r->w->conf->command_lease, e);
		if (mine == -1)
			return -1;
		if (mine == 1)
			r->v[r->n++] = &c->v[i];
	}
	return 0;
}

/*
 * A family that fails as a whole ends the round; the leases of the rest run
 * out, and another round takes them.
 */
static int
run_all(struct worker *w, struct arena *a, const struct commands *c,
    struct err *e)
{
	struct command_run	r = { .w = w, .a = a };
	size_t			i;

	r.v = arena_zalloc(a, c->n, sizeof(*r.v));
	for (i = 0; i < FAMILIES; i++) {
		if (take(&r, c, families[i].action, e) == -1)
			return -1;
		if (r.n > 0 && families[i].run(&r, e) == -1)
			return err_note(e, "%s", families[i].action);
	}
	return 0;
}

int
job_commands(struct worker *w, struct commands_round *round, struct err *e)
{
	struct arena	*a = arena_new();
	struct commands	 c;
	int		 rc = -1;

	memset(round, 0, sizeof(*round));
	if (queue_claim(w->db, CLAIM_MAX, w->conf->command_lease, a, &c, e)
	    == -1)
		goto out;
	round->taken = (int)c.n;
	if (run_all(w, a, &c, e) == -1)
		goto out;
	round->next_ms = queue_next(w->db, NEXT_MS, e);
	rc = round->next_ms == -1 ? -1 : 0;
out:
	arena_free(a);
	return rc;
}

/*
 * A lease that was lost is no failure of ours: another job says how it ended.
 */
int
command_done(struct command_run *r, const struct command *c,
    const char *failure, struct err *e)
{
	int	mine;

	if (failure != NULL) {
		log_warnx("command %lld %s %s: %s", c->seq, c->action,
		    c->backend_id != NULL ? c->backend_id : "", failure);
		mine = queue_fail(r->w->db, c, failure, e);
	} else
		mine = queue_finish(r->w->db, c, true, "true", e);
	if (mine == 0)
		log_warnx("command %lld %s: another job has taken it over",
		    c->seq, c->action);
	return mine == -1 ? -1 : 0;
}
