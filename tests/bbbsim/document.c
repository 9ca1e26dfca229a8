/*
 * The XML body of create and insertDocument, read as it arrives.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "document.h"
#include "mem.h"

/* Depths of the elements, the root's is 1. */
enum { DEPTH_MODULE = 2, DEPTH_DOCUMENT = 3 };

struct body_xml {
	XML_Parser	 parser;
	struct digests	*digests;
	struct documents documents;
	unsigned	 depth;
	bool		 bad;
	bool		 has_presentation;
	bool		 in_presentation;
	struct document	*document;	/* whose base64 is being read */
	struct digest	*digest;
	uint32_t	 bits;		/* not decoded yet */
	unsigned	 bit_count;
	unsigned char	 out[4096];
	size_t		 out_len;
};

static const char *
attribute(const char **atts, const char *name)
{
	for (; *atts != NULL; atts += 2)
		if (strcmp(atts[0], name) == 0)
			return atts[1];
	return NULL;
}

static bool
flag(const char **atts, const char *name, bool fallback)
{
	const char	*v = attribute(atts, name);

	return v == NULL ? fallback : strcasecmp(v, "true") == 0;
}

/* What a fetched file is called: its filename, else the end of its URL. */
static const char *
url_name(const char **atts, const char *url)
{
	const char	*name = attribute(atts, "filename"), *slash;

	if (name != NULL)
		return name;
	slash = strrchr(url, '/');
	return slash == NULL ? url : slash + 1;
}

static void
document_start(struct body_xml *b, const char **atts)
{
	const char	*url = attribute(atts, "url");
	const char	*name = attribute(atts, "name");
	struct document	*d;

	if (url == NULL && name == NULL)
		return;		/* logged and forgotten there, too */
	d = mem_alloc(sizeof *d);
	d->name = mem_dup(url != NULL ? url_name(atts, url) : name);
	d->url = mem_dup(url);
	d->current = flag(atts, "current", false);
	d->downloadable = flag(atts, "downloadable", false);
	d->removable = flag(atts, "removable", true);
	TAILQ_INSERT_TAIL(&b->documents.list, d, link);
	b->documents.count++;
	if (url != NULL)
		return;
	b->document = d;
	b->digest = digest_sha256_new(b->digests);
	b->bits = b->bit_count = 0;
	b->out_len = 0;
}

static void
module_start(struct body_xml *b, const char **atts)
{
	const char	*name = attribute(atts, "name");

	b->in_presentation = name != NULL && strcmp(name, "presentation") == 0;
	if (!b->in_presentation)
		return;
	/* of two the last counts */
	documents_free(&b->documents);
	TAILQ_INIT(&b->documents.list);
	b->has_presentation = true;
}

static void
element_start(void *arg, const char *name, const char **atts)
{
	struct body_xml	*b = arg;

	(void)name;
	b->depth++;
	if (b->depth == DEPTH_MODULE)
		module_start(b, atts);
	else if (b->depth == DEPTH_DOCUMENT && b->in_presentation)
		document_start(b, atts);
}

static void
flush(struct body_xml *b)
{
	digest_add(b->digest, b->out, b->out_len);
	b->document->len += b->out_len;
	b->out_len = 0;
}

static void
element_end(void *arg, const char *name)
{
	struct body_xml	*b = arg;

	(void)name;
	if (b->depth-- != DEPTH_DOCUMENT || b->document == NULL)
		return;
	flush(b);
	digest_hex(b->digest, b->document->sha256);
	digest_free(b->digest);
	b->digest = NULL;
	b->document = NULL;
}

/* A base64 digit, or -1: white space, padding or rubbish. */
static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void
characters(void *arg, const char *s, int len)
{
	struct body_xml	*b = arg;
	int		 i, digit;

	if (b->document == NULL || b->depth != DEPTH_DOCUMENT)
		return;
	for (i = 0; i < len; i++) {
		if ((digit = base64_digit(s[i])) < 0)
			continue;
		b->bits = b->bits << 6 | (uint32_t)digit;
		b->bit_count += 6;
		if (b->bit_count < 8)
			continue;
		b->bit_count -= 8;
		b->out[b->out_len++] = (unsigned char)(b->bits >> b->bit_count);
		if (b->out_len == sizeof b->out)
			flush(b);
	}
}

struct body_xml *
body_xml_new(struct digests *digests)
{
	struct body_xml	*b = mem_alloc(sizeof *b);

	b->digests = digests;
	TAILQ_INIT(&b->documents.list);
	if ((b->parser = XML_ParserCreate(NULL)) == NULL)
		errx(EX_OSERR, "out of memory");
	XML_SetUserData(b->parser, b);
	XML_SetElementHandler(b->parser, element_start, element_end);
	XML_SetCharacterDataHandler(b->parser, characters);
	return b;
}

void
body_xml_feed(struct body_xml *b, const char *data, size_t len)
{
	/* libmicrohttpd's pieces are no larger than its buffer */
	if (!b->bad)
		b->bad = XML_Parse(b->parser, data, (int)len, 0) !=
		    XML_STATUS_OK;
}

bool
body_xml_end(struct body_xml *b)
{
	if (!b->bad)
		b->bad = XML_Parse(b->parser, "", 0, 1) != XML_STATUS_OK;
	return !b->bad;
}

bool
body_xml_has_presentation(const struct body_xml *b)
{
	return b->has_presentation;
}

void
body_xml_take(struct body_xml *b, struct documents *to)
{
	if (to->count == 0)
		TAILQ_INIT(&to->list);
	TAILQ_CONCAT(&to->list, &b->documents.list, link);
	to->count += b->documents.count;
	b->documents.count = 0;
}

void
body_xml_free(struct body_xml *b)
{
	if (b == NULL)
		return;
	XML_ParserFree(b->parser);
	digest_free(b->digest);
	documents_free(&b->documents);
	free(b);
}

void
documents_free(struct documents *ds)
{
	struct document	*d;

	while (ds->count > 0) {
		d = TAILQ_FIRST(&ds->list);
		TAILQ_REMOVE(&ds->list, d, link);
		ds->count--;
		free(d->name);
		free(d->url);
		free(d);
	}
}
