/*
 * What a server is told to do wrong.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_FAULT_H
#define BBBSIM_FAULT_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/queue.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_LATENCY,		/* late by ms */
	FAULT_HANG,		/* no answer until the faults are deleted */
	FAULT_STATUS,		/* an HTML page with that status */
	FAULT_GARBAGE,		/* 200, but no XML */
	FAULT_TRUNCATE,		/* half the answer, then cut off */
	FAULT_CLOSE,		/* cut off without an answer */
	FAULT_FAILED,		/* FAILED with key and message */
	FAULT_REFUSE		/* connection refused: not a plan's business */
};

struct fault {
	TAILQ_ENTRY(fault)	 link;
	enum fault_kind		 kind;
	char			*call;		/* or "*" */
	unsigned		 ms;
	unsigned		 status;
	long			 count;		/* times left, -1: forever */
	bool			 after;		/* do the work first */
	bool			 framed;	/* truncate: Content-Length agrees */
	bool			 early;		/* close: before the body */
	char			*key;
	char			*message;
};
TAILQ_HEAD(faults, fault);

/* What is to be done to one request. */
struct fault_plan {
	unsigned	 before_ms;	/* waits before and after the work */
	unsigned	 after_ms;
	bool		 hang;
	bool		 hang_after;
	enum fault_kind	 kind;		/* FAULT_STATUS to FAULT_FAILED */
	bool		 after;
	unsigned	 status;
	bool		 framed;
	char		*key;
	char		*message;
};

/* A fault from its JSON; NULL and a reason if it is none. */
struct fault *fault_parse(const json_t *, const char **reason);
void	 fault_free(struct fault *);

/* Takes a fault over. */
void	 faults_take(struct faults *, struct fault *);
/* Whether this call is cut off before its body; counted down. */
bool	 faults_cut_early(struct faults *, const char *call);
/* All other faults that hit this call, each counted down. */
void	 faults_plan(struct faults *, const char *call, struct fault_plan *);
void	 faults_clear(struct faults *);

/* The work is not done at all. */
bool	 plan_skips_work(const struct fault_plan *);
void	 plan_free(struct fault_plan *);

#endif
