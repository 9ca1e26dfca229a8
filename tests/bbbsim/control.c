/*
 * The control port: from an HTTP request to the function behind it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "mem.h"
#include "text.h"

#define BODY_MAX	((size_t)1024 * 1024)
#define SEGMENTS_MAX	8

struct control {
	struct sim	*sim;
	struct port	 port;
};

/* '#' stands for a server, 'M' for a meeting id, 'U' for a user id. */
static const struct {
	const char	*method;
	const char	*path;
	json_t		*(*one)(struct control_call *, struct server *);
	json_t		*(*all)(struct control_call *);
} routes[] = {
	{ "GET",	"servers", NULL, control_servers },
	{ "GET",	"servers/#", control_server_get, NULL },
	{ "POST",	"servers/#/faults", control_faults_add, NULL },
	{ "DELETE",	"servers/#/faults", control_faults_clear, NULL },
	{ "POST",	"servers/#/settings", control_settings, NULL },
	{ "GET",	"servers/#/events", control_events_get, NULL },
	{ "POST",	"servers/#/events", control_events_set, NULL },
	{ "POST",	"servers/#/publish", control_publish, NULL },
	{ "GET",	"servers/#/callbacks", control_callbacks, NULL },
	{ "GET",	"servers/#/requests", control_requests, NULL },
	{ "DELETE",	"servers/#/requests", control_requests_clear, NULL },
	{ "POST",	"servers/#/restart", control_restart, NULL },
	{ "GET",	"servers/#/meetings", control_meetings, NULL },
	{ "POST",	"servers/#/meetings", control_meetings_add, NULL },
	{ "DELETE",	"servers/#/meetings", control_restart, NULL },
	{ "POST",	"servers/#/meetings/M", control_meeting_set, NULL },
	{ "DELETE",	"servers/#/meetings/M", control_meeting_remove, NULL },
	{ "POST",	"servers/#/meetings/M/end", control_meeting_end, NULL },
	{ "POST",	"servers/#/meetings/M/recording",
	    control_recording_ready, NULL },
	{ "POST",	"servers/#/meetings/M/users", control_users_add, NULL },
	{ "DELETE",	"servers/#/meetings/M/users", control_users_leave,
	    NULL },
	{ "POST",	"servers/#/meetings/M/users/U", control_users_set,
	    NULL },
	{ "DELETE",	"servers/#/meetings/M/users/U", control_users_leave,
	    NULL },
	{ "POST",	"servers/#/meetings/M/breakouts", control_breakout_add,
	    NULL },
	{ "POST",	"reset", NULL, control_reset },
	{ "GET",	"totals", NULL, control_totals },
};
#define ROUTES	(sizeof routes / sizeof routes[0])

/* A request to the control port on its way. */
struct control_request {
	struct control	*control;
	char		*uri;
	bool		 opened;
	bool		 too_large;
	struct buf	 body;
};

/* The path of a request, cut into decoded pieces. */
struct control_path {
	char	*segments[SEGMENTS_MAX];
	size_t	 count;
};

json_t *
control_error(struct control_call *c, unsigned status, const char *error)
{
	c->status = status;
	c->error = error;
	return NULL;
}

static void
path_parse(struct control_path *p, const char *uri)
{
	size_t		 len = strcspn(uri, "?"), n;
	const char	*end = uri + len;
	struct buf	 b = { 0 };

	while (uri < end && p->count < SEGMENTS_MAX) {
		uri += strspn(uri, "/");
		n = strcspn(uri, "/?");
		if (n == 0)
			break;
		text_decode(&b, uri, n);
		p->segments[p->count++] = buf_take(&b);
		uri += n;
	}
}

static void
path_free(struct control_path *p)
{
	while (p->count > 0)
		free(p->segments[--p->count]);
}

static bool
path_matches(const struct control_path *p, const char *pattern)
{
	size_t	i, n;

	for (i = 0; i < p->count && *pattern != '\0'; i++) {
		n = strcspn(pattern, "/");
		if (strchr("#MU", *pattern) == NULL &&
		    (strlen(p->segments[i]) != n ||
		    strncmp(p->segments[i], pattern, n) != 0))
			return false;
		pattern += n;
		pattern += *pattern == '/';
	}
	return i == p->count && *pattern == '\0';
}

/* On one meeting, or on each of the server's. */
static json_t *
run_server(struct control_call *c, struct server *s, size_t route)
{
	const struct meeting	*m;
	json_t			*ids, *id, *answer = NULL;
	size_t			 i;

	if (c->meeting_id == NULL || strcmp(c->meeting_id, "*") != 0)
		return routes[route].one(c, s);
	/* by their ids, for some go while this runs */
	ids = json_array();
	TAILQ_FOREACH(m, &s->meetings->list, link)
		json_array_append_new(ids, json_string(m->internal));
	json_array_foreach(ids, i, id) {
		if (meeting_find(s->meetings, json_string_value(id)) == NULL)
			continue;
		c->meeting_id = json_string_value(id);
		json_decref(answer);
		if ((answer = routes[route].one(c, s)) == NULL)
			break;
	}
	c->meeting_id = "*";
	if (answer != NULL || json_array_size(ids) == 0) {
		json_decref(answer);
		answer = json_pack("{s:I}", "meetings",
		    (json_int_t)json_array_size(ids));
	}
	json_decref(ids);
	return answer;
}

