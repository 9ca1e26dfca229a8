/*
 * Batches of agents as parameters of a statement: the rules are in sql/.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "store/events.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "store/db.h"
#include "store/listed.h"

/*
 * Frees the JSON; all of it was made of text that is UTF-8, so it can be
 * written.
 */
static char *
dump(struct arena *a, json_t *j)
{
	char	*text = json_dumps(j, JSON_COMPACT);
	char	*s = arena_strdup(a, text);

	free(text);
	json_decref(j);
	return s;
}

static json_t *
people_json(struct arena *a, const struct event *ev)
{
	json_t	*list = json_array();
	size_t	 i;

	for (i = 0; i < ev->nusers; i++)
		json_array_append_new(list, json_pack("[o, o, o]",
		    listed_text(a, ev->users[i].id),
		    listed_text(a, ev->users[i].name),
		    listed_text(a, ev->users[i].role)));
	return list;
}

static json_t *
cameras_json(struct arena *a, const struct event *ev)
{
	json_t	*list = json_array();
	size_t	 i;

	for (i = 0; i < ev->ncams; i++)
		json_array_append_new(list, json_pack("[o, o]",
		    listed_text(a, ev->cams[i].user),
		    listed_text(a, ev->cams[i].stream)));
	return list;
}

/* The members of the type agent_event in sql/. */
static json_t *
event_json(struct arena *a, const char *kind, const struct event *ev)
{
	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
	    " s:b, s:b, s:b, s:b, s:b, s:I, s:o, s:o, s:o}",
	    "kind", kind,
	    "at_ms", (json_int_t)ev->at_ms,
	    "meeting", listed_text(a, ev->meeting),
	    "ext_id", listed_text(a, ev->ext_id),
	    "name", listed_text(a, ev->name),
	    "parent", listed_text(a, ev->parent),
	    "person", listed_text(a, ev->user),
	    "role", listed_text(a, ev->role),
	    "client", listed_text(a, ev->client),
	    "stream", listed_text(a, ev->stream),
	    "is_on", ev->on,
	    "listen_only", ev->listen_only,
	    "phone", ev->user != NULL && event_is_phone(ev->user),
	    "record", ev->record,
	    "free_join", ev->free_join,
	    "created_ms", (json_int_t)ev->created_ms,
	    "sequence", listed_count(ev->sequence),
	    "people", people_json(a, ev),
	    "cameras", cameras_json(a, ev));
}

/* A session that begins like those that polls make up is none. */
static bool
is_odd(const struct event *ev)
{
	return ev->user != NULL && ev->user[0] == '#';
}

static json_t *
events_json(struct arena *a, const struct event_batch *b)
{
	json_t	*list = json_array();
	size_t	 i;

	for (i = 0; i < b->n; i++)
		if (!is_odd(&b->events[i]))
			json_array_append_new(list, event_json(a,
			    event_kind_name(b->events[i].kind),
			    &b->events[i]));
	return list;
}

/* An unknown word counts as EVENTS_UNKNOWN, the last of the table. */
static void
result_read(const struct rows *r, struct events_result *res)
{
	static const char *const	words[] = {
		[EVENTS_APPLIED] = "applied",
		[EVENTS_DUPLICATE] = "duplicate",
		[EVENTS_GAP] = "gap", [EVENTS_UNKNOWN] = "unknown"
	};
	int				i;

	for (i = EVENTS_APPLIED; i < EVENTS_UNKNOWN; i++)
		if (strcmp(words[i], rows_str(r, 0, 0)) == 0)
			break;
	res->verdict = (enum events_verdict)i;
	res->epoch = rows_int(r, 0, 1);
}

/* Voice, then video, as an array of float8. */
static char *
weights(struct arena *a, const struct poll_opts *o)
{
	return arena_printf(a, "{%g,%g}", o->weight_voice, o->weight_video);
}

/*
 * The snapshot's parameter tells three things apart: NULL, there is none;
 * JSON's null, there is one that says nothing; a list.
 */
