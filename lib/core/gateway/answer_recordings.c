/*
 * Recordings calls, as a server without recordings answers them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/gateway/answers.h"
#include "core/gateway/reply.h"

enum verdict
answer_recordings(struct call *c, struct err *e)
{
	struct xmlout	x;

	(void)e;
	reply_begin(c, &x);
	out_empty(&x, "recordings");
	out_str(&x, "messageKey", "noRecordings");
	out_str(&x, "message",
	    "There are no recordings for the meeting(s).");
	return reply_end(c, &x);
}

static bool
missing(const struct call *c, const char *name)
{
	const char	*value = query_get(&c->query, name);

	return value == NULL || value[0] == '\0';
}

/* The older check of these calls: checksum first, then parameters (7). */
enum verdict
answer_recordings_change(struct call *c, struct err *e)
{
	(void)e;
	if (missing(c, "recordID"))
		return reply_failed(c, "missingParamRecordID",
		    "You must specify a recordID.");
	if (strcmp(c->name, "publishRecordings") == 0 &&
	    missing(c, "publish"))
		return reply_failed(c, "missingParamPublish",
		    "You must specify a publish value true or false.");
	return reply_failed(c, "notFound", "We could not find recordings");
}

enum verdict
answer_tracks(struct call *c, struct err *e)
{
	(void)e;
	if (missing(c, "recordID"))
		return reply_failed(c, "missingParamRecordID",
		    "You must specify a recordID.");
	return reply_failed_json(c, "noRecordings", arena_printf(c->a,
	    "No recording found for %s", query_get(&c->query, "recordID")));
}

enum verdict
answer_track_put(struct call *c, struct err *e)
{
	static const char *const needed[] = { "recordID", "kind", "lang" };
	const char	*kind;
	size_t		 i;

	(void)e;
	for (i = 0; i < 3; i++)
		if (missing(c, needed[i]))
			return reply_failed_json(c, "paramError", arena_printf(c->a,
			    "Missing param %s.", needed[i]));
	kind = query_get(&c->query, "kind");
	if (strcmp(kind, "subtitles") != 0 && strcmp(kind, "captions") != 0)
		return reply_failed_json(c, "invalidKind", arena_printf(c->a,
		    "Invalid kind parameter, expected='subtitles|captions' "
		    "actual=%s", kind));
	return reply_failed_json(c, "noRecordings", arena_printf(c->a,
	    "No recording was found for %s",
	    query_get(&c->query, "recordID")));
}

enum verdict
answer_unsupported(struct call *c, struct err *e)
{
	(void)c;
	err_key(e, ERR_INPUT, "unsupportedRequest",
	    "This request is not supported.");
	return FAILED;
}
