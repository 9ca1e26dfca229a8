/*
 * b3scale-fcgi: one worker of a pool that answers the BBB API.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "config.h"
#include "base/log.h"
#include "core/config.h"
#include "core/worker.h"
#include "fcgi/loop.h"
#include "fcgi/options.h"

#define NAME	"b3scale-fcgi"

static const char how[] = NAME ": there is no listening socket on file"
    " descriptor 0; start it with\n"
    "spawn-fcgi -n -s SOCKET -- /usr/bin/multiwatch -f WORKERS -r 1000000"
    " -t 1000 -- " NAME "\n";

/*
 * A pool starts a worker anew as soon as it ends: the pause keeps one that
 * cannot start from being started hundreds of times a second.
 */
static int
start_failed(int status)
{
	if (loop_has_socket())
		sleep(1);
	return status;
}

/* Tells all on stderr, as the log is not open: a person waits for it. */
static int
check(const char *path)
{
	struct config	conf;
	struct err	e = ERR_INIT;

	if (config_load(path, &conf, &e) == 0) {
		worker_check(&conf, &e);
		config_free(&conf);
	}
	if (e.code == ERR_NONE)
		return EX_OK;
	fprintf(stderr, NAME ": %s\n", e.text);
	return EX_CONFIG;
}

/* Until the log is open stderr is all there is. */
static int
work(const char *path)
{
	struct config	conf;
	struct worker	w;
	struct err	e = ERR_INIT;
	int		status;

	if (config_load(path, &conf, &e) < 0) {
		fprintf(stderr, NAME ": %s\n", e.text);
		return start_failed(err_exit(e.code));
	}
	log_open(NAME, (enum log_target)conf.log_target,
	    (enum log_level)conf.log_level, (enum log_format)conf.log_format);
	if (worker_open(&w, &conf, NAME, &e) == 0) {
		status = loop_run(&w);
		worker_close(&w);
	} else {
		log_alarm("%s", e.text);
		status = start_failed(err_exit(e.code));
	}
	config_free(&conf);
	return status;
}

int
main(int argc, char **argv)
{
	struct options	o;

	if (options_parse(&o, argc, argv) < 0)
		return start_failed(EX_USAGE);
	if (o.version) {
		puts(PACKAGE_NAME " " PACKAGE_VERSION);
		return EX_OK;
	}
	if (o.check)
		return check(o.config);
	if (!loop_has_socket()) {
		fputs(how, stderr);
		return EX_USAGE;
	}
	return work(o.config);
}
