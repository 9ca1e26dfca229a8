/*
 * Signed `end` calls by internal id, so that the meeting's new home is safe.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "core/job_twins.h"
#include "proto/bbb.h"
#include "proto/checksum.h"
#include "proto/client.h"

/* Their servers have just answered; a poll is soon enough for the rest. */
#define END_MS	2000
/* As many at once; a server that comes back may bring hundreds. */
#define END_MAX	100

struct twin {
	const struct poll_claim	*claim;
	const char		*internal_id;
	const char		*meeting_id;
	const char		*moderator_pw;
	struct arena		*a;
	bool			 ended;
	struct twin		*next;
};

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
	w->a = a;
	w->next = t->first;
	t->first = w;
	t->n++;
}

/* Servers up to 2.4 want the password, later ones ignore it. */
static char *
url_make(struct arena *a, const struct twin *w)
{
	struct query	 q = { .arena = a };
	struct buf	 b = { 0 };
	char		*url;

	query_set(&q, "meetingID", w->internal_id);
	if (w->moderator_pw[0] != '\0')
		query_set(&q, "password", w->moderator_pw);
	buf_adds(&b, w->claim->host);
	checksum_sign(&b, "end", &q, w->claim->secret, CHECKSUM_SHA256);
	url = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return url;
}

/* NULL if it has ended, else why not. */
static const char *
refusal(struct arena *a, const struct client_res *res)
{
	struct view		body = { buf_str(&res->body), res->body.len };
	struct bbb_reply	r;
	struct err		e = ERR_INIT;

	if (res->outcome != CLIENT_OK)
		return arena_strdup(a, res->error);
	if (res->status != 200)
		return arena_printf(a, "HTTP status %d", res->status);
	if (bbb_reply_read(a, body, &r, &e) == -1)
		return arena_strdup(a, e.text);
	if (r.success || strcmp(r.key, "notFound") == 0)
		return NULL;
	return arena_printf(a, "%s: %s", r.key, r.message);
}

static void
end_done(const struct client_job *job, struct client_res *res)
{
	struct twin	*w = job->ctx;
	const char	*why = refusal(w->a, res);

	w->ended = why == NULL;
	if (w->ended)
		log_info("backend %s: ended the empty copy %s of meeting %s,"
		    " which runs elsewhere", w->claim->host, w->internal_id,
		    w->meeting_id);
	else
		log_warnx("backend %s: the empty copy %s of meeting %s does"
		    " not end: %s", w->claim->host, w->internal_id,
		    w->meeting_id, why);
}

int
twins_end(struct twins *t, struct worker *w, struct arena *a)
{
	struct client_job	*jobs;
	struct twin		*v;
	struct err		 e = ERR_INIT;
	size_t			 n = 0;
	int			 ended = 0;

	if (t->n == 0)
		return 0;
	jobs = arena_zalloc(a, t->n, sizeof(*jobs));
	for (v = t->first; v != NULL; v = v->next, n++) {
		jobs[n].req.url = url_make(a, v);
		jobs[n].req.connect_ms = END_MS;
		jobs[n].req.total_ms = END_MS;
		jobs[n].req.reply_max = (size_t)w->conf->max_reply;
		jobs[n].ctx = v;
	}
	/* Never queued behind one another: the deadline is everyone's. */
	if (client_many(w->client, jobs, n, n, end_done, &e) == -1)
		log_warnx("ending twins: %s", e.text);
	for (v = t->first; v != NULL; v = v->next)
		ended += v->ended;
	return ended;
}
