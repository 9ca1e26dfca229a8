/*
 * What a BBB server would call goes to us instead, who sign anew.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/gateway/redirect.h"

#include <string.h>

#include "core/callback.h"

/*
 * bbb-api 9; the names after meta_ are taken in any case.  Those of the end
 * stand first, in the order in which sql/ knows them.
 */
static const char *const names[] = {
	"meetingEndedURL",
	"meta_endCallbackUrl",
	"meta_bbb-recording-ready-url",
	"meta_bn-recording-ready-url",
	"meta_canvas-recording-ready-url",
	"meta_analytics-callback-url",
};
#define NNAMES	(sizeof(names) / sizeof(names[0]))
#define NENDS	2

/* NULL: it has none; what BBB would not call either is left as it is. */
static const char *
url_of(const struct query *q, const char *name)
{
	const struct param	*p = query_find(q, name);

	if (p == NULL || strlen(p->value) != p->value_len ||
	    !str_utf8_valid(p->value, p->value_len) ||
	    !url_is_http(p->value))
		return NULL;
	return p->value;
}

void
redirect_callbacks(const struct call *c, const struct meeting *m,
    struct query *q)
{
	struct callback_token	 t = { .frontend_id = c->route->fe.id };
	size_t			 i;

	if (!callback_wanted(c->w->conf))
		return;
	for (i = 0; i < NNAMES; i++) {
		if ((t.url = url_of(q, names[i])) == NULL)
			continue;
		memset(&t.end, 0, sizeof(t.end));
		if (i < NENDS) {
			t.end.row = m->row;
			t.end.attempt = m->attempt;
			t.end.nr = (int)i + 1;
		}
		query_set(q, names[i], callback_address(c->a, c->w->conf,
		    &t));
	}
}

size_t
redirect_ends(const struct call *c, const char *const **urls)
{
	const char	**v = arena_zalloc(c->a, NENDS, sizeof(*v)), *url;
	size_t		  i, n = 0;

	*urls = v;
	if (!callback_wanted(c->w->conf))
		return 0;
	for (i = 0; i < NENDS; i++) {
		url = url_of(&c->query, names[i]);
		n += url != NULL;
		v[i] = url == NULL ? "" : url;
	}
	return n > 0 ? NENDS : 0;
}
