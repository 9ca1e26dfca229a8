/*
 * The release file, else the root of BBB's API.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "version.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "load.h"
#include "proto/xmlread.h"

#define TEXT_MAX	4096
#define VERSION_MAX	32
#define CONNECT_MS	2000
#define REPLY_MAX	65536
#define AGAIN_MS	60000
#define RETRY_MS	5000

struct version {
	struct version_opts	 opts;
	int			 which;		/* of the two addresses */
	bool			 calling;
	int64_t			 due_ms;	/* of the next question */
	char			 file[VERSION_MAX];
	char			 root[VERSION_MAX];
};

struct version *
version_new(const struct version_opts *o)
{
	struct version	*v = xcalloc(1, sizeof(*v));

	v->opts = *o;
	v->which = o->urls[0][0] == '\0';
	return v;
}

void
version_free(struct version *v)
{
	free(v);
}

/* What is no word is not passed on. */
static bool
is_version(const char *s)
{
	const char	*p;

	for (p = s; *p != '\0'; p++)
		if (!isgraph((unsigned char)*p))
			return false;
	return p > s && p - s < VERSION_MAX;
}

/* BBB before 2.4 says none, some versions after it an empty one. */
static bool
read_root(struct version *v, const struct calls_res *r)
{
	static const struct xml_limits	limits = { REPLY_MAX, 100, 10 };
	struct arena			*a = arena_new();
	struct err			 e = ERR_INIT;
	const struct xml_node		*root;
	const char			*s = NULL;

	root = xml_parse(a, (struct view){ r->body.data, r->body.len },
	    &limits, &e);
	if (root != NULL)
		s = xml_text(root, "bbbVersion");
	v->root[0] = '\0';
	if (s != NULL && is_version(s))
		memcpy(v->root, s, strlen(s) + 1);
	arena_free(a);
	return root != NULL;
}

/* Without an answer the last one stays. */
static void
answered(void *ctx, const struct calls_res *r)
{
	struct version	*v = ctx;

	v->calling = false;
	if (r->status == 200 && read_root(v, r))
		return;
	v->due_ms = clock_mono_ms() + RETRY_MS;
	if (v->opts.urls[!v->which][0] != '\0')
		v->which = !v->which;
}

static void
ask(struct version *v, int64_t now)
{
	struct calls_req	q = {
		.method = "GET",
		.url = v->opts.urls[v->which],
		.connect_ms = CONNECT_MS,
		.total_ms = v->opts.total_ms,
		.reply_max = REPLY_MAX,
	};

	v->calling = true;
	v->due_ms = now + AGAIN_MS;
	calls_begin(v->opts.calls, &q, answered, v);
}

const char *
version_now(struct version *v, int64_t now)
{
	char	text[TEXT_MAX];

	if (load_file(v->opts.release, text, sizeof(text)) == 0 &&
	    load_bbb_version(text, v->file, sizeof(v->file)) == 0)
		return v->file;
	if (!v->calling && now >= v->due_ms)
		ask(v, now);
	return v->root;
}
