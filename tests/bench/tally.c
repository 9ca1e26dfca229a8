/*
 * What became of all requests: counts, percentiles, a line each.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "tally.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "base/clock.h"
#include "base/mem.h"

void
tally_open(struct tally *t, const char *path)
{
	memset(t, 0, sizeof(*t));
	t->start_us = clock_mono_us();
	if (path == NULL)
		return;
	if ((t->lines = fopen(path, "w")) == NULL)
		err(1, "%s", path);
	fputs("number\tat_ms\tms\tstatus\tright\treturncode\tmessageKey"
	    "\tinternalMeetingID\tcreateTime\n", t->lines);
}

static void
line(struct tally *t, const struct conn *c, double ms, bool right)
{
	static const char *const elements[] = { "returncode", "messageKey",
	    "internalMeetingID", "createTime" };
	char	word[ANSWER_WORD];
	size_t	i;

	fprintf(t->lines, "%zu\t%.3f\t%.3f\t%d\t%d", c->number,
	    (double)(c->due_us - t->start_us) / 1e3, ms,
	    answer_status(&c->in), right);
	for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		answer_word(&c->in, elements[i], word);
		fprintf(t->lines, "\t%s", word);
	}
	fputc('\n', t->lines);
}

static bool
is_right(const struct conn *c, bool answered)
{
	if (!answered)
		return false;
	return c->target->expect == NULL ||
	    strstr(buf_str(&c->in), c->target->expect) != NULL;
}

void
tally_add(struct tally *t, const struct conn *c, bool answered)
{
	double	ms = (double)(clock_mono_us() - c->due_us) / 1e3;
	bool	right = is_right(c, answered);
	int	status = answered ? answer_status(&c->in) : 0;

	if (answered) {
		if (t->n == t->cap) {
			t->cap = t->cap == 0 ? 4096 : 2 * t->cap;
			t->ms = xrealloc(t->ms, t->cap, sizeof(*t->ms));
		}
		t->ms[t->n++] = (float)ms;
		if (!right)
			t->unexpected++;
	} else {
		t->failed++;
	}
	if (status >= 0 && status < TALLY_STATUSES)
		t->status[status]++;
	if (t->lines != NULL)
		line(t, c, ms, right);
}

static int
compare(const void *a, const void *b)
{
	float	x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* The smallest value that so many per cent do not exceed. */
static double
percentile(const struct tally *t, double percent)
{
	size_t	i;

	if (t->n == 0)
		return 0;
	i = (size_t)((double)t->n * percent / 100);
	return t->ms[i < t->n ? i : t->n - 1];
}

void
tally_print(struct tally *t, FILE *out)
{
	double		 seconds = (double)(clock_mono_us() - t->start_us) / 1e6;
	const char	*comma = "";
	size_t		 i;

	if (t->n > 0)
		qsort(t->ms, t->n, sizeof(*t->ms), compare);
	fprintf(out, "{\"requests\": %zu, \"seconds\": %.3f, \"rate\": %.1f, "
	    "\"failed\": %zu, \"unexpected\": %zu, \"status\": {",
	    t->n + t->failed, seconds, (double)t->n / seconds, t->failed,
	    t->unexpected);
	for (i = 1; i < TALLY_STATUSES; i++) {
		if (t->status[i] == 0)
			continue;
		fprintf(out, "%s\"%zu\": %zu", comma, i, t->status[i]);
		comma = ", ";
	}
	fprintf(out, "}, \"ms\": {\"p50\": %.3f, \"p90\": %.3f, "
	    "\"p99\": %.3f, \"max\": %.3f}}\n", percentile(t, 50),
	    percentile(t, 90), percentile(t, 99), percentile(t, 100));
}

void
tally_close(struct tally *t)
{
	if (t->lines != NULL && fclose(t->lines) != 0)
		err(1, "cannot write the lines");
	free(t->ms);
}
