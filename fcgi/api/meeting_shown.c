/*
 * A meeting as the API shows it: what is XML in the database is JSON there.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "core/callback.h"
#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "proto/xmlread.h"

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
	struct buf	b = { 0 };

	json_write(&b, j);
	json_decref(j);
	return arena_take(a, &b);
}

/* A frontend's callbacks are its own again, as BBB's calls show them. */
static const char *
metadata(const struct api *c, struct arena *a, const char *text)
{
	const struct xml_node	*root = tree(a, text == NULL ? "" :
				    callback_put_back(a, c->w->conf, text,
				    CALLBACK_XML));
	const struct xml_node	*n;
	json_t			*j = json_object();

	for (n = root == NULL ? NULL : root->child; n != NULL; n = n->next)
		json_object_set_new(j, n->name, json_string(n->text));
	return text_of(a, j);
}

static const char *
rooms(const struct api *c, struct arena *a, const char *text)
{
	const struct xml_node	*root = tree(a, text == NULL ? "" : text);
	const struct xml_node	*n;
	json_t			*j = json_array();

	(void)c;
	for (n = root == NULL ? NULL : root->child; n != NULL; n = n->next)
		json_array_append_new(j, json_string(n->text));
	return text_of(a, j);
}

/* A list of values with their names, which keep their order. */
static void
write_named(struct buf *b, const json_t *list, const struct record *r)
{
	size_t	i;

	for (i = 0; i < r->n; i++) {
		buf_addc(b, i == 0 ? '{' : ',');
		json_write_str(b, r->v[i].name);
		buf_addc(b, ':');
		json_write(b, json_array_get(list, i));
	}
	buf_addc(b, '}');
}

static const char *
attendees(const struct api *c, struct arena *a, const char *text)
{
	json_t		*list, *item;
	struct buf	 b = { 0 };
	size_t		 i;

	(void)c;
	if (text == NULL)
		return "[]";
	list = json_loads(text, 0, NULL);
	json_array_foreach(list, i, item) {
		buf_addc(&b, i == 0 ? '[' : ',');
		write_named(&b, item, attendee_record());
	}
	buf_addc(&b, ']');
	json_decref(list);
	return arena_take(a, &b);
}

static const char *
breakout(const struct api *c, struct arena *a, const char *text)
{
	static const struct field	fields[] = {
		{ "ParentMeetingID", FIELD_STR, 0, NULL },
		{ "Sequence", FIELD_INT, 0, NULL },
		{ "FreeJoin", FIELD_BOOL, 0, NULL },
	};
	static const struct record	record = RECORD(fields);
	json_t		*list;
	struct buf	 b = { 0 };

	(void)c;
	if (text == NULL)
		return NULL;
	list = json_loads(text, 0, NULL);
	write_named(&b, list, &record);
	json_decref(list);
	return arena_take(a, &b);
}

static const char *
shape(const struct api *c, struct arena *a, const struct field *f,
    const char *text)
{
	static const struct {
		const char	 *field;
		const char	*(*shape)(const struct api *, struct arena *,
				    const char *);
	} shapes[] = {
		{ "meeting.Metadata", metadata },
		{ "meeting.Attendees", attendees },
		{ "meeting.BreakoutRooms", rooms },
		{ "meeting.Breakout", breakout },
	};
	size_t	i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].field, f->name) == 0)
			return shapes[i].shape(c, a, text);
	return text;
}

struct api_resource
api_meeting_resource(void)
{
	return (struct api_resource){ meeting_record(), shape };
}
