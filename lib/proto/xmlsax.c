/*
 * The one place that knows expat.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/xmlsax.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include <expat.h>

#include "base/log.h"
#include "proto/spool.h"

static struct view
tag_view(const struct xmlsax *s)
{
	struct view	 v;

	/* Byte indexes count from the start, as data is given in one piece. */
	v.p = s->data.p + XML_GetCurrentByteIndex(s->parser);
	v.len = (size_t)XML_GetCurrentByteCount(s->parser);
	return v;
}

static void XMLCALL
on_start(void *user, const char *name, const char **attrs)
{
	struct xmlsax	*s = user;

	/* A parser that was stopped still reports the end of the same tag. */
	if (s->refused == NULL)
		s->start(s, name, attrs, tag_view(s));
}

static void XMLCALL
on_end(void *user, const char *name)
{
	struct xmlsax	*s = user;

	if (s->refused == NULL)
		s->end(s, name, tag_view(s));
}

static void XMLCALL
on_text(void *user, const char *p, int len)
{
	struct xmlsax	*s = user;

	if (s->refused == NULL)
		s->text(s, p, (size_t)len);
}

/*
 * BBB sends none; entities are what it would bring, and expansions without
 * end.
 */
static void XMLCALL
on_doctype(void *user, const char *name, const char *sysid,
    const char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	xmlsax_refuse(user, "a document type is not allowed");
}

void
xmlsax_refuse(struct xmlsax *s, const char *reason)
{
	if (s->refused == NULL)
		s->refused = reason;
	XML_StopParser(s->parser, XML_FALSE);
}

static const char *
error_text(const struct xmlsax *s)
{
	if (s->refused != NULL)
		return s->refused;
	return XML_ErrorString(XML_GetErrorCode(s->parser));
}

/* expat takes UTF-16 by its first bytes, even when told UTF-8. */
static bool
is_utf16(struct view data)
{
	return data.len >= 2 && (data.p[0] == '\xff' ||
	    data.p[0] == '\xfe' || data.p[0] == '\0' || data.p[1] == '\0');
}

int
xmlsax_run(struct xmlsax *s, struct view data, enum err_code code,
    struct err *e)
{
	int	rc = 0;

	if (data.len > INT_MAX)
		return err_set(e, code, "the XML is longer than 2 GiB");
	if (is_utf16(data))
		return err_set(e, code, "line 1: not UTF-8");
	s->data = data;
	s->refused = NULL;
	if ((s->parser = XML_ParserCreate("UTF-8")) == NULL)
		log_fatal(EX_OSERR, "out of memory");
	XML_SetUserData(s->parser, s);
	XML_SetElementHandler(s->parser, on_start, on_end);
	XML_SetCharacterDataHandler(s->parser, on_text);
	XML_SetStartDoctypeDeclHandler(s->parser, on_doctype);
	if (XML_Parse(s->parser, data.p, (int)data.len, 1) != XML_STATUS_OK)
		rc = err_set(e, code, "line %lu: %s",
		    (unsigned long)XML_GetCurrentLineNumber(s->parser),
		    error_text(s));
	XML_ParserFree(s->parser);
	s->parser = NULL;
	return rc;
}

#define PIECE	(64 * 1024)
#define TAG_MAX	(1024 * 1024)

/* *whole: all of it was seen, or no more of it needs to be. */
static int
check_piece(XML_Parser p, const char *piece, long long n, bool *whole,
    struct err *e)
{
	if (XML_Parse(p, piece, (int)n, n == 0) != XML_STATUS_OK) {
		*whole = true;
		if (XML_GetErrorCode(p) == XML_ERROR_UNKNOWN_ENCODING)
			return 0;
		return err_set(e, ERR_INPUT, "line %lu: %s",
		    (unsigned long)XML_GetCurrentLineNumber(p),
		    XML_GetErrorCode(p) == XML_ERROR_ABORTED ?
		    "a document type is not allowed" :
		    XML_ErrorString(XML_GetErrorCode(p)));
	}
	*whole = n == 0;
	return 0;
}

static void XMLCALL
stop_at_doctype(void *user, const char *name, const char *sysid,
    const char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	XML_StopParser(user, XML_FALSE);
}

/*
 * In pieces, whatever the size; in the encoding that it names, since BBB's
 * reader is the one that has to understand it.
 */
int
xmlsax_check(struct spool *body, struct err *e)
{
	XML_Parser	 p;
	char		*piece;
	long long	 n, at = 0;
	bool		 whole = false;
	int		 rc = 0;

	if ((p = XML_ParserCreate(NULL)) == NULL ||
	    (piece = malloc(PIECE)) == NULL)
		log_fatal(EX_OSERR, "out of memory");
	XML_UseParserAsHandlerArg(p);
	XML_SetStartDoctypeDeclHandler(p, stop_at_doctype);
	while (rc == 0 && !whole) {
		if ((n = spool_read(body, at, piece, PIECE, e)) == -1) {
			rc = -1;
			break;
		}
		at += n;
		rc = check_piece(p, piece, n, &whole, e);
		/* expat keeps what it cannot read yet: a tag without an end */
		if (rc == 0 && at - XML_GetCurrentByteIndex(p) > TAG_MAX)
			rc = err_set(e, ERR_INPUT, "line %lu: a tag is too "
			    "long", (unsigned long)
			    XML_GetCurrentLineNumber(p));
	}
	free(piece);
	XML_ParserFree(p);
	return rc;
}
