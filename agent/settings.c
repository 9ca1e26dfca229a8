/*
 * The table of all keys of agent.conf: defaults, limits and meanings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "load.h"

#define SETTINGS_PATH	SYSCONFDIR "/b3scale/agent.conf"
#define BBB_DEFAULTS	"/usr/share/bbb-web/WEB-INF/classes/" \
			"bigbluebutton.properties"
#define TOKEN_MAX	8192

#define SECOND		1000.0
#define HOUR		(3600 * SECOND)
#define MIB		(1024 * 1024.0)

static const char *const log_level_words[] = { LOG_LEVEL_WORDS };
static const char *const log_target_words[] = { LOG_TARGET_WORDS };
static const char *const log_format_words[] = { LOG_FORMAT_WORDS };

#define KEY(key, ...)	{ CONF_KEY(struct settings, key, __VA_ARGS__) }

/* Limits are in milliseconds and bytes. */
static const struct conf_key settings_keys[] = {
	/* the balancer */
	KEY(api_url, STR, "", 0, 0,
	    "address of the balancer's REST API"),
	KEY(api_access_token, STR, "", 0, 0,
	    "token of this agent"),
	KEY(api_access_token_file, STR, "", 0, 0,
	    "file with that token"),
	KEY(api_timeout, TIME, "10 s", 100, HOUR,
	    "longest a call of the balancer may take"),
	KEY(connect_timeout, TIME, "2 s", 10, 60 * SECOND,
	    "longest a connection to it may take"),
	/* this BBB server */
	KEY(bbb_properties, STR, "/etc/bigbluebutton/bbb-web.properties",
	    0, 0, "BBB's properties as set on this host",
	    .env2 = "BBB_CONFIG"),
	KEY(bbb_defaults, STR, BBB_DEFAULTS, 0, 0,
	    "BBB's properties as they come with it"),
	KEY(bbb_release, STR, "/etc/bigbluebutton/bigbluebutton-release",
	    0, 0, "file with BBB's version"),
	KEY(bbb_api_url, STR,
	    "http://127.0.0.1:8090/bigbluebutton/api/", 0, 0,
	    "where this host's BBB is asked for its meetings"),
	KEY(register_host, BOOL, "off", 0, 0,
	    "add this server to the balancer, keep its entry right"),
	KEY(load_factor, REAL, "0", 0, 1000,
	    "weight of this server's load; 0: as the balancer has it"),
	/* events */
	KEY(heartbeat_interval, TIME, "1 s", 100, 60 * SECOND,
	    "time between two heartbeats"),
	KEY(batch_interval, TIME, "100 ms", 10, 10 * SECOND,
	    "least time between two batches of events"),
	KEY(queue_max, SIZE, "2 MiB", 65536, 256 * MIB,
	    "most bytes of events that wait for the balancer"),
	KEY(redis_timeout, TIME, "25 s", SECOND, HOUR,
	    "Redis silent for longer is connected anew"),
	/* log */
	KEY(log_level, ENUM, "info", 0, 0,
	    "least important kind of message that is logged"),
	KEY(log_target, ENUM, "stderr", 0, 0,
	    "where log lines go"),
	KEY(log_format, ENUM, "text", 0, 0,
	    "how log lines look"),
};

#define NKEYS	(sizeof(settings_keys) / sizeof(settings_keys[0]))

static int
read_token(struct settings *s, struct err *e)
{
	char		text[TOKEN_MAX];
	struct view	v;

	if (s->api_access_token_file[0] == '\0')
		return 0;
	if (s->api_access_token[0] != '\0')
		return err_set(e, ERR_CONFIG, "api_access_token and"
		    " api_access_token_file: only one of them");
	if (load_file(s->api_access_token_file, text, sizeof(text)) == -1)
		return err_set(e, ERR_CONFIG, "api_access_token_file: %s: %s",
		    s->api_access_token_file, strerror(errno));
	v = str_trim((struct view){ text, strlen(text) });
	free(s->api_access_token);
	s->api_access_token = xmalloc(v.len + 1);
	memcpy(s->api_access_token, v.p, v.len);
	s->api_access_token[v.len] = '\0';
	return 0;
}

/* It goes into a header line. */
static int
check_token(const struct settings *s, struct err *e)
{
	const char	*p = s->api_access_token;

	if (*p == '\0')
		return err_set(e, ERR_CONFIG, "api_access_token: missing");
	for (; *p != '\0'; p++)
		if (!isgraph((unsigned char)*p))
			return err_set(e, ERR_CONFIG,
			    "api_access_token: not a token");
	return 0;
}

int
settings_load(const char *path, struct settings *s, struct err *e)
{
	if (path == NULL && (access(SETTINGS_PATH, F_OK) == 0 ||
	    errno != ENOENT))
		path = SETTINGS_PATH;
	if (conf_load(settings_keys, NKEYS, path, s, e) < 0)
		return -1;
	s->log_format %= LOG_FORMATS;
	if (read_token(s, e) < 0 || check_token(s, e) < 0) {
		settings_free(s);
		return -1;
	}
	return 0;
}

void
settings_free(struct settings *s)
{
	conf_free(settings_keys, NKEYS, s);
}
