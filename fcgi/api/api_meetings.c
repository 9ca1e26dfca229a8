/*
 * Meetings of the whole cluster by the API: seen, forgotten and ended.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/jobs/end_calls.h"
#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "proto/xmlread.h"
#include "store/db.h"
#include "store/meetings.h"

/* ---- how one is shown */

static const struct xml_limits	xml_limits = { 1024 * 1024, 10000, 16 };

/* Inner XML as a tree below one root; NULL: it is none. */
static struct xml_node *
tree(struct arena *a, const char *inner)
{
	const char	*doc = arena_printf(a, "<x>%s</x>", inner);
	struct view	 v = { doc, strlen(doc) };
	struct err	 e = ERR_INIT;

	return xml_parse(a, v, &xml_limits, &e);
}

/* Frees j. */
static const char *
text_of(struct arena *a, json_t *j)
{
	struct buf	 b = { 0 };
	const char	*text;

	json_write(&b, j);
	text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	json_decref(j);
	return text;
}

static const char *
metadata(struct arena *a, const char *text)
{
	const struct xml_node	*root = tree(a, text == NULL ? "" : text);
	const struct xml_node	*n;
	json_t			*j = json_object();

	for (n = root == NULL ? NULL : root->child; n != NULL; n = n->next)
		json_object_set_new(j, n->name, json_string(n->text));
	return text_of(a, j);
}

static const char *
rooms(struct arena *a, const char *text)
{
	const struct xml_node	*root = tree(a, text == NULL ? "" : text);
	const struct xml_node	*n;
	json_t			*j = json_array();

	for (n = root == NULL ? NULL : root->child; n != NULL; n = n->next)
		json_array_append_new(j, json_string(n->text));
	return text_of(a, j);
}

/* A list of values with their names, which keep their order. */
static void
write_named(struct buf *b, const json_t *list, const char *const *names)
{
	size_t	i;

	for (i = 0; names[i] != NULL; i++) {
		buf_addc(b, i == 0 ? '{' : ',');
		json_write_str(b, names[i]);
		buf_addc(b, ':');
		json_write(b, json_array_get(list, i));
	}
	buf_addc(b, '}');
}

static const char *
attendees(struct arena *a, const char *text)
{
	static const char *const names[] = { "UserID", "InternalUserID",
	    "FullName", "Role", "ClientType", "IsPresenter",
	    "IsListeningOnly", "HasJoinedVoice", "HasVideo", NULL };
	json_t		*list, *item;
	struct buf	 b = { 0 };
	size_t		 i;

	if (text == NULL)
		return "[]";
	list = json_loads(text, 0, NULL);
	json_array_foreach(list, i, item) {
		buf_addc(&b, i == 0 ? '[' : ',');
		write_named(&b, item, names);
	}
	buf_addc(&b, ']');
	text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	json_decref(list);
	return text;
}

static const char *
breakout(struct arena *a, const char *text)
{
	static const char *const names[] = { "ParentMeetingID", "Sequence",
	    "FreeJoin", NULL };
	json_t		*list;
	struct buf	 b = { 0 };

	if (text == NULL)
		return NULL;
	list = json_loads(text, 0, NULL);
	write_named(&b, list, names);
	text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	json_decref(list);
	return text;
}

static const char *
shape(struct arena *a, const struct field *f, const char *text)
{
	static const struct {
		const char	 *field;
		const char	*(*shape)(struct arena *, const char *);
	} shapes[] = {
		{ "meeting.Metadata", metadata },
		{ "meeting.Attendees", attendees },
		{ "meeting.BreakoutRooms", rooms },
		{ "meeting.Breakout", breakout },
	};
	size_t	i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].field, f->name) == 0)
			return shapes[i].shape(a, text);
	return text;
}

static struct api_resource
resource(void)
{
	return (struct api_resource){ meeting_record(), shape };
}

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
	if (f->backend_id == NULL || api_is_uuid(f->backend_id))
		has = meetings_has_backend(c->w->db, f->backend_id,
		    f->backend_host, e);
	if (has == 0)
		err_set(e, ERR_MISSING, "no such backend");
	return has == 1 ? 0 : -1;
}

int
api_meetings_list(struct api *c, struct err *e)
{
	const struct api_resource	 res = resource();
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
api_meetings_show(struct api *c, struct err *e)
{
	const struct api_resource	res = resource();

	return api_one(c, &res, meetings_show(c->w->db, c->args[0],
	    api_agent(c), e), e);
}

/* Writes it as it was into the reply; ends it in the database. */
static int
forget(struct api *c, const struct rows *r, const char *action,
    const struct meetings_target *t, struct err *e)
{
	const struct api_resource	res = resource();

	if (meetings_end(c->w->db, api_who(c), action, t, e) == -1)
		return -1;
	api_record(c, 200, &res, r, 0);
	return 0;
}

/* The row of the meeting, or NULL with e set. */
static struct rows *
find(struct api *c, struct meetings_target *t, struct err *e)
{
	struct rows	*r;

	r = meetings_show(c->w->db, c->args[0], api_agent(c), e);
	if (r == NULL)
		return NULL;
	if (rows_len(r) == 0) {
		rows_free(r);
		err_set(e, ERR_MISSING, "no such meeting");
		return NULL;
	}
	meetings_target(r, c->arena, t);
	return r;
}

int
api_meetings_remove(struct api *c, struct err *e)
{
	struct meetings_target	 t;
	struct rows		*r;
	int			 rc;

	if ((r = find(c, &t, e)) == NULL)
		return -1;
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

	if ((r = find(c, &t, e)) == NULL)
		return -1;
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
