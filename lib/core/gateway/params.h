/*
 * What each call accepts: the rules of bbb-api chapter 4.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_PARAMS_H
#define CORE_GATEWAY_PARAMS_H

#include "core/gateway/call.h"

/*
 * Checks all rules of this call at once and reports the broken one that BBB
 * would report (its order of keys).  FAILED with BBB's key and message.
 */
enum verdict	params_check(struct call *c, struct err *e);

#endif
