/*
 * Makes meetings of the parameters of create.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_CREATE_H
#define BBBSIM_CREATE_H

#include "meeting.h"

enum create_outcome {
	CREATE_NEW,
	CREATE_DUPLICATE,		/* there already, and the same */
	CREATE_ID_TAKEN,
	CREATE_VOICE_TAKEN,
	CREATE_NO_PARENT_ID,
	CREATE_NO_PARENT,
	CREATE_BROKEN			/* what makes bbb-web stumble */
};

/* *m is the meeting of CREATE_NEW and CREATE_DUPLICATE. */
enum create_outcome create_meeting(struct meetings *, const struct params *,
	    struct meeting **m);
/* A breakout room of a meeting, as its server makes it by itself. */
enum create_outcome create_breakout(struct meeting *parent, long sequence,
	    const char *name, struct meeting **m);

#endif
