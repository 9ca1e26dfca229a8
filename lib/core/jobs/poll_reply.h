/*
 * What a server's answer to getMeetings means for its health.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_JOBS_POLL_REPLY_H
#define CORE_JOBS_POLL_REPLY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "proto/client.h"
#include "proto/meeting.h"

enum poll_said {
	POLL_SAID_MEETINGS,	/* a whole list, perhaps empty */
	POLL_SAID_NONSENSE,	/* BBB answered, but its list cannot be read:
				 * one user's odd parameter is enough */
	POLL_SAID_FAILURE	/* no answer, or not BBB's, or a refusal */
};

struct poll_reply {
	enum poll_said		 said;
	struct bbb_meeting	*meetings;	/* each has an internal id */
	size_t			 n;
	const char		*error;		/* of the other two */
};

/* All of it lives in the arena, and as long as res does. */
void	poll_reply_read(struct arena *a, const struct client_res *res,
	    struct poll_reply *r);
/* The same of the bytes that came with status 200, from wherever. */
void	poll_body_read(struct arena *a, struct view body,
	    struct poll_reply *r);

#endif
