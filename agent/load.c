/*
 * Samples of /proc.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "load.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RELEASE	"BIGBLUEBUTTON_RELEASE="

int
load_file(const char *path, char *text, size_t size)
{
	ssize_t	n;
	int	fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	return 0;
}

/* Time of guests is in user already; idle and waiting for disks is no work. */
bool
load_parse_stat(const char *text, struct load_ticks *t)
{
	/* user nice system idle iowait irq softirq steal */
	unsigned long long	v[8] = { 0 };
	int			i, n;

	if (!str_starts(text, "cpu "))	/* else it is one core's */
		return false;
	n = sscanf(text, "cpu %llu %llu %llu %llu %llu %llu %llu %llu",
	    &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]);
	if (n < 4)
		return false;
	t->busy = v[0] + v[2] + v[5] + v[6] + v[7];
	t->all = 0;
	for (i = 0; i < 8; i++)
		t->all += v[i];
	return true;
}

double
load_share(const struct load_ticks *before, const struct load_ticks *after)
{
	if (before->all == 0 || after->all <= before->all ||
	    after->busy < before->busy)
		return -1;
	return (double)(after->busy - before->busy) /
	    (double)(after->all - before->all);
}

static long long
kib_of(const char *text, const char *name)
{
	const char	*at = strstr(text, name);

	return at == NULL ? 0 : strtoll(at + strlen(name), NULL, 10) * 1024;
}

void
load_parse_meminfo(const char *text, struct load *l)
{
	l->mem_total = kib_of(text, "MemTotal:");
	l->mem_available = kib_of(text, "MemAvailable:");
}

/*
 * What /proc does not tell stays unknown: a heartbeat without it is still one.
 */
void
load_sample(struct load_ticks *last, struct load *l)
{
	struct load_ticks	now;
	char			text[2048];

	memset(l, 0, sizeof(*l));
	l->cpu = -1;
	l->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (load_file("/proc/stat", text, sizeof(text)) == 0 &&
	    load_parse_stat(text, &now)) {
		l->cpu = load_share(last, &now);
		*last = now;
	}
	if (load_file("/proc/meminfo", text, sizeof(text)) == 0)
		load_parse_meminfo(text, l);
	if (getloadavg(&l->load1, 1) != 1)
		l->load1 = -1;
}

/* A line of shell: the value may stand in quotes. */
int
load_bbb_version(const char *text, char *version, size_t size)
{
	const char	*at = strstr(text, RELEASE);
	size_t		 len;

	if (at == NULL)
		return -1;
	at += strlen(RELEASE);
	at += *at == '"';
	len = strcspn(at, "\"\r\n \t");
	if (len == 0 || len >= size)
		return -1;
	memcpy(version, at, len);
	version[len] = '\0';
	return 0;
}
