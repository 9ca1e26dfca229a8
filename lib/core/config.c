/*
 * The table of all keys of b3scale.conf: their defaults, limits and meanings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/config.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "proto/url.h"

#define CONFIG_PATH	SYSCONFDIR "/b3scale/b3scale.conf"

#define KIB		1024.0
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define SECOND		1000.0
#define HOUR		(3600 * SECOND)
#define DAY		(24 * HOUR)

static const char *const log_level_words[] = { LOG_LEVEL_WORDS };
static const char *const log_target_words[] = { LOG_TARGET_WORDS };
static const char *const log_format_words[] = { LOG_FORMAT_WORDS };

#define KEY(key, ...)	{ CONF_KEY(struct config, key, __VA_ARGS__) }

/* Limits are in milliseconds and bytes. */
static const struct conf_key config_keys[] = {
	/* database */
	KEY(db_url, STR, "postgresql:///b3scale", 0, 0,
	    "where the database is, as libpq takes it"),
	KEY(db_timeout, TIME, "2 s", 100, HOUR,
	    "longest a statement may take"),
	KEY(db_connect_timeout, TIME, "500 ms", 50, 60 * SECOND,
	    "longest an attempt to connect to one host may take"),
	KEY(route_replica, BOOL, "on", 0, 0,
	    "workers answer joins from a copy in their memory"),
	KEY(stale_max, TIME, "300 s", 0, DAY,
	    "how long that copy serves while the database is away"),
	/* requests */
	KEY(max_requests, INT, "1000000", 0, 1e9,
	    "requests a worker serves before it retires; 0: no end"),
	KEY(max_query, SIZE, "64 KiB", KIB, MIB,
	    "longest query string"),
	KEY(max_params, INT, "500", 10, 100000,
	    "most parameters of one call"),
	KEY(max_form, SIZE, "2 MiB", KIB, GIB,
	    "largest body of a form"),
	KEY(max_body, SIZE, "256 MiB", KIB, 1024 * GIB,
	    "largest body of any other kind"),
	KEY(spool_memory, SIZE, "1 MiB", 0, GIB,
	    "a larger body goes to a file in spool_dir"),
	KEY(spool_dir, STR, "/var/tmp", 0, 0,
	    "where large bodies wait in nameless files"),
	KEY(run_dir, STR, "/run/b3scale", 0, 0,
	    "where the workers of a node share the file of slots"),
	KEY(pages_dir, STR, PKGDATADIR "/pages", 0, 0,
	    "templates of the pages that browsers see"),
	/* calls to BBB servers */
	KEY(connect_timeout, TIME, "2 s", 10, 60 * SECOND,
	    "longest a connection to a BBB server may take"),
	KEY(try_timeout, TIME, "10 s", 100, HOUR,
	    "longest one call to a BBB server may take"),
	KEY(create_timeout, TIME, "25 s", 100, HOUR,
	    "longest a create may take, all servers tried"),
	KEY(slots, INT, "4", 1, 250,
	    "calls of this node that may wait for one BBB server"),
	KEY(slot_wait, TIME, "2 s", 0, 60 * SECOND,
	    "how long a call waits for one of these slots"),
	KEY(max_reply, SIZE, "64 MiB", 64 * KIB, GIB,
	    "longest reply of a BBB server"),
	/* placement */
	KEY(size_hint, INT, "15", 0, 100000,
	    "users expected in a new meeting"),
	KEY(size_fade, TIME, "1800 s", 0, DAY,
	    "over how long that expectation gives way to the count"),
	KEY(weight_voice, REAL, "0.5", 0, 1000,
	    "cost of a microphone, in users"),
	KEY(weight_video, REAL, "2", 0, 1000,
	    "cost of a camera, in users"),
	KEY(agent_timeout, TIME, "5 s", SECOND, HOUR,
	    "an agent silent for longer gets its server no new meetings"),
	/* poll job */
	KEY(poll_interval, TIME, "10 s", SECOND, HOUR,
	    "time between two polls of a BBB server"),
	KEY(poll_timeout, TIME, "5 s", 100, HOUR,
	    "longest a poll of one BBB server may take"),
	KEY(poll_lease, TIME, "15 s", SECOND, HOUR,
	    "when the servers of a poll that died are polled by another"),
	KEY(poll_retry, TIME, "30 s", SECOND, HOUR,
	    "time between two polls of a failed BBB server"),
	KEY(poll_parallel, INT, "1000", 1, 10000,
	    "BBB servers asked at once"),
	KEY(meeting_grace, TIME, "60 s", 0, HOUR,
	    "a meeting younger than this does not end by missing in a poll"),
	/* other jobs */
	KEY(command_lease, TIME, "30 s", SECOND, HOUR,
	    "when the commands of a job that died are done by another"),
	KEY(keep_ended_days, INT, "30", 1, 3650,
	    "days that ended meetings are remembered"),
	KEY(keep_commands_days, INT, "7", 1, 3650,
	    "days that finished commands can be read"),
	KEY(keep_audit_days, INT, "365", 1, 36500,
	    "days that it is known who changed what"),
	KEY(keep_reservations_days, INT, "30", 1, 36500,
	    "days that reservations are shown that are over"),
	/* callbacks */
	KEY(api_url, STR, "", 0, 0,
	    "our address for BBB servers and agents, without a path"),
	KEY(api_jwt_secret, STR, "", 0, 0,
	    "signs the tokens of the API and of callbacks"),
	KEY(api_jwt_secret_previous, STR, "", 0, 0,
	    "a former secret whose tokens are still good"),
	KEY(api_cors_origins, STR, "", 0, 0,
	    "origins whose pages may call the API from a browser"),
	KEY(callback_loopback, BOOL, "off", 0, 0,
	    "callbacks may go to this very host: for tests and labs"),
	/* browsers */
	KEY(wait_max, TIME, "300 s", 0, DAY,
	    "how long the waiting page tries a join again"),
	/* log */
	KEY(log_level, ENUM, "info", 0, 0,
	    "least important kind of message that is logged"),
	KEY(log_target, ENUM, "stderr", 0, 0,
	    "where log lines go"),
	KEY(log_format, ENUM, "text", 0, 0,
	    "how log lines look"),
};

