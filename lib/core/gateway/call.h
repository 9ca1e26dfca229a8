/*
 * What one BBB call carries through its stages.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_GATEWAY_CALL_H
#define CORE_GATEWAY_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "core/gateway.h"
#include "core/settings.h"
#include "core/wait.h"
#include "core/worker.h"
#include "proto/http.h"
#include "proto/url.h"
#include "store/route.h"

struct call;
struct spool;

enum verdict {
	GO_ON,		/* the next stage, please */
	ANSWERED,	/* the reply is made */
	FAILED		/* e says why; chain_run makes the reply */
};

/* What a call needs of its stages; a row of the table in gateway.c. */
#define CALL_OPEN	0x01	/* no checksum (index) */
#define CALL_MEETING	0x02	/* names a meeting by meetingID */
#define CALL_STATE	0x04	/* memory or one statement answers it */
#define CALL_NEW	0x08	/* the meeting need not exist (create) */
#define CALL_SENT	0x10	/* its parameters reach a BBB server */
#define CALL_BROWSER	0x20	/* a browser follows it: pages, redirects */
#define CALL_DOCUMENT	0x40	/* an XML body goes with it */

struct call_def {
	const char	*name;
	unsigned	 flags;
	enum verdict	(*answer)(struct call *, struct err *);
};

/* Metadata that tells on a BBB server and in recordings whose a meeting is. */
#define FRONTEND_MARK "b3s-frontend"
/* So many servers stumble over a request before it is the one at fault. */
#define STUMBLES_MAX 4

struct call {
	struct worker		*w;
	struct http_req		*req;
	struct http_reply	*reply;
	struct arena		*a;
	struct gateway_log	*log;
	const struct call_def	*def;
	const char		*name;		/* as signed */
	const char		*key;		/* frontend key of the path */

	struct view		 signed_text;	/* what the checksum covers */
	const char		*checksum;	/* as given; NULL: none */
	bool			 from_form;	/* parameters came in a body */
	struct query		 query;		/* names once, no checksum */

	struct routes		 routes;	/* frontends that it may be */
	const struct route	*route;		/* the one that signed */
	bool			 from_replica;
	struct settings		 settings;
	const char		*meeting_id;	/* the frontend's; or NULL */
	bool			 found;		/* route has that meeting */

	struct spool		*body;		/* XML for a server; or NULL */
	bool			 own_body;	/* ours: freed with the call */
	bool			 foreign;	/* the reply is a server's */
	const struct meeting	*sent;		/* the meeting it speaks of */
	int64_t			 deadline;	/* clock_mono_ms */
	struct wait		 wait;		/* of a waiting browser */
	long long		 announce;	/* row to tell of; 0: none */
	/* servers that stumbled over a create which another one took */
	const char		*stumbled[STUMBLES_MAX];
	size_t			 nstumbled;
};

/*
 * Finds key, call name and parameters; reads a form.  FAILED for what is no
 * call at all (ERR_MISSING) or breaks a limit.
 */
enum verdict	call_open(struct call *c, struct err *e);
void		call_close(struct call *c);
/* A call of BBB's older layer, which checks less (bbb-api 7). */
bool		call_is_recordings(const struct call *c);
/*
 * Asks the database once more for the frontend and the meeting that the call
 * names, into the call's arena.  0; -1: e is set.
 */
int		call_look(const struct call *c, struct routes *r,
		    struct err *e);
/*
 * The table row of a call name; unknown names get the row of calls that are
 * forwarded if they could be a call (letters only), else NULL.
 */
const struct call_def *call_find(const char *name);

#endif
