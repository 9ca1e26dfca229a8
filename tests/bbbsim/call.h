/*
 * The calls a server knows.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_CALL_H
#define BBBSIM_CALL_H

#include "request.h"

enum call_id {
	CALL_INDEX,
	CALL_CREATE,
	CALL_JOIN,
	CALL_IS_MEETING_RUNNING,
	CALL_END,
	CALL_GET_MEETING_INFO,
	CALL_GET_MEETINGS,
	CALL_GET_SESSIONS,
	CALL_INSERT_DOCUMENT,
	CALL_SEND_CHAT_MESSAGE,
	CALL_GET_RECORDINGS,
	CALL_PUBLISH_RECORDINGS,
	CALL_DELETE_RECORDINGS,
	CALL_UPDATE_RECORDINGS,
	CALL_GET_TEXT_TRACKS,
	CALL_PUT_TEXT_TRACK,
	CALL_CLIENT,		/* the page behind a join */
	CALL_OTHER,		/* anything else: not found */
	CALL__MAX
};

/* Methods, as bits. */
#define METHOD_GET	1u
#define METHOD_HEAD	2u
#define METHOD_POST	4u
#define METHOD_ANY	7u

/* Content types that a body may have, as bits. */
#define TYPE_IS_XML	1u
#define TYPE_IS_FORM	2u

struct call {
	enum call_id	 id;
	const char	*name;
	unsigned	 methods;
	unsigned	 types;
	unsigned	 since;		/* SERIES_... that has it */
	/* Writes the reply; parameters have been validated, if they are. */
	void		(*answer)(struct request *);
};

/* By the name behind api/; CALL_OTHER for what is not there. */
const struct call *call_find(const char *name);
const struct call *call_of(enum call_id);
/* Does what the call says and leaves the reply in the request. */
void	 call_answer(struct request *);

#endif
