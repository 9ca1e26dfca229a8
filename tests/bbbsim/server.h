/*
 * One simulated BigBlueButton server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_SERVER_H
#define BBBSIM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "call.h"
#include "fault.h"
#include "feed.h"
#include "meeting.h"
#include "port.h"
#include "request.h"
#include "seen.h"
#include "settings.h"

struct server_stats {
	uint64_t	calls[CALL__MAX];
	uint64_t	bad_checksums;
};

struct server {
	unsigned		 index;
	struct loop		*loop;
	struct digests		*digests;
	struct port		 port;
	char			*origin;	/* http://127.0.0.1:8090 */
	char			*url;		/* its API, with a slash behind */
	char			*secret;
	struct settings		 settings;
	struct settings		 settings_at_start;
	struct feed_settings	 feed_at_start;
	struct meetings		*meetings;
	struct faults		 faults;
	struct seen_log		*seen;
	struct server_stats	 stats;
	struct request_list	 held;		/* suspended requests */
};

struct server_spec {
	unsigned		 index;
	const char		*address;
	unsigned		 port;		/* 0: any free one */
	const char		*secret;
	const struct settings	*settings;
	const char		*redis_host;	/* empty: none */
	unsigned		 redis_port;
};

/* Bound, not yet serving: see port_serve(). */
struct server *server_new(struct loop *, struct digests *,
	    const struct server_spec *);
void	 server_free(struct server *);

/* Does one fault from now on; takes it over. */
void	 server_fault_take(struct server *, struct fault *);
/* No faults any more: listens again, and what hangs goes on. */
void	 server_mend(struct server *);
/* Its meetings are gone. */
void	 server_restart(struct server *);
/* As it was at the start. */
void	 server_reset(struct server *);

/* Suspends a request for ms, or until server_mend() if ms is 0. */
void	 server_hold(struct request *, unsigned ms);
/* Forgets a request that ends for whatever reason. */
void	 server_let_go(struct request *);

#endif
