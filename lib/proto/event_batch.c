/*
 * A batch of events as JSON, written and read by one table.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/event.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/log.h"
#include "proto/event_field.h"

#define KIND		"kind"
#define WHERE_SIZE	96	/* "events[499].users[19999].stream" fits */

/*
 * Events have a table of their own (event_field.h), not one of proto/json: its
 * rows say how the API shows a record, and know neither where a member is in a
 * structure nor that one must be there.
 */

/* A row per member of the two lists of a state. */
struct item {
	const char	*name;
	enum event_type	 type;
	size_t		 offset;
	bool		 needed;
};

#define ITEM(list, word, type, member, needed)				\
	{ word, type, offsetof(struct list, member), needed }

static const struct item user_items[] = {
	ITEM(event_user, "id", EVENT_ID, id, true),
	ITEM(event_user, "name", EVENT_TEXT, name, false),
	ITEM(event_user, "role", EVENT_TEXT, role, false),
};
static const struct item cam_items[] = {
	ITEM(event_cam, "user", EVENT_ID, user, true),
	ITEM(event_cam, "stream", EVENT_ID, stream, true),
};

struct list {
	const char		*name;
	const struct item	*items;
	size_t			 nitems;
	size_t			 size;		/* of one */
	size_t			 offset;	/* of the pointer */
	size_t			 noffset;	/* of the count */
};

