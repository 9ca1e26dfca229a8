/*
 * The XML body of create and insertDocument, read as it arrives.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_DOCUMENT_H
#define BBBSIM_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "digest.h"

struct document {
	TAILQ_ENTRY(document)	 link;
	char			*name;
	char			*url;		/* or it came in the body: */
	uint64_t		 len;		/* decoded */
	char			 sha256[DIGEST_HEX_MAX];
	bool			 current, downloadable, removable;
};
TAILQ_HEAD(document_list, document);

/* All zero is none. */
struct documents {
	struct document_list	 list;
	size_t			 count;
};

struct body_xml;

struct body_xml *body_xml_new(struct digests *);
void	 body_xml_feed(struct body_xml *, const char *, size_t len);
/* The body is over; false if it was no XML. */
bool	 body_xml_end(struct body_xml *);
/* Whether there was a module of that kind. */
bool	 body_xml_has_presentation(const struct body_xml *);
/* Moves the documents behind those that to has. */
void	 body_xml_take(struct body_xml *, struct documents *to);
void	 body_xml_free(struct body_xml *);

void	 documents_free(struct documents *);

#endif
