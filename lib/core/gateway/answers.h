/*
 * The answer of each call, by what it does.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_ANSWERS_H
#define CORE_GATEWAY_ANSWERS_H

#include "core/gateway/call.h"

enum verdict	answer_index(struct call *c, struct err *e);
enum verdict	answer_create(struct call *c, struct err *e);
enum verdict	answer_join(struct call *c, struct err *e);
enum verdict	answer_running(struct call *c, struct err *e);
enum verdict	answer_info(struct call *c, struct err *e);
enum verdict	answer_list(struct call *c, struct err *e);
enum verdict	answer_sessions(struct call *c, struct err *e);
enum verdict	answer_end(struct call *c, struct err *e);
/* Sent on to the meeting's server as it is. */
enum verdict	answer_forward(struct call *c, struct err *e);
/* Calls by session token, config XML, webhooks. */
enum verdict	answer_unsupported(struct call *c, struct err *e);
/* While there are no recordings: each its own empty or notFound answer. */
enum verdict	answer_recordings(struct call *c, struct err *e);
enum verdict	answer_recordings_change(struct call *c, struct err *e);
enum verdict	answer_tracks(struct call *c, struct err *e);
enum verdict	answer_track_put(struct call *c, struct err *e);

/* The page, redirect or XML for a browser that cannot join. */
enum verdict	join_refused(struct call *c, const char *key,
		    const char *message);

#endif
