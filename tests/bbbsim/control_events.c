/*
 * Control of what a server tells Redis.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "feed.h"

json_t *
control_events_get(struct control_call *c, struct server *s)
{
	const struct feed		*f = s->meetings->feed;
	const struct feed_settings	*st = feed_settings(f);
	const struct feed_stats		*n = feed_stats(f);
	char				 redis[80] = "";

	(void)c;
	if (*st->redis_host != '\0')
		(void)snprintf(redis, sizeof redis, "%s:%u", st->redis_host,
		    st->redis_port);
	return json_pack("{s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:i,"
	    " s:{s:I, s:I, s:I, s:I, s:I}}", "redis", redis,
	    "connected", (int)feed_connected(f), "noise", (int)st->noise,
	    "lose", (int)st->lose, "repeat", (int)st->repeat,
	    "late", (int)st->late, "late_ms", (int)st->late_ms,
	    "pong_ms", (int)st->pong_ms, "snapshot_ms", (int)st->snapshot_ms,
	    "messages", "published", (json_int_t)n->published,
	    "lost", (json_int_t)n->lost, "repeated", (json_int_t)n->repeated,
	    "late", (json_int_t)n->late, "noise", (json_int_t)n->noise);
}

/* "host:port", or empty for none; false if it is neither. */
static bool
read_redis(struct feed_settings *st, const char *redis)
{
	const char	*colon = strrchr(redis, ':');
	char		*end;
	unsigned long	 port;

	*st->redis_host = '\0';
	if (*redis == '\0')
		return true;
	if (colon == NULL || colon == redis ||
	    (size_t)(colon - redis) >= sizeof st->redis_host)
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end != '\0' || port == 0 || port > 65535)
		return false;
	(void)snprintf(st->redis_host, sizeof st->redis_host, "%.*s",
	    (int)(colon - redis), redis);
	st->redis_port = (unsigned)port;
	return true;
}

static bool
in_range(const struct feed_settings *st)
{
	/* a negative number is a large one here */
	return st->noise <= 1000000 && st->lose <= 100 && st->repeat <= 100 &&
	    st->late <= 100 && st->late_ms <= 60000 &&
	    st->pong_ms <= 3600000 && st->snapshot_ms <= 3600000;
}

json_t *
control_events_set(struct control_call *c, struct server *s)
{
	struct feed_settings	 st = *feed_settings(s->meetings->feed);
	const char		*redis = NULL;

	if (json_unpack((json_t *)c->body, "{s?s, s?i, s?i, s?i, s?i, s?i,"
	    " s?i, s?i !}", "redis", &redis, "noise", &st.noise,
	    "lose", &st.lose, "repeat", &st.repeat, "late", &st.late,
	    "late_ms", &st.late_ms, "pong_ms", &st.pong_ms,
	    "snapshot_ms", &st.snapshot_ms) == -1)
		return control_error(c, 400, "redis, noise, lose, repeat,"
		    " late, late_ms, pong_ms and snapshot_ms can be set");
	if (redis != NULL && !read_redis(&st, redis))
		return control_error(c, 400, "redis is host:port or empty");
	if (!in_range(&st))
		return control_error(c, 400, "out of range");
	feed_set(s->meetings->feed, &st);
	return control_events_get(c, s);
}

/* One message as it is given. */
json_t *
control_publish(struct control_call *c, struct server *s)
{
	const char	*channel, *text;
	size_t		 len;

	if (json_unpack((json_t *)c->body, "{s:s, s:s% !}",
	    "channel", &channel, "message", &text, &len) == -1)
		return control_error(c, 400, "channel and message are needed");
	if (!feed_send_raw(s->meetings->feed, channel, text, len))
		return control_error(c, 409, "there is no Redis");
	return json_pack("{s:b}", "ok", 1);
}
