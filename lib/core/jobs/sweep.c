/*
 * One round of throwing away what is old.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/sweep.h"

#include <string.h>

#include "store/sweep.h"

#define BATCH		500
#define BATCHES_MAX	20
#define NEXT_MS		10000
/* A removal that nobody has begun by then is asked for again. */
#define DEADLINE_S	120

/*
 * So many batches a round, so that the job comes to its end and to its
 * deadline; what is left makes the next round due at once.
 */
int
job_sweep(struct worker *w, struct sweep_round *round, struct err *e)
{
	const struct sweep_opts	o = {
		.ended_days = w->conf->keep_ended_days,
		.commands_days = w->conf->keep_commands_days,
		.audit_days = w->conf->keep_audit_days,
		.reservations_days = w->conf->keep_reservations_days,
		.batch = BATCH,
	};
	long long		n = 1;
	int			i;

	memset(round, 0, sizeof(*round));
	for (i = 0; n > 0 && i < BATCHES_MAX; i++) {
		if ((n = sweep_batch(w->db, &o, e)) == -1)
			return -1;
		round->removed += n;
	}
	if ((round->backends = sweep_backends(w->db, DEADLINE_S, e)) == -1)
		return -1;
	round->next_ms = n > 0 ? 0 : NEXT_MS;
	return 0;
}
