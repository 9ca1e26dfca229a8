/*
 * How long something is to last, or was ago, as it is typed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_SPAN_H
#define CTL_SPAN_H

#include "ctl.h"

/* Seconds of "90", "90s", "15m", "2h", "7d"; -1: it is none of these. */
int	span_read(const char *text, long long *seconds);
/* The same of an option that was given, at most max; ERR_INPUT. */
int	span_option(const struct ctl *c, enum opt o, long long max,
	    long long *seconds, struct err *e);
/* A time: as it was typed, or, of a span, so long ago as in RFC 3339. */
const char *span_time(struct ctl *c, const char *text);

#endif
