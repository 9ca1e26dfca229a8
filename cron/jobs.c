/*
 * A row per job, with what it calls in the core.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "jobs.h"

#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "core/jobs/callbacks.h"
#include "core/jobs/commands.h"
#include "core/jobs/poll.h"
#include "core/jobs/sweep.h"
#include "store/queue.h"

static int
poll_round(struct worker *w, int *next_ms, struct err *e)
{
	struct poll_round	r;

	if (job_poll(w, &r, e) == -1)
		return -1;
	if (r.polled > 0)
		log_debug("polled=%d failed=%d ended_twins=%d", r.polled,
		    r.failed, r.ended_twins);
	*next_ms = r.next_ms;
	return 0;
}

static int
callbacks_round(struct worker *w, int *next_ms, struct err *e)
{
	struct callbacks_round	r;

	if (job_callbacks(w, &r, e) == -1)
		return -1;
	if (r.delivered + r.failed > 0)
		log_debug("delivered=%d failed=%d", r.delivered, r.failed);
	*next_ms = r.next_ms;
	return 0;
}

static int
commands_round(struct worker *w, int *next_ms, struct err *e)
{
	struct commands_round	r;

	if (job_commands(w, &r, e) == -1)
		return -1;
	if (r.taken > 0)
		log_debug("taken=%d", r.taken);
	*next_ms = r.next_ms;
	return 0;
}

static int
sweep_round(struct worker *w, int *next_ms, struct err *e)
{
	struct sweep_round	r;

	if (job_sweep(w, &r, e) == -1)
		return -1;
	if (r.removed + r.backends > 0)
		log_debug("removed=%lld backends=%lld", r.removed,
		    r.backends);
	*next_ms = r.next_ms;
	return 0;
}

/* Only commands are notified; the others are due by time. */
static const struct job jobs[] = {
	{ "callbacks", callbacks_round, NULL },
	{ "commands", commands_round, queue_listen },
	{ "poll", poll_round, NULL },
	{ "sweep", sweep_round, NULL },
};
#define JOBS	((int)(sizeof(jobs) / sizeof(jobs[0])))

const struct job *
job_find(const char *name)
{
	int	i;

	for (i = 0; i < JOBS; i++)
		if (strcmp(jobs[i].name, name) == 0)
			return &jobs[i];
	return NULL;
}

const char *
job_name(int i)
{
	return i < JOBS ? jobs[i].name : NULL;
}
