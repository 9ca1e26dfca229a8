/*
 * How busy this host is.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef AGENT_LOAD_H
#define AGENT_LOAD_H

#include <stdbool.h>

#include "base/str.h"

/* Of /proc/stat, in ticks since the boot. */
struct load_ticks {
	unsigned long long	busy;
	unsigned long long	all;
};

struct load {
	double		cpu;		/* 0 to 1 since the sample before; -1:
					 * not known yet */
	double		load1;		/* of one minute; -1: not known */
	long		cpus;
	long long	mem_total;	/* bytes; 0: not known */
	long long	mem_available;
};

/*
 * Samples now.  last is what the sample before saw (zeroed for the first) and
 * is replaced.
 */
void	load_sample(struct load_ticks *last, struct load *l);

/* Parts of it, on the text of their files. */
bool	load_parse_stat(const char *text, struct load_ticks *t);
void	load_parse_meminfo(const char *text, struct load *l);
/* Time that is spent niced is BBB's recordings: it hurts no meeting. */
double	load_share(const struct load_ticks *before,
	    const struct load_ticks *after);

/* "2.7.3" of the text of BBB's release file; -1 if it is not in there. */
int	load_bbb_version(const char *text, char *version, size_t size);
/* As much of a small file as fits, with a NUL; -1 if it cannot be read. */
int	load_file(const char *path, char *text, size_t size);

#endif
