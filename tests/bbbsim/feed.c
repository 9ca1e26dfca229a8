/*
 * What one server tells Redis, and what goes wrong on the way.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "feed.h"
#include "mem.h"
#include "meeting.h"
#include "noise.h"
#include "redis.h"

#define PONG_MS		10000
#define SNAPSHOT_MS	30000
#define NOISE_MS	5		/* a batch of noise each so often */

static const char *const channel_names[] = {
	[CHANNEL_MAIN]		= "from-akka-apps-redis-channel",
	[CHANNEL_FRONTEND]	= "from-akka-apps-frontend-redis-channel",
	[CHANNEL_PRES]		= "from-akka-apps-pres-redis-channel",
	[CHANNEL_WHITEBOARD]	= "from-akka-apps-wb-redis-channel",
	[CHANNEL_WEB]		= "from-bbb-web-redis-channel",
	[CHANNEL_RAP]		= "bigbluebutton:from-rap",
};

TAILQ_HEAD(late_list, late);

struct feed {
	struct loop		*loop;
	struct meetings		*meetings;
	struct redis		*redis;
	struct feed_settings	 settings;
	struct feed_stats	 stats;
	struct late_list	 late;
	struct timer		 pong;
	struct timer		 noise;
	int64_t			 noise_since_ms;
	uint64_t		 noise_made;	/* since then */
};

/* A message that is not sent yet. */
struct late {
	TAILQ_ENTRY(late)	 link;
	struct feed		*feed;
	struct timer		 timer;
	enum feed_channel	 channel;
	size_t			 len;
	char			*text;
};

static void
late_free(struct late *l)
{
	loop_timer_stop(l->feed->loop, &l->timer);
	TAILQ_REMOVE(&l->feed->late, l, link);
	free(l->text);
	free(l);
}

static void
pong(void *arg)
{
	struct feed	*f = arg;

	event_pong(f->meetings);
	loop_timer(f->loop, &f->pong, f->settings.pong_ms);
}

/* As many as the time that has passed asks for. */
static void
noise(void *arg)
{
	struct feed	*f = arg;
	int64_t		 passed_ms = loop_now_ms() - f->noise_since_ms;
	uint64_t	 due;

	due = (uint64_t)(passed_ms < 0 ? 0 : passed_ms) * f->settings.noise /
	    1000;
	for (; f->noise_made < due; f->noise_made++) {
		noise_message(f->meetings, f->stats.noise);
		f->stats.noise++;
	}
	loop_timer(f->loop, &f->noise, NOISE_MS);
}

struct feed *
feed_new(struct loop *loop, struct meetings *ms)
{
	struct feed	*f = mem_alloc(sizeof *f);

	f->loop = loop;
	f->meetings = ms;
	f->settings.pong_ms = PONG_MS;
	f->settings.snapshot_ms = SNAPSHOT_MS;
	TAILQ_INIT(&f->late);
	f->pong = (struct timer){ .fn = pong, .arg = f };
	f->noise = (struct timer){ .fn = noise, .arg = f };
	return f;
}

static void
stop(struct feed *f)
{
	while (!TAILQ_EMPTY(&f->late))
		late_free(TAILQ_FIRST(&f->late));
	loop_timer_stop(f->loop, &f->pong);
	loop_timer_stop(f->loop, &f->noise);
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	stop(f);
	redis_free(f->redis);
	free(f);
}

void
feed_set(struct feed *f, const struct feed_settings *st)
{
	bool	moved = st->redis_port != f->settings.redis_port ||
	    strcmp(st->redis_host, f->settings.redis_host) != 0;

	stop(f);
	f->settings = *st;
	if (moved) {
		redis_free(f->redis);
		f->redis = NULL;
	}
	if (*st->redis_host == '\0')
		return;
	if (f->redis == NULL)
		f->redis = redis_new(f->loop, st->redis_host, st->redis_port);
	if (st->pong_ms > 0)
		loop_timer(f->loop, &f->pong, 0);
	if (st->noise > 0) {
		f->noise_since_ms = loop_now_ms();
		f->noise_made = 0;
		loop_timer(f->loop, &f->noise, NOISE_MS);
	}
}

void
feed_reset(struct feed *f, const struct feed_settings *st)
{
	feed_set(f, st);
	f->stats = (struct feed_stats){ .published = 0 };
}

const struct feed_settings *
feed_settings(const struct feed *f)
{
	return &f->settings;
}

const struct feed_stats *
feed_stats(const struct feed *f)
{
	return &f->stats;
}

bool
feed_connected(const struct feed *f)
{
	return redis_connected(f->redis);
}

bool
feed_wanted(const struct feed *f)
{
	return f->redis != NULL;
}

const char *
feed_channel_name(enum feed_channel channel)
{
	return channel_names[channel];
}

bool
feed_send_raw(struct feed *f, const char *channel, const char *text,
    size_t len)
{
	if (!redis_publish(f->redis, channel, text, len)) {
		f->stats.lost++;
		return false;
	}
	f->stats.published++;
	return true;
}

static void
send_late(void *arg)
{
	struct late	*l = arg;

	(void)feed_send_raw(l->feed, channel_names[l->channel], l->text,
	    l->len);
	late_free(l);
}

static bool
happens(unsigned percent)
{
	return percent > 0 && (unsigned)rand() % 100 < percent;
}

static void
delay(struct feed *f, enum feed_channel channel, const char *text, size_t len)
{
	struct late	*l = mem_alloc(sizeof *l);

	l->feed = f;
	l->channel = channel;
	l->text = mem_dupn(text, len);
	l->len = len;
	l->timer = (struct timer){ .fn = send_late, .arg = l };
	TAILQ_INSERT_TAIL(&f->late, l, link);
	loop_timer(f->loop, &l->timer,
	    (int64_t)((unsigned)rand() % (f->settings.late_ms + 1)));
	f->stats.late++;
}

void
feed_send(struct feed *f, enum feed_channel channel, const char *text,
    size_t len)
{
	if (happens(f->settings.lose)) {
		f->stats.lost++;
		return;
	}
	if (happens(f->settings.late)) {
		delay(f, channel, text, len);
		return;
	}
	(void)feed_send_raw(f, channel_names[channel], text, len);
	if (happens(f->settings.repeat)) {
		f->stats.repeated++;
		(void)feed_send_raw(f, channel_names[channel], text, len);
	}
}
