/*
 * One request to a simulated server, from its first line to its answer.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_REQUEST_H
#define BBBSIM_REQUEST_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "digest.h"
#include "document.h"
#include "fault.h"
#include "loop.h"
#include "params.h"
#include "reply.h"

struct call;
struct server;

/* What is done next. */
enum request_stage {
	REQUEST_LINE,		/* look at the line and the headers */
	REQUEST_BODY,		/* read what comes */
	REQUEST_WORK,
	REQUEST_ANSWER
};

struct request {
	struct server		*server;
	struct MHD_Connection	*conn;
	enum request_stage	 stage;
	const char		*method;
	char			*path;		/* slashes collapsed */
	char			*query;		/* raw, maybe "" */
	const char		*call_name;	/* what is behind api/ */
	const struct call	*call;
	struct params		 params;	/* URL first, then the form */
	enum checksum_state	 checksum;

	uint64_t		 body_len;
	struct digest		*body_digest;
	char			 body_sha256[DIGEST_HEX_MAX];
	struct buf		 form;
	struct body_xml		*xml;
	bool			 too_large;

	struct reply		 reply;
	struct fault_plan	 plan;
	uint64_t		 seen;		/* its number in the log */
	bool			 held;		/* suspended */
	struct timer		 timer;		/* ends the holding */
	TAILQ_ENTRY(request)	 link;		/* of those held */
};
TAILQ_HEAD(request_list, request);

/* uri is what stands in the first line. */
struct request *request_new(struct server *, struct MHD_Connection *,
	    const char *uri);
/* Line and headers are there. */
void	 request_open(struct request *, const char *method);
void	 request_feed(struct request *, const char *, size_t len);
/* The body is there: parameters and the checksum are known. */
void	 request_close(struct request *);
void	 request_free(struct request *);

/* NULL if the client did not send it. */
const char *request_header(const struct request *, const char *name);
/* First value of a parameter, or NULL. */
const char *request_param(const struct request *, const char *name);
/* The Content-Type, without its parameters, is this one. */
bool	 request_has_type(const struct request *, const char *type);
bool	 request_is(const struct request *, const char *method);

#endif
