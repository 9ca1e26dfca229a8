/*
 * The page on which a browser waits until its join can go on.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "core/gateway/reply.h"
#include "core/page.h"
#include "proto/url.h"

/*
 * The join's own address; the path was decoded when it came in.  What was
 * sent as a form is the query that its checksum covers: that is valid too.
 */
static char *
own_address(const struct call *c)
{
	struct buf	 b = { 0 };
	const char	*s, *end;

	for (s = c->req->path; *s != '\0'; s = end) {
		buf_addc(&b, '/');
		s += *s == '/';
		end = s + strcspn(s, "/");
		url_encode_path(&b, s, end - s);
	}
	buf_addc(&b, '?');
	if (c->from_form) {
		buf_add(&b, c->signed_text.p, c->signed_text.len);
		buf_printf(&b, "&checksum=%s", c->checksum);
	} else
		buf_add(&b, c->req->raw_query, c->req->raw_query_len);
	return arena_take(c->a, &b);
}

/*
 * Not signed, not secret: the join's own address plus how often it has been
 * tried, so that the page can slow down and give up.
 */
void
reply_wait(struct call *c, int status)
{
	struct wait	 next = c->wait;
	int64_t		 now = clock_wall_ms();
	char		 seconds[16], tries[16], *url, *join;

	join = own_address(c);
	next.url = join;
	/* From a page's address, so anything: a time to come counts as now. */
	next.since = next.since == 0 || next.since > now ? now : next.since;
	if (now - next.since > c->w->conf->wait_max) {
		const struct page_var	again[] = { { "url", join } };

		page_reply(c->w->pages, PAGE_GIVEN_UP, c->req, status, again,
		    1, c->reply);
		return;
	}
	snprintf(seconds, sizeof(seconds), "%d", wait_seconds(next.tries));
	next.tries++;
	snprintf(tries, sizeof(tries), "%d", next.tries);
	url = wait_path(c->a, &next);
	const struct page_var	vars[] = {
		{ "url", url }, { "seconds", seconds }, { "try", tries }
	};
	page_reply(c->w->pages, PAGE_WAIT, c->req, status, vars, 3, c->reply);
}
