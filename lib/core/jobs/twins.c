/*
 * Signed `end` calls by internal id, so that the meeting's new home is safe.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "base/log.h"
#include "core/jobs/end_calls.h"
#include "core/jobs/twins.h"

/* Their servers have just answered; a poll is soon enough for the rest. */
#define END_MS	2000
/* As many at once; a server that comes back may bring hundreds. */
#define END_MAX	100

struct twin {
	const struct poll_claim	*claim;
	const char		*internal_id;
	const char		*meeting_id;
	const char		*moderator_pw;
	struct twin		*next;
};

/* More than these wait for the next poll, which finds them again. */
void
twins_add(struct twins *t, struct arena *a, const struct poll_claim *c,
    const struct poll_twin *twin, const char *moderator_pw)
{
	struct twin	*w;

	if (t->n == END_MAX)
		return;
	w = arena_zalloc(a, 1, sizeof(*w));
	w->claim = c;
	w->internal_id = arena_strdup(a, twin->internal_id);
	w->meeting_id = arena_strdup(a, twin->meeting_id);
	w->moderator_pw = arena_strdup(a, moderator_pw);
	w->next = t->first;
	t->first = w;
	t->n++;
}

static void
end_done(struct end_call *c)
{
	const struct twin	*w = c->ctx;

	if (c->failure == NULL)
		log_info("backend %s: ended the empty copy %s of meeting %s,"
		    " which runs elsewhere", w->claim->host, w->internal_id,
		    w->meeting_id);
	else
		log_warnx("backend %s: the empty copy %s of meeting %s does"
		    " not end: %s", w->claim->host, w->internal_id,
		    w->meeting_id, c->failure);
}

int
twins_end(struct twins *t, struct worker *w, struct arena *a)
{
	struct end_call	*calls;
	struct twin	*v;
	struct err	 e = ERR_INIT;
	size_t		 i, n = 0;
	int		 ended = 0;

	if (t->n == 0)
		return 0;
	calls = arena_zalloc(a, t->n, sizeof(*calls));
	for (v = t->first; v != NULL; v = v->next, n++) {
		calls[n].host = v->claim->host;
		calls[n].secret = v->claim->secret;
		calls[n].id = v->internal_id;
		calls[n].moderator_pw = v->moderator_pw;
		calls[n].ctx = v;
	}
	if (end_calls(w, a, calls, n, END_MS, end_done, &e) == -1)
		log_warnx("ending twins: %s", e.text);
	for (i = 0; i < n; i++)
		ended += calls[i].failure == NULL;
	return ended;
}
