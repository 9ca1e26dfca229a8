/*
 * Puts the parts together and lets each have its turn.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "agent.h"

#include <config.h>

#include <sys/signalfd.h>

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "beat.h"
#include "enroll.h"
#include "feed.h"
#include "forward.h"
#include "notify.h"
#include "proto/url.h"
#include "props.h"
#include "version.h"

#define USER_AGENT	"b3scaleagent/" PACKAGE_VERSION
#define WAIT_MAX_MS	1000
#define LOCAL_MS	5000
/* akka-apps speaks every 10 s; then bbb-web, too, takes it for dead. */
#define PONG_MS		30000
/* What large messages leave behind goes back to the system so often. */
#define TRIM_MS		60000

/* All in one loop, and one after the other: none sees another half done. */
struct agent {
	const struct settings	*settings;
	struct arena		*arena;		/* of BBB's files */
	struct props_bbb	 bbb;
	struct calls		*calls;
	struct api		 api;
	struct local		*local;
	struct version		*version;
	struct feed		*feed;
	struct forward		*forward;
	struct beat		*beat;
	struct enroll		*enroll;
	int			 signals;	/* fd; -1: none yet */
	int			 watchdog_ms;	/* 0: none */
	int64_t			 watchdog_due_ms;
	int64_t			 trim_due_ms;
	bool			 dumb;		/* no pong, and said so */
};

/*
 * The defaults' file is missing where BBB lives in containers: then what is
 * set on this host has to be enough.
 */
static int
read_bbb(struct agent *a, enum checksum_hash *hash, struct err *e)
{
	const struct settings	*s = a->settings;
	struct props		*p = props_new(a->arena);
	const char		*list;

	if (access(s->bbb_defaults, F_OK) == 0 &&
	    props_load(p, s->bbb_defaults, e) == -1)
		return -1;
	if (props_load(p, s->bbb_properties, e) == -1)
		return -1;
	if (props_bbb(p, &a->bbb, e) == -1)
		return err_note(e, "%s", s->bbb_properties);
	list = props_get(p, "supportedChecksumAlgorithms");
	/* One that lists none is old: SHA-1 is what all of those take. */
	*hash = list != NULL && strstr(list, "sha256") != NULL ?
	    CHECKSUM_SHA256 : CHECKSUM_SHA1;
	return 0;
}

/*
 * bbb_api_url is for hosts that cannot reach themselves by their public name;
 * without it that name has to do.
 */
static int
read_urls(struct agent *a, char **local, struct err *e)
{
	char	*base;

	if (api_base(a->arena, a->settings->api_url, &base, e) == -1)
		return err_note(e, "api_url");
	*local = NULL;
	if (a->settings->bbb_api_url[0] != '\0' && url_backend(a->arena,
	    a->settings->bbb_api_url, local, e) == -1)
		return err_set(e, ERR_CONFIG, "bbb_api_url: %s", e->text);
	a->api.base = base;
	return 0;
}

/*
 * What the parts tell one another goes through here: none of them knows
 * another.
 */
static void
on_event(void *ctx, const struct event *ev)
{
	struct agent	*a = ctx;

	forward_event(a->forward, ev);
}

static void
on_gap(void *ctx)
{
	struct agent	*a = ctx;

	forward_gap(a->forward);
}

/*
 * The heartbeat is the first to hear that the balancer is back, or that it has
 * forgotten this host.
 */
static void
on_beat(void *ctx, int status)
{
	struct agent	*a = ctx;

	if (status >= 200 && status <= 299)
		forward_hurry(a->forward);
	else if (status == 404)
		enroll_again(a->enroll);
}

static void
open_feed(struct agent *a)
{
	struct feed_opts	o = {
		.host = a->bbb.redis_host,
		.port = a->bbb.redis_port,
		.password = a->bbb.redis_password,
		.silence_ms = a->settings->redis_timeout,
	};
	struct feed_hooks	h = { on_event, on_gap, a };

	a->feed = feed_new(&o, &h);
}

static void
open_api(struct agent *a)
{
	const struct settings	*s = a->settings;
	struct forward_opts	 fo = { &a->api, a->local, s->batch_interval,
				    (size_t)s->queue_max };
	struct enroll_opts	 eo = { &a->api, a->bbb.url, a->bbb.secret,
				    s->load_factor, s->register_host };
	struct beat_opts	 bo = { &a->api, a->feed, a->version,
				    s->heartbeat_interval, on_beat, a };

	a->forward = forward_new(&fo);
	a->enroll = enroll_new(&eo);
	a->beat = beat_new(&bo);
}

/* It is where its meetings are. */
static void
open_version(struct agent *a, const struct local_opts *lo)
{
	struct version_opts	o = {
		.calls = a->calls,
		.release = a->settings->bbb_release,
		.urls = { lo->urls[0], lo->urls[1] },
		.total_ms = LOCAL_MS,
	};

	a->version = version_new(&o);
}

