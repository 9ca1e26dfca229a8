/*
 * The stages of the gateway, each in a file of its own.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_STAGES_H
#define CORE_GATEWAY_STAGES_H

#include "core/gateway/call.h"

/* Which frontends may have sent it: by key, host name, or bare path. */
enum verdict	frontend_find(struct call *c, struct err *e);
/* Which of them signed it; its settings are read then. */
enum verdict	checksum_check(struct call *c, struct err *e);
/* The meeting that it names; in the reply its id is put back. */
enum verdict	meeting_find(struct call *c, struct err *e);
enum verdict	meeting_put_back(struct call *c, struct err *e);
/* What the frontend may have at once. */
enum verdict	limits_check(struct call *c, struct err *e);
/* The frontend's own default and override parameters. */
enum verdict	params_default(struct call *c, struct err *e);
/* The XML body for the server: the request's, or the default slides. */
enum verdict	document_choose(struct call *c, struct err *e);
/* The call itself: the answer function of its row. */
enum verdict	call_answer(struct call *c, struct err *e);

#endif
