/*
 * Every key of agent.conf, read once and const from then on.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H

#include <stdbool.h>

#include "base/err.h"

/* One member per key; the table in settings.c has defaults and meanings. */
struct settings {
	/* the balancer */
	char		*api_url;
	char		*api_access_token;
	char		*api_access_token_file;
	int		 api_timeout;		/* ms */
	int		 connect_timeout;	/* ms */
	/* this BBB server */
	char		*bbb_properties;
	char		*bbb_defaults;
	char		*bbb_release;
	char		*bbb_api_url;
	bool		 register_host;
	double		 load_factor;		/* 0: the balancer's own */
	/* events */
	int		 heartbeat_interval;	/* ms */
	int		 batch_interval;	/* ms */
	long long	 queue_max;		/* bytes */
	int		 redis_timeout;		/* ms */
	/* log */
	int		 log_level;		/* enum log_level */
	int		 log_target;		/* enum log_target */
	int		 log_format;		/* enum log_format */
};

/*
 * ERR_CONFIG with file:line.  path NULL: the installed agent.conf, if any.
 * A token in a file of its own ends up in api_access_token.
 */
int	settings_load(const char *path, struct settings *s, struct err *e);
void	settings_free(struct settings *s);

#endif
