/*
 * getMeetings of the local bbb-web, passed on unread.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "proto/event.h"

#define CONNECT_MS	2000
/* As JSON it grows: quotes and newlines become two characters. */
#define REPLY_MAX	(EVENT_BODY_MAX / 2)
#define HEAD		400	/* bytes; the return code is among them */

struct local {
	struct local_opts	 opts;
	int			 which;		/* of the two addresses */
	void			(*done)(void *, struct view, const char *);
	void			*ctx;
};

struct local *
local_new(const struct local_opts *o)
{
	struct local	*l = xcalloc(1, sizeof(*l));

	l->opts = *o;
	l->which = o->urls[0][0] == '\0';
	return l;
}

void
local_free(struct local *l)
{
	free(l);
}

/*
 * A glance is enough: who gets it reads it as carefully as any poll's, and a
 * tree of a large list would be the agent's largest piece of memory.
 */
static const char *
fault_of(struct view xml)
{
	static const char	good[] = "<returncode>SUCCESS</returncode>";
	static const char	end[] = "</response>";
	struct view		body = str_trim(xml);
	size_t			head = body.len < HEAD ? body.len : HEAD;

	if (memmem(body.p, head, good, sizeof(good) - 1) == NULL)
		return "no list of meetings";
	if (memcmp(body.p + body.len - (sizeof(end) - 1), end,
	    sizeof(end) - 1) != 0)
		return "a list that breaks off";
	if (!str_utf8_valid(body.p, body.len))
		return "a list that is not UTF-8";
	return NULL;
}

/* The other address is asked next time, if there is one. */
static void
answered(void *ctx, const struct calls_res *r)
{
	struct local	*l = ctx;
	struct view	 xml = { r->body.data, r->body.len };
	const char	*why;
	char		 text[32];

	if (r->status == 200)
		why = fault_of(xml);
	else if (r->status == 0)
		why = r->error;
	else {
		snprintf(text, sizeof(text), "HTTP %d", r->status);
		why = text;
	}
	if (why != NULL) {
		xml.p = NULL;
		if (l->opts.urls[!l->which][0] != '\0')
			l->which = !l->which;
	}
	l->done(l->ctx, xml, why);
}

void
local_ask(struct local *l, void (*done)(void *, struct view, const char *),
    void *ctx)
{
	static const struct query	none;
	struct buf			url = { NULL, 0, 0 };
	struct calls_req		q = {
		.method = "GET",
		.connect_ms = CONNECT_MS,
		.total_ms = l->opts.total_ms,
		.reply_max = REPLY_MAX,
	};

	l->done = done;
	l->ctx = ctx;
	buf_adds(&url, l->opts.urls[l->which]);
	checksum_sign(&url, "getMeetings", &none, l->opts.secret,
	    l->opts.hash);
	q.url = url.data;
	calls_begin(l->opts.calls, &q, answered, l);
	buf_free(&url);
}
