/*
 * Every key of b3scale.conf, read once and const from then on.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>

#include "base/err.h"

/* One member per key; the table in config.c has defaults and meanings. */
struct config {
	/* database */
	char		*db_url;
	int		 db_timeout;		/* ms, one statement */
	int		 db_connect_timeout;	/* ms, one host */
	bool		 route_replica;
	int		 stale_max;		/* ms */
	/* requests */
	int		 max_requests;		/* 0: never retire */
	long long	 max_query;		/* bytes */
	int		 max_params;
	long long	 max_form;		/* bytes */
	long long	 max_body;		/* bytes */
	long long	 spool_memory;		/* bytes */
	char		*spool_dir;
	char		*run_dir;
	char		*pages_dir;
	/* calls to BBB servers */
	int		 connect_timeout;	/* ms */
	int		 try_timeout;		/* ms */
	int		 create_timeout;	/* ms, all tries */
	int		 slots;			/* calls in the air a server */
	int		 slot_wait;		/* ms */
	long long	 max_reply;		/* bytes */
	/* placement */
	int		 size_hint;		/* users of a new meeting */
	int		 size_fade;		/* ms */
	double		 weight_voice;
	double		 weight_video;
	int		 agent_timeout;		/* ms */
	/* poll job */
	int		 poll_interval;		/* ms */
	int		 poll_timeout;		/* ms */
	int		 poll_lease;		/* ms */
	int		 poll_retry;		/* ms, of a failed server */
	int		 poll_parallel;
	int		 meeting_grace;		/* ms */
	/* other jobs */
	int		 command_lease;		/* ms */
	int		 keep_ended_days;
	int		 keep_commands_days;
	int		 keep_audit_days;
	int		 keep_reservations_days;
	/* callbacks */
	char		*api_url;		/* "": callbacks pass us by */
	char		*api_jwt_secret;
	char		*api_jwt_secret_previous; /* still verifies */
	char		*api_cors_origins;	/* words; "": none */
	bool		 callback_loopback;
	/* browsers */
	int		 wait_max;		/* ms of the waiting page */
	/* log */
	int		 log_level;		/* enum log_level */
	int		 log_target;		/* enum log_target */
	int		 log_format;		/* enum log_format */
};

/* ERR_CONFIG with file:line.  path NULL: the installed b3scale.conf, if any. */
int	config_load(const char *path, struct config *c, struct err *e);
void	config_free(struct config *c);

#endif
