/*
 * Meetings of the whole cluster by the API: seen, forgotten and ended.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/str.h"
#include "core/jobs/end_calls.h"
#include "fcgi/api/resources.h"
#include "store/backend.h"
#include "store/db.h"
#include "store/meetings.h"

/* ---- lists */

static int
read_filter(struct api *c, struct meetings_filter *f)
{
	if (api_param(c, "backend_id", &f->backend_id) == -1 ||
	    api_param(c, "backend_host", &f->backend_host) == -1 ||
	    api_param(c, "backend", &f->backend) == -1 ||
	    api_param(c, "frontend", &f->frontend) == -1 ||
	    api_param(c, "running", &f->running) == -1 ||
	    api_param(c, "text", &f->text) == -1 ||
	    api_param_count(c, "limit", &f->limit) == -1 ||
	    api_param_count(c, "offset", &f->offset) == -1)
		return -1;
	if (f->running != NULL && strcmp(f->running, "true") != 0 &&
	    strcmp(f->running, "false") != 0)
		return api_fault(c, "running", "must be true or false");
	return 0;
}

/* The Go program names one backend, and an unknown one is none. */
static int
check_backend(struct api *c, const struct meetings_filter *f, struct err *e)
{
	int	has = 0;

	if (f->backend_id == NULL && f->backend_host == NULL)
		return 0;
	if (f->backend_id == NULL || str_is_uuid(f->backend_id))
		has = meetings_has_backend(c->w->db, f->backend_id,
		    f->backend_host, e);
	if (has == 0)
		err_set(e, ERR_MISSING, "no such backend");
	return has == 1 ? 0 : -1;
}

int
api_meetings_list(struct api *c, struct err *e)
{
	const struct api_resource	 res = api_meeting_resource();
	struct meetings_filter		 f = { 0 };
	struct api_list			*l;

	if (read_filter(c, &f) == -1 || check_backend(c, &f, e) == -1)
		return -1;
	l = api_list_begin(c, &res);
	return api_list_end(l, meetings_search(c->w->db, &f, api_list_row, l,
	    e));
}

/* ---- one */

int
api_meeting_missing(struct api *c, struct err *e)
{
	struct rows	*r;
	bool		 has;

	if (api_agent(c) == NULL)
		return err_set(e, ERR_MISSING, "no such meeting");
	r = backend_of_agent(c->w->db, api_agent(c), api_agent_timeout(c), e);
	if (r == NULL)
		return -1;
	has = rows_len(r) > 0;
	rows_free(r);
	return has ? err_set(e, ERR_MISSING, "no such meeting") :
	    api_no_backend(e);
}

/* The row of the meeting, or NULL with e set. */
static struct rows *
find(struct api *c, struct err *e)
{
	struct rows	*r;

	r = meetings_show(c->w->db, c->args[0], api_agent(c), e);
	if (r != NULL && rows_len(r) == 0) {
		rows_free(r);
		api_meeting_missing(c, e);
		return NULL;
	}
	return r;
}

int
api_meetings_show(struct api *c, struct err *e)
{
	const struct api_resource	res = api_meeting_resource();
	struct rows			*r = find(c, e);

	return r == NULL ? -1 : api_one(c, &res, r, e);
}

/* Writes it as it was into the reply; ends it in the database. */
static int
forget(struct api *c, const struct rows *r, const char *action,
    const struct meetings_target *t, struct err *e)
{
	const struct api_resource	res = api_meeting_resource();

	if (meetings_end(c->w->db, api_who(c), action, t, e) == -1)
		return -1;
	api_record(c, 200, &res, r, 0);
	return 0;
}

int
api_meetings_remove(struct api *c, struct err *e)
{
	struct meetings_target	 t;
	struct rows		*r;
	int			 rc;

	if ((r = find(c, e)) == NULL)
		return -1;
	meetings_target(r, c->arena, &t);
	rc = forget(c, r, "delete", &t, e);
	rows_free(r);
	return rc;
}

/* NULL: its server has ended it, or had no such meeting any more. */
static const char *
end_on_server(struct api *c, const struct meetings_target *t, struct err *e)
{
	struct end_call	call = { .host = t->host, .secret = t->secret,
	    .id = t->id, .moderator_pw = t->moderator_pw };

	if (end_calls(c->w, c->arena, &call, 1, c->w->conf->try_timeout, NULL,
	    e) == -1)
		return e->text;
	return call.failure;
}

/* One that its server did not end goes on: nothing is marked then. */
int
api_meetings_end(struct api *c, struct err *e)
{
	struct meetings_target	 t;
	struct rows		*r;
	const char		*failure;
	int			 rc = 0;

	if ((r = find(c, e)) == NULL)
		return -1;
	meetings_target(r, c->arena, &t);
	if (t.internal_id == NULL)
		rc = err_set(e, ERR_CONFLICT,
		    "its server has not confirmed it yet");
	else if ((failure = end_on_server(c, &t, e)) != NULL) {
		c->x->log.reason = arena_strdup(c->arena, failure);
		api_message(c, err_http(ERR_BACKEND), arena_printf(c->arena,
		    "backend %s: %s", t.host, failure));
	} else
		rc = forget(c, r, "end", &t, e);
	rows_free(r);
	return rc;
}
