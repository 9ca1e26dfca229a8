/*
 * Callbacks to frontends: which wait, which failed and why, and try again.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/str.h"
#include "fcgi/api/resources.h"
#include "store/callback.h"

/* The columns of callback_each, behind the number of all. */
static const struct field fields[] = {
	{ "id",			FIELD_INT,	0,		"ID" },
	{ "frontend_id",	FIELD_STR,	0,		NULL },
	{ "frontend_key",	FIELD_STR,	0,		"FRONTEND" },
	{ "kind",		FIELD_STR,	0,		"KIND" },
	{ "url",		FIELD_STR,	0,		"URL" },
	{ "state",		FIELD_STR,	0,		"STATE" },
	{ "attempts",		FIELD_INT,	0,		"ATTEMPTS" },
	{ "last_status",	FIELD_INT,	FIELD_NULL,	NULL },
	{ "last_error",		FIELD_STR,	FIELD_NULL,	"ERROR" },
	{ "received_at",	FIELD_TIME,	0,		"RECEIVED" },
	{ "next_at",		FIELD_TIME,	FIELD_NULL,	"NEXT" },
	{ "finished_at",	FIELD_TIME,	FIELD_NULL,	NULL },
};
static const struct record record = RECORD(fields);
static const struct api_resource resource = { &record, NULL };

const struct record *
api_callback_record(void)
{
	return &record;
}

static int
check_state(struct api *c, const char *state)
{
	if (state == NULL || strcmp(state, "waiting") == 0 ||
	    strcmp(state, "delivered") == 0 || strcmp(state, "failed") == 0)
		return 0;
	return api_fault(c, "state", "must be waiting, delivered or failed");
}

int
api_callback_list(struct api *c, struct err *e)
{
	struct callback_filter	 f = { .account = api_account(c) };
	struct api_list		*l;

	if (api_param(c, "frontend_key", &f.frontend_key) == -1 ||
	    api_param(c, "state", &f.state) == -1 ||
	    check_state(c, f.state) == -1 ||
	    api_param_count(c, "limit", &f.limit) == -1 ||
	    api_param_count(c, "offset", &f.offset) == -1)
		return -1;
	l = api_list_begin(c, &resource);
	return api_list_end(l, callback_each(c->w->db, &f, api_list_row, l,
	    e));
}

int
api_callback_retry(struct api *c, struct err *e)
{
	long long	id;
	int		rc;

	if (str_to_ll(c->args[0], &id) == -1)
		return err_set(e, ERR_MISSING, "no number");
	rc = callback_may_see(c->w->db, c->args[0], api_account(c), e);
	if (rc == 1)
		rc = callback_retry(c->w->db, id, e);
	else if (rc == 0)
		return err_set(e, ERR_MISSING, "no such callback");
	if (rc == -1)
		return -1;
	if (rc == 0)
		return err_set(e, ERR_CONFLICT,
		    "it was delivered, or is being delivered");
	api_message(c, 200, "it is due now");
	return 0;
}