#define NKEYS	(sizeof(config_keys) / sizeof(config_keys[0]))

struct order {
	const char	*shorter;
	const char	*longer;
	size_t		 shorter_offset;
	size_t		 longer_offset;
	bool		 may_equal;
};

#define ORDER(a, b, equal) {						\
	#a, #b, offsetof(struct config, a), offsetof(struct config, b), equal }

/* Durations that make no sense but in this order. */
static const struct order orders[] = {
	ORDER(connect_timeout, try_timeout, true),
	ORDER(try_timeout, create_timeout, true),
	ORDER(slot_wait, create_timeout, true),
	ORDER(connect_timeout, poll_timeout, true),
	ORDER(poll_timeout, poll_lease, false),
};

static int
check_orders(const struct config *c, struct err *e)
{
	const struct order	*o;
	int			 shorter, longer;
	size_t			 i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		o = &orders[i];
		shorter = *(const int *)((const char *)c + o->shorter_offset);
		longer = *(const int *)((const char *)c + o->longer_offset);
		if (shorter < longer || (shorter == longer && o->may_equal))
			continue;
		return err_set(e, ERR_CONFIG,
		    "%s (%d ms) must %s %s (%d ms)", o->shorter, shorter,
		    o->may_equal ? "not be longer than" : "be shorter than",
		    o->longer, longer);
	}
	return 0;
}

static int
check_dir(const char *key, const char *path, struct err *e)
{
	if (path[0] == '/')
		return 0;
	return err_set(e, ERR_CONFIG, "%s '%s' must begin with a '/'", key,
	    path);
}

static int
check_url(const char *key, const char *url, struct err *e)
{
	if (url[0] == '\0' || (url_is_http(url) && strpbrk(url, "?#") == NULL))
		return 0;
	return err_set(e, ERR_CONFIG, "%s '%s' is no http or https URL", key,
	    url);
}

static int
check(const struct config *c, struct err *e)
{
	if (check_url("api_url", c->api_url, e) < 0)
		return -1;
	if (check_dir("spool_dir", c->spool_dir, e) < 0 ||
	    check_dir("run_dir", c->run_dir, e) < 0 ||
	    check_dir("pages_dir", c->pages_dir, e) < 0)
		return -1;
	return check_orders(c, e);
}

int
config_load(const char *path, struct config *c, struct err *e)
{
	if (path == NULL && (access(CONFIG_PATH, F_OK) == 0 ||
	    errno != ENOENT))
		path = CONFIG_PATH;
	if (conf_load(config_keys, NKEYS, path, c, e) < 0)
		return -1;
	c->log_format %= LOG_FORMATS;
	if (check(c, e) < 0) {
		config_free(c);
		return path == NULL ? -1 : err_note(e, "%s", path);
	}
	return 0;
}

void
config_free(struct config *c)
{
	conf_free(config_keys, NKEYS, c);
}
