/*
 * Addresses, bodies and failures of the REST API.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "api.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "proto/url.h"

#define ROOT		"/api/v1"
#define REPLY_MAX	(1 << 20)

int
api_base(struct arena *a, const char *typed, char **base, struct err *e)
{
	size_t	len = strlen(typed), root = strlen(ROOT);

	if (!url_is_http(typed) || strpbrk(typed, "?# ") != NULL)
		return err_set(e, ERR_CONFIG,
		    "not an address of http or https: '%s'", typed);
	/*
	 * Admins copy it from wherever it stands, with this path or without.
	 */
	while (len > 0 && typed[len - 1] == '/')
		len--;
	if (len > root && memcmp(typed + len - root, ROOT, root) == 0)
		len -= root;
	*base = arena_printf(a, "%.*s" ROOT "/", (int)len, typed);
	return 0;
}

void
api_begin(const struct api *api, const char *method, const char *path,
    struct buf *body, void (*done)(void *, const struct calls_res *),
    void *ctx)
{
	struct buf		url = { NULL, 0, 0 };
	struct calls_req	q = {
		.method = method,
		.token = api->token,
		.body = body,
		.connect_ms = api->connect_ms,
		.total_ms = api->total_ms,
		.reply_max = REPLY_MAX,
	};

	buf_printf(&url, "%s%s", api->base, path);
	q.url = buf_str(&url);
	calls_begin(api->calls, &q, done, ctx);
	buf_free(&url);
}

static int
to_buf(const char *p, size_t len, void *out)
{
	buf_add(out, p, len);
	return 0;
}

void
api_body(struct buf *out, json_t *obj)
{
	if (obj == NULL || json_dump_callback(obj, to_buf, out,
	    JSON_COMPACT) == -1)
		log_fatal(EX_OSERR, "out of memory");
	json_decref(obj);
}

/* Never the body: it may quote what was sent. */
const char *
api_failure(const struct calls_res *r, char *text, size_t size)
{
	if (r->status == 0)
		snprintf(text, size, "%s", r->error);
	else
		snprintf(text, size, "HTTP %d", r->status);
	return text;
}
