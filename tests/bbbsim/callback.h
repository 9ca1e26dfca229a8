/*
 * Whom a server calls about its meetings: their end, their recordings, what
 * was learnt in them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_CALLBACK_H
#define BBBSIM_CALLBACK_H

#include <jansson.h>
#include <stdbool.h>

#include "loop.h"
#include "settings.h"

struct callbacks;
struct meeting;

struct callbacks *callbacks_new(struct loop *, const struct settings *);
void	 callbacks_free(struct callbacks *);
/* bbb-web restarts: the calls that are not over are given up. */
void	 callbacks_give_up(struct callbacks *);
/* Forgets everything. */
void	 callbacks_clear(struct callbacks *);
/* What is signed from now on is signed with this secret. */
void	 callbacks_secret(struct callbacks *, const char *secret);

/*
 * A meeting has ended: meetingEndedURL and endcallbackurl are called, again
 * after a while where that fails, and the meeting is remembered.
 */
void	 callbacks_ended(struct callbacks *, const struct meeting *);
/* Its events have been processed: analytics are sent, if events were kept. */
void	 callbacks_processed(struct callbacks *, const char *internal_id);
/*
 * Announces a recording of a meeting that has ended, known by either id.
 * False: nobody wants to know, or the meeting is not remembered.
 */
bool	 callbacks_recording_ready(struct callbacks *, const char *id);
/* The latest calls, oldest first. */
json_t	*callbacks_json(const struct callbacks *);

#endif
