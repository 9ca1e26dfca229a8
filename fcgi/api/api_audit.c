/*
 * The trace of changes, for admins.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "store/audit.h"

static int
param_time(struct api *c, const char *name, const char **value)
{
	if (api_param(c, name, value) == -1)
		return -1;
	if (*value != NULL && !api_is_time(*value))
		return api_fault(c, name, "is no time as in RFC 3339");
	return 0;
}

int
api_audit_list(struct api *c, struct err *e)
{
	const struct api_resource	 r = { audit_record(), NULL };
	struct audit_filter		 f = { 0 };
	struct api_list			*l;

	if (api_param(c, "actor", &f.actor) == -1 ||
	    api_param(c, "resource", &f.resource) == -1 ||
	    api_param(c, "resource_id", &f.resource_id) == -1 ||
	    api_param(c, "action", &f.action) == -1 ||
	    param_time(c, "since", &f.since) == -1 ||
	    param_time(c, "until", &f.until) == -1 ||
	    api_param_limit(c, API_AUDIT_DEFAULT, API_AUDIT_MAX,
	    &f.limit) == -1 ||
	    api_param_count(c, "offset", &f.offset) == -1)
		return -1;
	l = api_list_begin(c, &r);
	return api_list_end(l, audit_search(c->w->db, &f, api_list_row, l,
	    e));
}
