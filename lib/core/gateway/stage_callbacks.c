/*
 * Stage: what its server would call goes to us instead, who sign anew.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/callback.h"
#include "core/gateway/stages.h"

/* bbb-api 9; the names after meta_ are taken in any case. */
static const char *const names[] = {
	"meetingEndedURL",
	"meta_endCallbackUrl",
	"meta_bbb-recording-ready-url",
	"meta_bn-recording-ready-url",
	"meta_canvas-recording-ready-url",
	"meta_analytics-callback-url",
};

enum verdict
callbacks_redirect(struct call *c, struct err *e)
{
	const struct param	*p;
	size_t			 i;

	(void)e;
	if (!callback_wanted(c->w->conf))
		return GO_ON;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		p = query_find(&c->query, names[i]);
		/* what BBB would not call either is left as it is */
		if (p == NULL || strlen(p->value) != p->value_len ||
		    !str_utf8_valid(p->value, p->value_len) ||
		    !url_is_http(p->value))
			continue;
		query_set(&c->query, names[i], callback_address(c->a,
		    c->w->conf, c->route->fe.id, p->value));
	}
	return GO_ON;
}
