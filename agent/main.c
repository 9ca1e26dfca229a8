/*
 * b3scaleagent: tells the balancer what happens on a BBB server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent.h"
#include "base/log.h"

#define NAME	"b3scaleagent"

struct options {
	const char	*file;		/* NULL: the installed one */
	bool		 check;
	bool		 add;
};

static void __attribute__((noreturn))
usage(void)
{
	fprintf(stderr, "usage: " NAME " [-nr] [-f file]\n");
	exit(EX_USAGE);
}

static void
options_read(struct options *o, int argc, char **argv)
{
	int	ch;

	while ((ch = getopt(argc, argv, "af:nr")) != -1)
		switch (ch) {
		case 'f':
			o->file = optarg;
			break;
		case 'n':
			o->check = true;
			break;
		case 'a':		/* as the Go agent spells it */
		case 'r':
			o->add = true;
			break;
		default:
			usage();
		}
	if (optind < argc)
		usage();
}

/* -n does all but run: files are read, nothing is connected. */
static int
work(const struct settings *s, const struct options *o)
{
	struct err	 e = ERR_INIT;
	struct agent	*a;
	int		 rc;

	if ((a = agent_new(s, &e)) == NULL) {
		log_warnx("%s", e.text);
		return err_exit(e.code);
	}
	if ((rc = o->check ? 0 : agent_run(a, &e)) == -1)
		log_warnx("%s", e.text);
	agent_free(a);
	return rc == 0 ? EX_OK : err_exit(e.code);
}

int
main(int argc, char **argv)
{
	struct options	o = { 0 };
	struct settings	s;
	struct err	e = ERR_INIT;
	int		status;

	log_open(NAME, LOG_TO_STDERR, LOG_LEVEL_INFO, LOG_AS_TEXT);
	options_read(&o, argc, argv);
	if (settings_load(o.file, &s, &e) == -1) {
		log_warnx("%s", e.text);
		return err_exit(e.code);
	}
	log_open(NAME, s.log_target, s.log_level, s.log_format);
	s.register_host = s.register_host || o.add;
	status = work(&s, &o);
	settings_free(&s);
	return status;
}
