/*
 * What a server is told to do wrong.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "mem.h"

static const struct {
	const char	*name;
	enum fault_kind	 kind;
} kinds[] = {
	{ "latency",	FAULT_LATENCY },
	{ "hang",	FAULT_HANG },
	{ "status",	FAULT_STATUS },
	{ "garbage",	FAULT_GARBAGE },
	{ "truncate",	FAULT_TRUNCATE },
	{ "close",	FAULT_CLOSE },
	{ "failed",	FAULT_FAILED },
	{ "refuse",	FAULT_REFUSE },
};

static enum fault_kind
kind_of(const char *name)
{
	size_t	i;

	for (i = 0; name != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return FAULT_NONE;
}

struct fault *
fault_parse(const json_t *j, const char **reason)
{
	const char	*kind = NULL, *call = "*", *key = "internalError";
	const char	*message = "The simulator was told to fail";
	int		 ms = 0, status = 500, count = -1, after = 0;
	int		 framed = 0, early = 0;
	struct fault	*f;
	json_error_t	 e;

	if (json_unpack_ex((json_t *)j, &e, JSON_STRICT,
	    "{s:s, s?s, s?i, s?i, s?i, s?b, s?b, s?b, s?s, s?s}", "kind", &kind,
	    "call", &call, "ms", &ms, "status", &status, "count", &count,
	    "after", &after, "framed", &framed, "early", &early,
	    "key", &key, "message", &message) == -1)
		*reason = "kind, call, ms, status, count, after, framed, "
		    "early, key and message are what a fault may have";
	else if (kind_of(kind) == FAULT_NONE)
		*reason = "unknown kind";
	else if (ms < 0 || count < -1 || count == 0)
		*reason = "ms is at least 0 and count at least 1";
	else if (status < 200 || status > 599)
		*reason = "status is between 200 and 599";
	else if (early && (kind_of(kind) != FAULT_CLOSE || after))
		*reason = "only close can be early, and not after the work";
	else
		*reason = NULL;
	if (*reason != NULL)
		return NULL;
	f = mem_alloc(sizeof *f);
	f->kind = kind_of(kind);
	f->call = mem_dup(call);
	f->ms = (unsigned)ms;
	f->status = (unsigned)status;
	f->count = count;
	f->after = after;
	f->framed = framed;
	f->early = early;
	f->key = mem_dup(key);
	f->message = mem_dup(message);
	return f;
}

void
fault_free(struct fault *f)
{
	if (f == NULL)
		return;
	free(f->call);
	free(f->key);
	free(f->message);
	free(f);
}

void
faults_take(struct faults *fs, struct fault *f)
{
	TAILQ_INSERT_TAIL(fs, f, link);
}

static void
plan_add(struct fault_plan *p, const struct fault *f)
{
	switch (f->kind) {
	case FAULT_LATENCY:
		if (f->after)
			p->after_ms += f->ms;
		else
			p->before_ms += f->ms;
		return;
	case FAULT_HANG:
		if (f->after)
			p->hang_after = true;
		else
			p->hang = true;
		return;
	case FAULT_NONE:
	case FAULT_REFUSE:
		return;
	case FAULT_STATUS:
	case FAULT_GARBAGE:
	case FAULT_TRUNCATE:
	case FAULT_CLOSE:
	case FAULT_FAILED:
		break;
	}
	p->kind = f->kind;
	p->after = f->after;
	p->status = f->status;
	p->framed = f->framed;
	p->key = mem_dup(f->key);
	p->message = mem_dup(f->message);
}

static bool
fault_hits(const struct fault *f, const char *call)
{
	return strcmp(f->call, "*") == 0 || strcmp(f->call, call) == 0;
}

static void
count_down(struct faults *fs, struct fault *f)
{
	if (f->count > 0 && --f->count == 0) {
		TAILQ_REMOVE(fs, f, link);
		fault_free(f);
	}
}

bool
faults_cut_early(struct faults *fs, const char *call)
{
	struct fault	*f;

	TAILQ_FOREACH(f, fs, link)
		if (f->early && fault_hits(f, call)) {
			count_down(fs, f);
			return true;
		}
	return false;
}

void
faults_plan(struct faults *fs, const char *call, struct fault_plan *p)
{
	struct fault	*f, *next;

	for (f = TAILQ_FIRST(fs); f != NULL; f = next) {
		next = TAILQ_NEXT(f, link);
		if (f->early || !fault_hits(f, call))
			continue;
		/* one misdeed is enough; waiting goes with any */
		if (p->kind != FAULT_NONE && f->kind != FAULT_LATENCY &&
		    f->kind != FAULT_HANG)
			continue;
		plan_add(p, f);
		count_down(fs, f);
	}
}

void
faults_clear(struct faults *fs)
{
	struct fault	*f;

	while ((f = TAILQ_FIRST(fs)) != NULL) {
		TAILQ_REMOVE(fs, f, link);
		fault_free(f);
	}
}

bool
plan_skips_work(const struct fault_plan *p)
{
	return p->kind != FAULT_NONE && p->kind != FAULT_TRUNCATE && !p->after;
}

void
plan_free(struct fault_plan *p)
{
	free(p->key);
	free(p->message);
	*p = (struct fault_plan){ .kind = FAULT_NONE };
}
