/*
 * The messages by which a server tells what happened in it.
 *
 * Names, members, their order and the channels are those of the BBB version
 * that the server's series says. Nothing is made while there is no Redis.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_EVENT_H
#define BBBSIM_EVENT_H

#include <jansson.h>

#include "feed.h"
#include "meeting.h"
#include "user.h"

/*
 * Publishes one message. meeting and user are those of the header, NULL for
 * one without; the body is taken over. event.c
 */
void	 event_send(const struct meetings *, enum feed_channel,
	    const char *name, const char *meeting, const char *user,
	    json_t *body);

void	 event_pong(const struct meetings *);

/* event_meeting.c */
void	 event_meeting_created(const struct meeting *);
/* Ending and ended, at once. */
void	 event_meeting_ended(const struct meeting *, const char *reason);
void	 event_meeting_destroyed(const struct meeting *, const char *reason);
void	 event_recording(const struct meeting *, const char *set_by);
void	 event_screenshare(const struct meeting *);
/* The whole meeting, from 2.4 on. */
void	 event_snapshot(const struct meeting *);
/* create's properties in a version's form. event_props.c */
json_t	*event_props(const struct meeting *);

/* event_user.c */
void	 event_user_registered(const struct user *);
void	 event_user_waiting(const struct user *);
void	 event_user_joined(const struct user *);
void	 event_user_left_flag(const struct user *, bool left);
void	 event_user_left(const struct user *);
/* As his state says now. */
void	 event_voice_joined(const struct user *);
void	 event_voice_left(const struct user *);
void	 event_camera(const struct user *, unsigned number, bool on);
void	 event_presenter(const struct user *, const char *assigned_by);
void	 event_role(const struct user *, const char *changed_by);

#endif
