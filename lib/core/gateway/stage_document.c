/*
 * Stage: the XML document that goes with a call, the frontend's or ours.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/buf.h"
#include "core/gateway/stages.h"
#include "proto/spool.h"
#include "proto/xmlout.h"
#include "proto/xmlsax.h"

static bool
sends_xml(const struct call *c)
{
	const char	*type = http_media_type(c->a, c->req->content_type);

	return c->req->method == HTTP_POST && c->req->content_length != 0 &&
	    (strcmp(type, "application/xml") == 0 ||
	    strcmp(type, "text/xml") == 0);
}

/* The last path component names the file, as the Go program has it. */
static const char *
file_name(const char *url)
{
	const char	*slash = strrchr(url, '/');

	return slash == NULL ? url : slash + 1;
}

static void
attribute(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	xml_escape(b, value, strlen(value));
	buf_addc(b, '"');
}

static enum verdict
default_document(struct call *c, struct err *e)
{
	const char	*url = c->settings.presentation_url;
	struct buf	 b = { 0 };
	enum verdict	 v = GO_ON;

	buf_adds(&b, "<modules><module name=\"presentation\"><document");
	attribute(&b, "url", url);
	attribute(&b, "filename", file_name(url));
	buf_adds(&b, "/></module></modules>");
	c->body = spool_new(c->w->conf->spool_dir, b.len);
	c->own_body = true;
	if (spool_write(c->body, b.data, b.len, e) == -1)
		v = FAILED;
	buf_free(&b);
	return v;
}

/*
 * BBB answers an error page to XML that is ill-formed (bbb-api 6.2): that is
 * for us to say, and before any server is asked.
 */
static enum verdict
body_check(struct call *c, struct err *e)
{
	struct err	why = ERR_INIT;

	if (xmlsax_check(c->body, &why) == 0)
		return GO_ON;
	if (why.code == ERR_INPUT)
		err_set(e, ERR_INPUT, "The body is not well-formed XML: %s",
		    why.text);
	else
		*e = why;
	return FAILED;
}

/*
 * A frontend's default presentation is its own document: without `force` one
 * that is sent along wins.
 */
enum verdict
document_choose(struct call *c, struct err *e)
{
	bool	create = strcmp(c->name, "create") == 0;

	if (sends_xml(c)) {
		if ((c->body = c->req->body(c->req, e)) == NULL)
			return FAILED;
		if (spool_len(c->body) == 0)
			c->body = NULL;
	}
	if (create && c->settings.presentation_url != NULL &&
	    (c->body == NULL || c->settings.presentation_force))
		return default_document(c, e);
	return c->body == NULL ? GO_ON : body_check(c, e);
}