/* On one server, or on each. */
static json_t *
run_on(struct control_call *c, const char *index, size_t route)
{
	json_t		*answer = NULL;
	unsigned	 i;
	char		*end;

	if (strcmp(index, "*") != 0) {
		i = (unsigned)strtoul(index, &end, 10);
		if (end == index || *end != '\0' || i >= c->sim->count)
			return control_error(c, 404, "no such server");
		return run_server(c, c->sim->servers[i], route);
	}
	if (strcmp(routes[route].method, "GET") == 0)
		return control_error(c, 400, "* is for POST and DELETE");
	for (i = 0; i < c->sim->count; i++) {
		json_decref(answer);
		answer = run_server(c, c->sim->servers[i], route);
		if (answer == NULL)
			return NULL;
	}
	json_decref(answer);
	return json_pack("{s:i}", "servers", (int)c->sim->count);
}

static json_t *
dispatch(struct control_call *c, const char *method, struct control_path *p)
{
	size_t	i;
	bool	found = false;

	c->meeting_id = p->count > 3 ? p->segments[3] : NULL;
	c->user_id = p->count > 5 ? p->segments[5] : NULL;
	for (i = 0; i < ROUTES; i++) {
		if (!path_matches(p, routes[i].path))
			continue;
		found = true;
		if (strcmp(routes[i].method, method) != 0)
			continue;
		if (routes[i].all != NULL)
			return routes[i].all(c);
		return run_on(c, p->segments[1], i);
	}
	if (found)
		return control_error(c, 405, "not with that method");
	return control_error(c, 404, "no such path");
}

/* The body as an object, empty if there is none; NULL if it is another. */
static json_t *
body_parse(const struct control_request *r)
{
	json_t	*j;

	if (r->too_large)
		return NULL;
	if (r->body.len == 0)
		return json_object();
	j = json_loadb(r->body.data, r->body.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(j)) {
		json_decref(j);
		return NULL;
	}
	return j;
}

static enum MHD_Result
send_json(struct MHD_Connection *conn, unsigned status, json_t *j)
{
	struct MHD_Response	*response;
	enum MHD_Result		 rc;
	char			*text = json_dumps(j, JSON_COMPACT);

	response = MHD_create_response_from_buffer(strlen(text), text,
	    MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, "Content-Type", "application/json");
	rc = MHD_queue_response(conn, status, response);
	MHD_destroy_response(response);
	json_decref(j);
	return rc;
}

static enum MHD_Result
control_answer(struct control_request *r, struct MHD_Connection *conn,
    const char *method)
{
	struct control_call	 c = { .sim = r->control->sim };
	struct control_path	 p = { .count = 0 };
	json_t			*body = body_parse(r), *answer;

	c.body = body;
	c.filter = MHD_lookup_connection_value(conn, MHD_GET_ARGUMENT_KIND,
	    "call");
	path_parse(&p, r->uri);
	if (body == NULL)
		answer = control_error(&c, 400, "the body is no JSON object");
	else
		answer = dispatch(&c, method, &p);
	if (answer == NULL)
		answer = json_pack("{s:s}", "error", c.error);
	json_decref(body);
	path_free(&p);
	return send_json(conn, c.status == 0 ? 200 : c.status, answer);
}

static void *
control_begin(void *cls, const char *uri, struct MHD_Connection *conn)
{
	struct control_request	*r = mem_alloc(sizeof *r);

	(void)conn;
	r->control = cls;
	r->uri = mem_dup(uri);
	return r;
}

static enum MHD_Result
control_access(void *cls, struct MHD_Connection *conn, const char *url,
    const char *method, const char *version, const char *data, size_t *len,
    void **con_cls)
{
	struct control_request	*r = *con_cls;

	(void)cls;
	(void)url;
	(void)version;
	if (!r->opened) {
		r->opened = true;
		return MHD_YES;
	}
	if (*len == 0)
		return control_answer(r, conn, method);
	if (r->body.len + *len > BODY_MAX)
		r->too_large = true;
	else
		buf_bytes(&r->body, data, *len);
	*len = 0;
	return MHD_YES;
}

static void
control_completed(void *cls, struct MHD_Connection *conn, void **con_cls,
    enum MHD_RequestTerminationCode why)
{
	struct control_request	*r = *con_cls;

	(void)cls;
	(void)conn;
	(void)why;
	if (r == NULL)
		return;
	free(r->uri);
	buf_free(&r->body);
	free(r);
	*con_cls = NULL;
}

struct control *
control_new(struct sim *sim, unsigned port)
{
	static const struct port_calls calls = {
		.begin = control_begin,
		.access = control_access,
		.completed = control_completed,
	};
	struct control	*c = mem_alloc(sizeof *c);

	c->sim = sim;
	c->port.loop = sim->loop;
	c->port.calls = &calls;
	c->port.cls = c;
	port_bind(&c->port, "127.0.0.1", port);
	port_serve(&c->port);
	return c;
}

unsigned
control_port(const struct control *c)
{
	return c->port.number;
}

void
control_free(struct control *c)
{
	if (c == NULL)
		return;
	port_close(&c->port);
	free(c);
}
