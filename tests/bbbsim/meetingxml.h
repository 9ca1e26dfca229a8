/*
 * A meeting as getMeetingInfo and getMeetings show it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_MEETINGXML_H
#define BBBSIM_MEETINGXML_H

#include "buf.h"
#include "meeting.h"

enum meetingxml_form {
	MEETINGXML_INFO,	/* plain numbers, users online */
	MEETINGXML_LIST		/* grouped numbers, all users not forgotten */
};

/* All elements of a meeting. */
void	 meetingxml(struct buf *, const struct meeting *,
	    enum meetingxml_form);
/* As createDate has it: English, in UTC. */
void	 meetingxml_date_text(char *out, size_t size, int64_t ms);
/* createDate: English, in UTC. */
void	 meetingxml_date(struct buf *, int64_t ms);

#endif
