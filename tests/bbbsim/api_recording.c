/*
 * Recording calls of a server that has no recordings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <jansson.h>
#include <string.h>

#include "api.h"
#include "mem.h"
#include "server.h"

static const char no_recordings[] =
    "<response>\n"
    "          <returncode>SUCCESS</returncode>\n"
    "          <recordings></recordings>\n"
    "          <messageKey>noRecordings</messageKey>\n"
    "          <message>There are no recordings for the meeting(s).</message>\n"
    "        </response>";

/* The same with a valid limit: paged, on one line. */
static const char no_recordings_page[] =
    "<response><returncode>SUCCESS</returncode><recordings></recordings>"
    "<totalElements>0</totalElements><messageKey>noRecordings</messageKey>"
    "<message>There are no recordings for the meeting(s).</message>"
    "</response>";

/* The older check of these calls; true if a failure has been answered. */
static bool
checksum_fails(struct request *r, bool value)
{
	if (r->checksum == CHECKSUM_RIGHT ||
	    (!value && r->checksum == CHECKSUM_WRONG))
		return false;
	reply_failed(&r->reply, "checksumError",
	    "You did not pass the checksum security check");
	return true;
}

static bool
is_missing(const struct request *r, const char *name)
{
	const char	*v = request_param(r, name);

	return v == NULL || *v == '\0';
}

static bool
record_id_missing(struct request *r)
{
	if (!is_missing(r, "recordID"))
		return false;
	reply_failed(&r->reply, "missingParamRecordID",
	    "You must specify a recordID.");
	return true;
}

void
api_get_recordings(struct request *r)
{
	if (checksum_fails(r, true))
		return;
	reply_xml(&r->reply, "SUCCESS", is_missing(r, "limit") ?
	    no_recordings : no_recordings_page);
	r->reply.no_cache = false;
	(void)strcpy(r->reply.key, "noRecordings");
}

/* Presence of the checksum, then the parameters, then its value. */
void
api_publish_recordings(struct request *r)
{
	if (checksum_fails(r, false) || record_id_missing(r))
		return;
	if (is_missing(r, "publish")) {
		reply_failed(&r->reply, "missingParamPublish",
		    "You must specify a publish value true or false.");
		return;
	}
	if (!checksum_fails(r, true))
		reply_failed(&r->reply, "notFound",
		    "We could not find recordings");
}

void
api_change_recordings(struct request *r)
{
	if (!checksum_fails(r, false) && !record_id_missing(r) &&
	    !checksum_fails(r, true))
		reply_failed(&r->reply, "notFound",
		    "We could not find recordings");
}

static void
failed_json(struct request *r, const char *key, const char *message,
    size_t flags)
{
	json_t	*j;

	j = json_pack("{s:{s:s, s:s, s:s}}", "response", "returncode",
	    "FAILED", "messageKey", key, "message", message);
	reply_json_take(&r->reply, json_dumps(j, flags));
	json_decref(j);
	r->reply.returncode = "FAILED";
	(void)strcpy(r->reply.key, key);
}

void
api_get_text_tracks(struct request *r)
{
	struct buf	b = { 0 };

	if (checksum_fails(r, false) || record_id_missing(r) ||
	    checksum_fails(r, true))
		return;
	buf_format(&b, "No recording found for %s",
	    request_param(r, "recordID"));
	failed_json(r, "noRecordings", b.data, JSON_COMPACT);
	buf_free(&b);
}

void
api_put_text_track(struct request *r)
{
	static const char *const needed[] = {
		"checksum", "recordID", "kind", "lang"
	};
	struct buf	b = { 0 };
	const char	*kind;
	size_t		i;

	for (i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (is_missing(r, needed[i])) {
			buf_format(&b, "Missing param %s.", needed[i]);
			failed_json(r, "paramError", b.data, JSON_INDENT(4));
			buf_free(&b);
			return;
		}
	if (checksum_fails(r, true))
		return;
	kind = request_param(r, "kind");
	if (strcmp(kind, "subtitles") != 0 && strcmp(kind, "captions") != 0) {
		buf_format(&b, "Invalid kind parameter, "
		    "expected='subtitles|captions' actual=%s", kind);
		failed_json(r, "invalidKind", b.data, JSON_INDENT(4));
	} else {
		buf_format(&b, "No recording was found for %s",
		    request_param(r, "recordID"));
		failed_json(r, "noRecordings", b.data, JSON_INDENT(4));
	}
	buf_free(&b);
}
