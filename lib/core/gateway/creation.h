/*
 * What a create knows while it looks for a server: its row, what failed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_CREATION_H
#define CORE_GATEWAY_CREATION_H

#include <stdbool.h>

#include "core/gateway/call.h"
#include "core/settings.h"
#include "proto/url.h"
#include "store/backend.h"
#include "store/meeting.h"
#include "store/place.h"

/* How one try on one server ended. */
enum step {
	STEP_DONE,	/* the reply is made */
	STEP_FAILED,	/* the request, we or the database failed: e says */
	STEP_LOOK,	/* the row has moved on: look again */
	STEP_BUSY,	/* no slot: another server */
	STEP_STUMBLED,	/* an error page, over what nobody knows */
	STEP_DYING,	/* an ended one of this id is still there */
	STEP_DOWN	/* the server failed: another server */
};

struct creation {
	struct call		*c;
	struct meeting		 meeting;	/* the row; row 0: none yet */
	const struct backend	*backend;	/* its own; NULL: to place */
	bool			 mine;		/* this call placed the row */
	struct query		 query;		/* as sent to this server */
	const char		*attendee_pw;	/* given, or made up by us */
	const char		*moderator_pw;
	const char		*parent_backend; /* of a breakout room */
	const char		*tag;		/* asked for; NULL */
	bool			 tag_required;
	struct words		 tried;		/* backends not to use again */
	const char		*dying;		/* server still ending it */
	int64_t			 dying_until;	/* how long we wait for that */
	int			 looks;		/* at a row that moved on */
	const char		*left;		/* place() moves from there */
	const char		*left_why;	/* its failure; NULL: busy */
	const char		*last_error;	/* of any server; "" */
};

/* Reads what the frontend asks for; GO_ON, or FAILED with e. */
enum verdict	creation_begin(struct creation *n, struct call *c,
		    struct err *e);
/*
 * Reserves a server: n->meeting and n->backend are set for PLACE_NEW and
 * PLACE_FOUND.  Records a failure of n->left.  -1: the database failed.
 */
int		creation_place(struct creation *n, enum place_outcome *placed,
		    struct err *e);
/* After a lost compare-and-set: the row as it is now. */
enum verdict	creation_look(struct creation *n, struct err *e);
/* This server is out; why: its failure, NULL if it was only busy. */
void		creation_skip(struct creation *n, const char *why);
/* It still has an ended meeting of this id: another server, if there is one. */
void		creation_dying(struct creation *n);
/* A tag that was only wished for is given up: true if there was one. */
bool		creation_forget_wish(struct creation *n);
/*
 * The one server left is still ending this meeting's predecessor: waits a
 * little and allows it again.  False if there is none, or for too long.
 */
bool		creation_await_end(struct creation *n);
/*
 * The query for this server: the row's id, passwords and voice bridge, and our
 * addresses for callbacks.
 */
void		creation_query(struct creation *n);

#endif
