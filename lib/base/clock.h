/*
 * What time it is, and how much of it is left.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t	clock_wall_ms(void);	/* since 1970, UTC */
int64_t	clock_mono_ms(void);	/* never set back; for deadlines */
int64_t	clock_mono_us(void);

/* Milliseconds until deadline (a clock_mono_ms value), never below 0. */
int	clock_left_ms(int64_t deadline);

#define CLOCK_ISO_LEN	sizeof("2024-11-19T07:00:00.123Z")
/* RFC 3339 in UTC with milliseconds; returns buf. */
char	*clock_iso(int64_t wall_ms, char buf[CLOCK_ISO_LEN]);

#endif