#define LIST(word, items, type, member) {				\
	word, items, sizeof(items) / sizeof(items[0]), sizeof(struct type), \
	offsetof(struct event, member), offsetof(struct event, n ## member) }

static const struct list lists[] = {
	LIST("users", user_items, event_user, users),
	LIST("cams", cam_items, event_cam, cams),
};
#define NLISTS	(sizeof(lists) / sizeof(lists[0]))

static void
put(json_t *obj, const char *name, json_t *v)
{
	if (v == NULL || json_object_set_new(obj, name, v) == -1)
		log_fatal(EX_OSERR, "out of memory");
}

/* Bytes that are no UTF-8 become nothing: what was read never holds any. */
static void
put_string(json_t *obj, const char *name, const char *s)
{
	put(obj, name, str_utf8_valid(s, strlen(s)) ? json_string(s) :
	    json_string(""));
}

/*
 * What is empty is left out: a reader has the same by default, and batches are
 * many.
 */
static void
write_member(json_t *obj, const struct event *ev, const struct event_field *f)
{
	const char	*p = (const char *)ev + f->offset;
	const char	*s;
	long long	 n;

	switch (f->type) {
	case EVENT_ID:
	case EVENT_TEXT:
		s = *(const char *const *)(const void *)p;
		if (s[0] != '\0')
			put_string(obj, f->name, s);
		break;
	case EVENT_FLAG:
		if (*(const bool *)p)
			put(obj, f->name, json_true());
		break;
	case EVENT_NUMBER:
		n = *(const long long *)(const void *)p;
		if (n != 0)
			put(obj, f->name, json_integer(n));
		break;
	}
}

static json_t *
list_json(const struct event *ev, const struct list *l)
{
	const char	*p = *(const char *const *)(const void *)
			    ((const char *)ev + l->offset);
	size_t		 n = *(const size_t *)(const void *)
			    ((const char *)ev + l->noffset);
	json_t		*array = json_array(), *obj;
	size_t		 i;

	for (; n > 0; n--, p += l->size) {
		obj = json_object();
		for (i = 0; i < l->nitems; i++)
			put_string(obj, l->items[i].name,
			    *(const char *const *)(const void *)
			    (p + l->items[i].offset));
		if (json_array_append_new(array, obj) == -1)
			log_fatal(EX_OSERR, "out of memory");
	}
	return array;
}

static json_t *
event_json(const struct event *ev)
{
	const struct event_shape	*s = event_shape(ev->kind);
	json_t				*obj = json_object();
	size_t				 i;

	put(obj, KIND, json_string(s->name));
	for (i = 0; i < EV__MAX; i++)
		if (i == EV_AT || ((s->needs | s->may) & EV_BIT(i)) != 0)
			write_member(obj, ev,
			    event_field((enum event_member)i));
	if (ev->kind == EVENT_STATE)
		for (i = 0; i < NLISTS; i++)
			put(obj, lists[i].name, list_json(ev, &lists[i]));
	return obj;
}

static int
to_buf(const char *p, size_t len, void *out)
{
	buf_add(out, p, len);
	return 0;
}

void
event_batch_write(const struct event_batch *b, struct buf *out)
{
	json_t	*root = json_object(), *events = json_array(), *snap;
	size_t	 i;

	put(root, "epoch", json_integer(b->epoch));
	put(root, "seq", json_integer(b->seq));
	if (b->snapshot.p != NULL) {
		snap = json_object();
		put(snap, "age_ms", json_integer(b->snapshot_age_ms));
		put(snap, "xml", json_stringn(b->snapshot.p,
		    b->snapshot.len));
		put(root, "snapshot", snap);
	}
	for (i = 0; i < b->n; i++)
		if (json_array_append_new(events,
		    event_json(&b->events[i])) == -1)
			log_fatal(EX_OSERR, "out of memory");
	put(root, "events", events);
	if (json_dump_callback(root, to_buf, out, JSON_COMPACT) == -1)
		log_fatal(EX_OSERR, "out of memory");
	json_decref(root);
}

static int
read_item(struct arena *a, const json_t *v, const struct item *it,
    char *to, const char *where, struct err *e)
{
	const char	*s = "";

	v = json_object_get(v, it->name);
	if (v != NULL && (s = event_string(a, v, it->type)) == NULL)
		return err_set(e, ERR_INPUT, "%s.%s: not a string that fits",
		    where, it->name);
	if (it->needed && s[0] == '\0')
		return err_set(e, ERR_INPUT, "%s.%s: missing", where,
		    it->name);
	*(const char **)(void *)(to + it->offset) = s;
	return 0;
}

static int
read_list(struct arena *a, const json_t *v, const struct list *l,
    struct event *ev, const char *where, struct err *e)
{
	size_t	 i, k, n;
	char	*p;
	char	 name[WHERE_SIZE];

	v = json_object_get(v, l->name);
	if (!json_is_array(v))
		return err_set(e, ERR_INPUT, "%s.%s: not a list", where,
		    l->name);
	if ((n = json_array_size(v)) > EVENT_USERS_MAX)
		return err_set(e, ERR_INPUT, "%s.%s: more than %d", where,
		    l->name, EVENT_USERS_MAX);
	p = arena_zalloc(a, n + 1, l->size);
	*(char **)(void *)((char *)ev + l->offset) = p;
	*(size_t *)(void *)((char *)ev + l->noffset) = n;
	for (i = 0; i < n; i++, p += l->size) {
		snprintf(name, sizeof(name), "%.30s.%.10s[%zu]", where,
		    l->name, i);
		for (k = 0; k < l->nitems; k++)
			if (read_item(a, json_array_get(v, i), &l->items[k],
			    p, name, e) == -1)
				return -1;
	}
	return 0;
}

/*
 * A member that the kind does not have is ignored: a newer agent may send it.
 */
static int
read_members(struct arena *a, const json_t *v, struct event *ev,
    const char *where, struct err *e)
{
	static const char *const	 wanted[] = {
		[EVENT_ID] = "a string that fits",
		[EVENT_TEXT] = "a string",
		[EVENT_FLAG] = "a boolean",
		[EVENT_NUMBER] = "a whole number",
	};
	const struct event_shape	*s = event_shape(ev->kind);
	const struct event_field	*f;
	const json_t			*member;
	size_t				 i;
	enum event_member		 m;

	for (i = 0; i < EV__MAX; i++) {
		f = event_field((enum event_member)i);
		if (i != EV_AT && ((s->needs | s->may) & EV_BIT(i)) == 0)
			continue;
		if ((member = json_object_get(v, f->name)) != NULL &&
		    event_set(a, ev, (enum event_member)i, member) == -1)
			return err_set(e, ERR_INPUT, "%s.%s: not %s", where,
			    f->name, wanted[f->type]);
	}
	if ((m = event_lacks(ev)) != EV__MAX)
		return err_set(e, ERR_INPUT, "%s.%s: missing", where,
		    event_field(m)->name);
	return 0;
}

static int
read_event(struct arena *a, const json_t *v, struct event *ev, size_t i,
    struct err *e)
{
	const char	*name = json_string_value(json_object_get(v, KIND));
	char		 where[WHERE_SIZE];
	size_t		 k;

	snprintf(where, sizeof(where), "events[%zu]", i);
	if (name == NULL)
		return err_set(e, ERR_INPUT, "%s." KIND ": missing", where);
	event_init(ev, event_kind_of(name));
	/* A newer agent may know of more. */
	if (ev->kind == EVENT_NONE)
		return 0;
	if (read_members(a, v, ev, where, e) == -1)
		return -1;
	if (ev->kind == EVENT_STATE)
		for (k = 0; k < NLISTS; k++)
			if (read_list(a, v, &lists[k], ev, where, e) == -1)
				return -1;
	return 0;
}

/* What a newer agent knows of and we do not is left out, the rest counts. */
static int
read_events(struct arena *a, const json_t *v, struct event_batch *b,
    struct err *e)
{
	struct event	*events;
	size_t		 i, n = json_array_size(v);

	if (v != NULL && !json_is_array(v))
		return err_set(e, ERR_INPUT, "events: not a list");
	if (n > EVENT_BATCH_MAX)
		return err_set(e, ERR_INPUT, "events: more than %d",
		    EVENT_BATCH_MAX);
	b->events = events = arena_zalloc(a, n + 1, sizeof(*events));
	for (i = 0; i < n; i++) {
		if (read_event(a, json_array_get(v, i), &events[b->n], i,
		    e) == -1)
			return -1;
		b->n += events[b->n].kind != EVENT_NONE;
	}
	return 0;
}

static int
read_number(const json_t *obj, const char *name, long long least,
    long long *to, struct err *e)
{
	const json_t	*v = json_object_get(obj, name);

	*to = json_integer_value(v);
	if (json_is_integer(v) && *to >= least)
		return 0;
	return err_set(e, ERR_INPUT, "%s: %s", name, v == NULL ? "missing" :
	    "not a whole number that fits");
}

static int
read_snapshot(struct arena *a, const json_t *v, struct event_batch *b,
    struct err *e)
{
	const json_t	*xml = json_object_get(v, "xml");

	if (v == NULL)
		return 0;
	if (read_number(v, "age_ms", 0, &b->snapshot_age_ms, e) == -1)
		return err_set(e, ERR_INPUT, "snapshot.%s", e->text);
	if (!json_is_string(xml))
		return err_set(e, ERR_INPUT, "snapshot.xml: missing");
	b->snapshot.len = json_string_length(xml);
	b->snapshot.p = arena_memdup(a, json_string_value(xml),
	    b->snapshot.len);
	return 0;
}

/*
 * JSON_ALLOW_NUL: a NUL in a name is dealt with where the name is read, rather
 * than refusing the whole batch for it.
 */
int
event_batch_read(struct arena *a, struct view json, struct event_batch *b,
    struct err *e)
{
	json_error_t	 je;
	json_t		*root;
	int		 rc = -1;

	memset(b, 0, sizeof(*b));
	if (json.len > EVENT_BODY_MAX)
		return err_set(e, ERR_TOOBIG, "longer than %lu bytes",
		    EVENT_BODY_MAX);
	root = json_loadb(json.p, json.len, JSON_ALLOW_NUL, &je);
	if (!json_is_object(root)) {
		err_set(e, ERR_INPUT, "not a JSON object");
		goto out;
	}
	if (read_number(root, "epoch", 1, &b->epoch, e) == -1 ||
	    read_number(root, "seq", 1, &b->seq, e) == -1 ||
	    read_snapshot(a, json_object_get(root, "snapshot"), b, e) == -1 ||
	    read_events(a, json_object_get(root, "events"), b, e) == -1)
		goto out;
	rc = 0;
out:
	json_decref(root);
	return rc;
}
