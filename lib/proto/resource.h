/*
 * The records of the REST API, member by member.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_RESOURCE_H
#define PROTO_RESOURCE_H

#include "proto/json.h"

/*
 * The order is that of the Go program, whose tools read them; members of our
 * own follow.  lib/store selects its columns in the same order.
 */
const struct record	*frontend_record(void);
const struct record	*backend_record(void);
const struct record	*reservation_record(void);
const struct record	*audit_record(void);
/* resource_meeting.c */
const struct record	*meeting_record(void);
const struct record	*attendee_record(void);	/* in one */
const struct record	*command_record(void);
const struct record	*callback_record(void);

#endif