int
events_batch(struct db *db, const struct poll_opts *o, const char *agent,
    const struct event_batch *b, const struct events_snapshot *s,
    struct arena *a, struct events_result *res, struct err *e)
{
	struct rows	*r;

	r = db_run(db, STMT_AGENT_BATCH, e, agent,
	    param_int(a, b->epoch),
	    param_int(a, b->seq),
	    param_int(a, o->grace_ms),
	    param_int(a, o->fade_s), weights(a, o),
	    param_int(a, s == NULL ? 0 : s->age_ms),
	    s == NULL ? NULL : s->illegible ? "null" :
	    listed_json(a, o, s->meetings, s->n),
	    dump(a, events_json(a, b)));
	if (r == NULL)
		return -1;
	result_read(r, res);
	rows_free(r);
	return 0;
}

static void
append(struct arena *a, json_t *list, const char *kind,
    const struct event *ev)
{
	json_array_append_new(list, event_json(a, kind, ev));
}

/* A join tells his state, too. */
static void
append_joined(struct arena *a, json_t *list, const struct bbb_attendee *at,
    struct event *ev)
{
	ev->ext_id = at->user_id;
	ev->name = at->full_name;
	ev->role = at->role;
	ev->client = at->client_type;
	append(a, list, "joined", ev);
	ev->on = at->is_presenter;
	if (at->is_presenter)
		append(a, list, "presenter", ev);
	ev->listen_only = at->is_listening_only;
	if (at->is_listening_only || at->has_joined_voice)
		append(a, list, "voice_joined", ev);
	if (at->has_video)
		append(a, list, "cam_started", ev);
}

/*
 * The Go program's agent tells of one thing a call; each becomes the events
 * that our own agent would have sent.
 */
static json_t *
rpc_json(struct arena *a, const struct events_rpc *rpc)
{
	struct event	 ev = { .meeting = rpc->internal_id,
			    .user = rpc->user, .on = rpc->running };
	json_t		*list = json_array();

	switch (rpc->call) {
	case EVENTS_RUNNING:
		append(a, list, "running", &ev);
		break;
	case EVENTS_EMPTIED:
		append(a, list, "emptied", &ev);
		break;
	case EVENTS_JOINED:
		append_joined(a, list, &rpc->attendee, &ev);
		break;
	case EVENTS_LEFT:
		append(a, list, "left", &ev);
		break;
	}
	return list;
}

/*
 * Without epoch and seq: these calls are no stream, so none can be a duplicate
 * or follow a gap.
 */
int
events_rpc(struct db *db, const struct poll_opts *o, const char *agent,
    const struct events_rpc *rpc, struct arena *a, struct events_result *res,
    struct err *e)
{
	struct rows	*r;

	r = db_run(db, STMT_AGENT_BATCH, e, agent, NULL, NULL,
	    param_int(a, o->grace_ms),
	    param_int(a, o->fade_s), weights(a, o), "0", NULL,
	    dump(a, rpc_json(a, rpc)));
	if (r == NULL)
		return -1;
	result_read(r, res);
	rows_free(r);
	return 0;
}

int
events_heartbeat(struct db *db, const struct poll_opts *o, const char *agent,
    double cpu, const char *version, struct arena *a,
    struct events_heartbeat *h, struct err *e)
{
	struct rows	*r;
	int		 rc;

	r = db_run(db, STMT_AGENT_HEARTBEAT, e, agent,
	    cpu < 0 ? NULL : arena_printf(a, "%g", cpu), version,
	    param_int(a, o->grace_ms),
	    param_int(a, o->fade_s), weights(a, o));
	if (r == NULL)
		return -1;
	rc = (int)rows_len(r);
	if (rc == 1) {
		h->backend_id = rows_dup(r, 0, 0, a);
		h->at = rows_dup(r, 0, 1, a);
	}
	rows_free(r);
	return rc;
}
