/*
 * What can be set per simulated server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_SETTINGS_H
#define BBBSIM_SETTINGS_H

#include <stdbool.h>

#define SERIES_2_2	22
#define SERIES_2_3	23
#define SERIES_2_4	24
#define SERIES_2_5	25
#define SERIES_2_6	26
#define SERIES_2_7	27
#define SERIES_3_0	30

struct settings {
	unsigned	 series;		/* SERIES_... */
	unsigned	 expire_ms;		/* empty meetings go; 0: never */
	unsigned	 end_delay_ms;		/* from end to gone */
	unsigned	 users_timeout_ms;	/* from leaving to forgotten */
	unsigned	 callback_retry_ms;	/* before the second try */
	bool		 record;		/* keep the requests it saw */
	char		 bbb_version[32];	/* shown by the index */
};

#endif