struct agent *
agent_new(const struct settings *s, struct err *e)
{
	struct agent		*a = xcalloc(1, sizeof(*a));
	struct local_opts	 lo = { .secret = NULL, .total_ms = LOCAL_MS };
	char			*local;

	a->settings = s;
	a->arena = arena_new();
	a->signals = -1;
	if (read_bbb(a, &lo.hash, e) == -1 || read_urls(a, &local, e) == -1) {
		agent_free(a);
		return NULL;
	}
	a->calls = calls_new(USER_AGENT);
	a->api.calls = a->calls;
	a->api.token = s->api_access_token;
	a->api.connect_ms = s->connect_timeout;
	a->api.total_ms = s->api_timeout;
	lo.calls = a->calls;
	lo.urls[0] = local != NULL ? local : "";
	lo.urls[1] = a->bbb.url;
	lo.secret = a->bbb.secret;
	a->local = local_new(&lo);
	open_version(a, &lo);
	open_feed(a);
	open_api(a);
	return a;
}

/*
 * The calls first: they drop what is in the air, whose callbacks would reach
 * into the parts.
 */
void
agent_free(struct agent *a)
{
	if (a == NULL)
		return;
	calls_free(a->calls);
	beat_free(a->beat);
	enroll_free(a->enroll);
	forward_free(a->forward);
	feed_free(a->feed);
	local_free(a->local);
	version_free(a->version);
	arena_free(a->arena);
	if (a->signals != -1)
		close(a->signals);
	free(a);
}

/*
 * As a descriptor, so that one wait covers all and no handler interrupts a
 * part.
 */
static int
open_signals(struct agent *a, struct err *e)
{
	sigset_t	set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (a->signals == -1)
		return err_set(e, ERR_SYSTEM, "signalfd: %s",
		    strerror(errno));
	return 0;
}

static bool
is_told_to_end(const struct agent *a)
{
	struct signalfd_siginfo	si;

	return read(a->signals, &si, sizeof(si)) == (ssize_t)sizeof(si);
}

/* A host whose Redis answers while its akka-apps does not is half dead. */
static void
watch_pong(struct agent *a, int64_t now)
{
	int64_t	last = feed_stats(a->feed)->pong_ms;
	bool	dumb = last > 0 && now - last > PONG_MS &&
		    feed_is_live(a->feed);

	if (dumb && !a->dumb)
		log_warnx("akka-apps has been silent for %d s",
		    PONG_MS / 1000);
	else if (!dumb && a->dumb)
		log_info("akka-apps speaks again");
	a->dumb = dumb;
}

static void
house_keeping(struct agent *a, int64_t now)
{
	watch_pong(a, now);
	if (a->watchdog_ms > 0 && now >= a->watchdog_due_ms) {
		notify("WATCHDOG=1");
		a->watchdog_due_ms = now + a->watchdog_ms;
	}
	if (now >= a->trim_due_ms) {
		malloc_trim(0);
		a->trim_due_ms = now + TRIM_MS;
	}
}

/* Until something comes in or is due, and at most a second. */
static void
await(struct agent *a)
{
	struct curl_waitfd	fds[2] = {
		{ .fd = a->signals, .events = CURL_WAIT_POLLIN },
		{ .events = CURL_WAIT_POLLIN },
	};
	int64_t			due = feed_due_ms(a->feed), at;
	bool			want_write;
	int			ms;

	fds[1].fd = feed_fd(a->feed, &want_write);
	if (want_write)
		fds[1].events |= CURL_WAIT_POLLOUT;
	/* What may not run yet must not shorten the wait, or it would spin. */
	if ((at = beat_due_ms(a->beat)) < due && enroll_is_done(a->enroll))
		due = at;
	if ((at = forward_due_ms(a->forward)) < due &&
	    enroll_is_done(a->enroll))
		due = at;
	if ((at = enroll_due_ms(a->enroll)) < due)
		due = at;
	ms = due == INT64_MAX ? WAIT_MAX_MS : clock_left_ms(due);
	calls_wait(a->calls, fds, fds[1].fd == -1 ? 1 : 2,
	    ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS);
}

int
agent_run(struct agent *a, struct err *e)
{
	int64_t	now;

	if (open_signals(a, e) == -1)
		return -1;
	a->watchdog_ms = notify_watchdog_ms();
	log_info("started: %s, redis %s:%d", a->bbb.url, a->bbb.redis_host,
	    a->bbb.redis_port);
	/*
	 * Now, not when the balancer answers: an agent that waits for it is
	 * well.
	 */
	notify("READY=1");
	while (!is_told_to_end(a)) {
		now = clock_mono_ms();
		feed_run(a->feed, now);
		enroll_run(a->enroll, now);
		/*
		 * Whom the balancer does not know it would answer 404 each
		 * time.
		 */
		if (enroll_is_done(a->enroll)) {
			beat_run(a->beat, now);
			forward_run(a->forward, now);
		}
		house_keeping(a, now);
		await(a);
	}
	notify("STOPPING=1");
	log_info("ended: %ju events, %ju messages of noise, %ju unreadable",
	    (uintmax_t)feed_stats(a->feed)->events,
	    (uintmax_t)feed_stats(a->feed)->noise,
	    (uintmax_t)feed_stats(a->feed)->unreadable);
	return 0;
}
