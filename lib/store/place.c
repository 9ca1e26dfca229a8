/*
 * The call of place(), whose rules are in sql/.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/place.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "store/db.h"
#include "store/rows.h"

/* In the order of enum place_outcome. */
static const char *const outcomes[] = { "new", "found", "none", "limit" };

static int
outcome_read(const char *word, enum place_outcome *o, struct err *e)
{
	size_t	i;

	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(outcomes[i], word) == 0) {
			*o = (enum place_outcome)i;
			return 0;
		}
	return err_set(e, ERR_INTERNAL, "place: unknown outcome \"%s\"",
	    word);
}

/* The columns of a meeting hold integers of 32 bits. */
static char *
number(struct arena *a, long long n)
{
	return arena_printf(a, "%lld", n < 0 ? 0 : n > INT_MAX ? INT_MAX : n);
}

/* As an array of the database: many candidates are usual. */
static char *
slots(struct arena *a, const int *v, size_t n)
{
	struct buf	b = { 0 };
	size_t		i;

	buf_addc(&b, '{');
	for (i = 0; i < n; i++)
		buf_printf(&b, "%s%d", i == 0 ? "" : ",", v[i]);
	buf_addc(&b, '}');
	return arena_take(a, &b);
}

/* The statement returns the outcome, then the columns of a meeting. */
int
place(struct db *db, const struct place_req *q, struct arena *a,
    struct placed *p, struct err *e)
{
	const char *const values[] = {
		q->frontend_id, q->meeting_id, q->backend_meeting_id,
		slots(a, q->candidates, q->ncandidates),
		arena_printf(a, "%.6g", q->expected),
		number(a, q->fade_s > 0 ? q->fade_s : 1),
		arena_printf(a, "%lld", q->meetings_limit),
		number(a, q->agent_timeout_ms),
		q->attendee_pw, q->moderator_pw, q->voice_bridge, q->name,
		q->record ? "true" : "false", number(a, q->max_users),
		q->metadata, q->params,
		rows_array(a, q->end_urls, q->nend_urls), q->failed_backend,
		q->failed_error, number(a, q->failed_attempt),
		q->failed_living ? "true" : "false"
	};
	struct rows	*r;
	int		 rc;

	memset(p, 0, sizeof(*p));
	if ((r = db_runv(db, STMT_PLACE, values, e)) == NULL)
		return -1;
	rc = outcome_read(rows_str(r, 0, 0), &p->outcome, e);
	if (rc == 0 && (p->outcome == PLACE_NEW || p->outcome == PLACE_FOUND))
		meeting_row(r, 0, 1, a, &p->meeting);
	rows_free(r);
	return rc;
}
