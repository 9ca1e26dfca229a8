/*
 * b3scale-cron: one job, one round or as many as fit into its time.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/resource.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "proto/client.h"
#include "rounds.h"
#include "store/db.h"

#define NAME		"b3scale-cron"
#define SECONDS_MAX	86400

struct options {
	const char	*file;		/* NULL: the installed one */
	const struct job *job;
	long long	 seconds;	/* 0: one round */
	bool		 check;
};

static void __attribute__((noreturn))
usage(void)
{
	int	i;

	fprintf(stderr, "usage: " NAME
	    " [-n] [-f file] [-t seconds] -j job\njobs:");
	for (i = 0; job_name(i) != NULL; i++)
		fprintf(stderr, " %s", job_name(i));
	fputc('\n', stderr);
	exit(EX_USAGE);
}

static void
options_read(struct options *o, int argc, char **argv)
{
	int	ch;

	while ((ch = getopt(argc, argv, "f:j:nt:")) != -1)
		switch (ch) {
		case 'f':
			o->file = optarg;
			break;
		case 'j':
			if ((o->job = job_find(optarg)) != NULL)
				break;
			fprintf(stderr, NAME ": no such job: %s\n", optarg);
			usage();
		case 'n':
			o->check = true;
			break;
		case 't':
			if (str_to_ll(optarg, &o->seconds) == 0 &&
			    o->seconds >= 1 && o->seconds <= SECONDS_MAX)
				break;
			fprintf(stderr, NAME ": -t %s: not 1 to %d seconds\n",
			    optarg, SECONDS_MAX);
			usage();
		default:
			usage();
		}
	if (optind < argc || (o->job == NULL && !o->check))
		usage();
}

/* A socket for every server, however low the shell's limit is. */
static void
files_raise(void)
{
	struct rlimit	l;

	if (getrlimit(RLIMIT_NOFILE, &l) == -1)
		return;
	l.rlim_cur = l.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &l) == -1)
		log_warn("setrlimit");
}

/* A job has no use for pages and slots, so it does not need them either. */
static int
work(const struct config *conf, const struct options *o)
{
	struct worker	w = { .conf = conf };
	struct db_opts	opts = { conf->db_url, NAME,
			    conf->db_connect_timeout, conf->db_timeout };
	struct err	e = ERR_INIT;
	char		ident[32];
	int		status;

	if ((w.db = db_new(&opts, &e)) == NULL) {
		log_warnx("db_url: %s", e.text);
		return err_exit(e.code);
	}
	files_raise();
	w.client = client_new(NAME);
	snprintf(ident, sizeof(ident), "job=%s", o->job->name);
	log_ident(ident);
	status = rounds_run(&w, o->job, (int)o->seconds);
	client_free(w.client);
	db_free(w.db);
	return status;
}

/* Signals are blocked before anything is opened, see rounds.h. */
int
main(int argc, char **argv)
{
	struct options	o = { 0 };
	struct config	conf;
	struct err	e = ERR_INIT;
	int		status;

	log_open(NAME, LOG_TO_STDERR, LOG_LEVEL_INFO, LOG_AS_TEXT);
	options_read(&o, argc, argv);
	rounds_block_signals();
	if (config_load(o.file, &conf, &e) == -1) {
		log_warnx("%s", e.text);
		return err_exit(e.code);
	}
	log_open(NAME, conf.log_target, conf.log_level, conf.log_format);
	if (!o.check)
		status = work(&conf, &o);
	else if (worker_check(&conf, &e) == -1) {
		log_warnx("%s", e.text);
		status = err_exit(e.code);
	} else
		status = EX_OK;
	config_free(&conf);
	return status;
}
