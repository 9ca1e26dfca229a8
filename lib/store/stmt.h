/*
 * Every SQL statement of the programs, by number.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

#include <stdbool.h>

enum stmt {
	STMT_SCHEMA_VERSION,
	STMT_SCHEMA_STATUS,
	STMT_LISTEN,
	STMT_EPOCH,
	STMT_ROUTE_BY_KEY,
	STMT_ROUTE_BY_KEY_INTERNAL,
	STMT_ROUTE_BY_HOST,
	STMT_FRONTEND_GET,
	STMT_FRONTEND_ALL,
	STMT_BACKEND_LIST,
	STMT_BACKEND_GET,
	STMT_BACKEND_CALL_FAILED,
	STMT_MEETING_CONFIRM,
	STMT_MEETING_UNPLACE,
	STMT_MEETING_ANNOUNCE,
	STMT_MEETING_END,
	STMT_MEETING_INFO,
	STMT_MEETING_EACH,
	STMT_MEETING_ROUTES,
	STMT_PLACE,
	STMT_POLL_CLAIM,
	STMT_POLL_SEEN,
	STMT_POLL_UNREADABLE,
	STMT_POLL_FAILED,
	STMT_AGENT_BATCH,
	STMT_AGENT_HEARTBEAT,
	STMT_AGENT_END,
	STMT_CALLBACK_STORE,
	STMT_CALLBACK_CLAIM,
	STMT_CALLBACK_NEXT,
	STMT_CALLBACK_DONE,
	STMT_CALLBACK_RETRY,
	STMT_CALLBACK_MEETING,
	STMT_CALLBACK_SECRETS,
	STMT_QUEUE_LISTEN,
	STMT_QUEUE_ENQUEUE,
	STMT_QUEUE_GET,
	STMT_QUEUE_LIST,
	STMT_QUEUE_CLAIM,
	STMT_QUEUE_NEXT,
	STMT_QUEUE_EXTEND,
	STMT_QUEUE_FINISH,
	STMT_QUEUE_FAIL,
	STMT_QUEUE_AGAIN,
	STMT_QUEUE_DRAIN,
	STMT_QUEUE_DECOMMISSION,
	STMT__MAX
};

enum stmt_shape {
	ROWS_ANY,
	ROWS_ONE,	/* exactly one, or it is our mistake */
	ROWS_MAYBE,	/* none or one */
	ROWS_NONE	/* a command without a result */
};

struct stmt_def {
	const char	*name;		/* of the prepared statement */
	enum stmt_shape	 shape;
	bool		 write;		/* not tried again on a new connection */
	int		 nparams;
	const char	*sql;
};

const struct stmt_def	*stmt_def(enum stmt s);

#endif
