/*
 * bbbsim: imitates BigBlueButton servers for tests.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/resource.h>
#include <sys/signalfd.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "control.h"
#include "mem.h"

#define SECRET_DEFAULT	"not-a-real-secret-0123456789abcdef"
#define END_DELAY_MS	300
#define CALLBACK_RETRY_MS 30000

struct options {
	unsigned	 count;
	unsigned	 first_port;
	unsigned	 control_port;
	const char	*address;
	const char	*secret;
	bool		 own_secrets;
	unsigned	 redis_port;	/* 0: none */
	bool		 own_redis;	/* each server's is one further */
	struct settings	 settings;
};

static void
usage(void)
{
	(void)fprintf(stderr, "usage: bbbsim [-qu] [-a address] [-c port]"
	    " [-d end_delay_ms]\n\t[-e expire_seconds] [-n count] [-p port]"
	    " [-R redis_port | -r redis_port]\n\t[-s secret]"
	    " [-t users_timeout_ms] [-V version]\n");
	exit(EX_USAGE);
}

static unsigned
number(const char *s, unsigned max)
{
	unsigned long	 v;
	char		*end;

	v = strtoul(s, &end, 10);
	if (end == s || *end != '\0' || *s == '-' || v > max)
		errx(EX_USAGE, "%s: not a number up to %u", s, max);
	return (unsigned)v;
}

static unsigned
series(const char *s)
{
	static const char *const known[] = { "2.2", "2.3", "2.4", "2.5", "2.6",
	    "2.7", "3.0" };
	size_t	i;

	for (i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(s, known[i]) == 0)
			return (unsigned)(10 * (s[0] - '0') + s[2] - '0');
	errx(EX_USAGE, "%s: no version from 2.2 to 2.7, nor 3.0", s);
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	int	c;

	while ((c = getopt(argc, argv, "R:V:a:c:d:e:n:p:qr:s:t:u")) != -1)
		switch (c) {
		case 'R':
			o->redis_port = number(optarg, 65535);
			o->own_redis = false;
			break;
		case 'V':
			o->settings.series = series(optarg);
			break;
		case 'a':
			o->address = optarg;
			break;
		case 'c':
			o->control_port = number(optarg, 65535);
			break;
		case 'd':
			o->settings.end_delay_ms = number(optarg, 3600000);
			break;
		case 'e':
			o->settings.expire_ms = number(optarg, 86400) * 1000;
			break;
		case 'n':
			o->count = number(optarg, 10000);
			break;
		case 'p':
			o->first_port = number(optarg, 65535);
			break;
		case 'q':
			o->settings.record = false;
			break;
		case 'r':
			o->redis_port = number(optarg, 65535);
			o->own_redis = true;
			break;
		case 's':
			o->secret = optarg;
			break;
		case 't':
			o->settings.users_timeout_ms = number(optarg, 3600000);
			break;
		case 'u':
			o->own_secrets = true;
			break;
		default:
			usage();
		}
	if (argc != optind)
		usage();
	if (o->count == 0 || *o->secret == '\0')
		errx(EX_USAGE, "no server or no secret");
	if (o->first_port + o->count - 1 > 65535)
		errx(EX_USAGE, "port 65536 is none");
}

/* Each server needs three descriptors before the first connection. */
static void
raise_limits(void)
{
	struct rlimit	rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(EX_OSERR, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(EX_OSERR, "setrlimit");
}

static void
add_server(struct sim *sim, const struct options *o, unsigned i)
{
	struct server_spec	spec = { .index = i, .address = o->address,
	    .settings = &o->settings };
	struct buf		secret = { 0 };

	spec.port = o->first_port == 0 ? 0 : o->first_port + i;
	buf_text(&secret, o->secret);
	if (o->own_secrets)
		buf_format(&secret, "-%u", i);
	spec.secret = secret.data;
	spec.redis_host = o->redis_port == 0 ? "" : "127.0.0.1";
	spec.redis_port = o->redis_port + (o->own_redis ? i : 0);
	sim->servers[i] = server_new(sim->loop, sim->digests, &spec);
	sim->count = i + 1;
	port_serve(&sim->servers[i]->port);
	buf_free(&secret);
}

/* The one line by which a test finds everything. */
static void
announce(const struct sim *sim, const struct control *control)
{
	json_t		*list = json_array(), *j;
	struct buf	 url = { 0 };
	char		*text;
	unsigned	 i;

	for (i = 0; i < sim->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}",
		    "url", sim->servers[i]->url,
		    "secret", sim->servers[i]->secret));
	buf_format(&url, "http://127.0.0.1:%u", control_port(control));
	j = json_pack("{s:s, s:o}", "control", url.data, "servers", list);
	text = json_dumps(j, JSON_COMPACT);
	(void)printf("%s\n", text);
	(void)fflush(stdout);
	free(text);
	json_decref(j);
	buf_free(&url);
}

static void
signalled(void *arg)
{
	loop_stop(arg);
}

/* TERM and INT end the loop. */
static void
watch_signals(struct loop *loop, struct watch *w)
{
	sigset_t	set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		err(EX_OSERR, "sigprocmask");
	(void)signal(SIGPIPE, SIG_IGN);
	if ((w->fd = signalfd(-1, &set, SFD_CLOEXEC)) == -1)
		err(EX_OSERR, "signalfd");
	w->fn = signalled;
	w->arg = loop;
	loop_watch(loop, w);
}

int
main(int argc, char **argv)
{
	struct options	 o = {
		.count = 2,
		.address = "127.0.0.1",
		.secret = SECRET_DEFAULT,
		.settings = { .series = SERIES_3_0, .record = true,
		    .end_delay_ms = END_DELAY_MS,
		    .callback_retry_ms = CALLBACK_RETRY_MS },
	};
	struct sim	 sim = { .count = 0 };
	struct watch	 signals = { .fd = -1 };
	struct control	*control;
	unsigned	 i;

	parse_options(&o, argc, argv);
	raise_limits();
	sim.loop = loop_new();
	sim.digests = digests_new();
	sim.servers = mem_alloc(o.count * sizeof(struct server *));
	watch_signals(sim.loop, &signals);
	for (i = 0; i < o.count; i++)
		add_server(&sim, &o, i);
	control = control_new(&sim, o.control_port);
	announce(&sim, control);
	loop_run(sim.loop);
	control_free(control);
	for (i = 0; i < sim.count; i++)
		server_free(sim.servers[i]);
	(void)close(signals.fd);
	free(sim.servers);
	digests_free(sim.digests);
	loop_free(sim.loop);
	return 0;
}
