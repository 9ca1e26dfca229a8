/*
 * Callbacks to frontends: which wait, which failed and why, and try again.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/str.h"
#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "store/callback.h"

static struct api_resource
resource(void)
{
	return (struct api_resource){ callback_record(), NULL };
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
	const struct api_resource	 res = resource();
	struct callback_filter		 f = { .account = api_account(c) };
	struct api_list			*l;

	if (api_param(c, "frontend_key", &f.frontend_key) == -1 ||
	    api_param(c, "state", &f.state) == -1 ||
	    check_state(c, f.state) == -1 ||
	    api_param_count(c, "limit", &f.limit) == -1 ||
	    api_param_count(c, "offset", &f.offset) == -1)
		return -1;
	l = api_list_begin(c, &res);
	return api_list_end(l, callback_each(c->w->db, &f, api_list_row, l,
	    e));
}

int
api_callback_show(struct api *c, struct err *e)
{
	const struct api_resource	res = resource();
	long long			id;

	if (str_to_ll(c->args[0], &id) == -1)
		return err_set(e, ERR_MISSING, "no number");
	return api_one(c, &res, callback_show(c->w->db, c->args[0],
	    api_account(c), e), e);
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
