/*
 * What is known of a meeting, changed by the API until its server tells more.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "proto/xmlout.h"
#include "store/meetings.h"

/* As of ms_time() in the database. */
#define TIME_MAX_MS	253402300799999LL

/* ---- members: each replaces its value by what the database wants */

static bool
is_time(const struct field *f)
{
	static const char	end[] = "Time";
	size_t			len = strlen(f->name);

	return strcmp(f->name + len - (sizeof(end) - 1), end) == 0;
}

static void
check_number(struct api *c, const struct field *f, const json_t *j)
{
	long long	n = json_integer_value(j);

	if (n < 0 || n > (is_time(f) ? TIME_MAX_MS : INT32_MAX))
		api_fault(c, f->name, is_time(f) ?
		    "must be 0 to 253402300799999" :
		    "must be 0 to 2147483647");
}

static json_t *
element(const char *name, const char *text)
{
	struct xmlout	 x;
	struct buf	 b = { 0 };
	json_t		*j;

	xmlout_begin(&x, &b);
	out_str(&x, name, text);
	j = json_string(buf_str(&b));
	buf_free(&b);
	return j;
}

/* Of an element; BBB makes them of parameters. */
static bool
is_name(const char *s)
{
	if (!isalpha((unsigned char)*s))
		return false;
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr("-_.", *s) == NULL)
			return false;
	return true;
}

static void
read_metadata(struct api *c, json_t *meeting)
{
	static const char	 field[] = "meeting.Metadata";
	const char		*name;
	json_t			*map = json_object_get(meeting, "Metadata");
	json_t			*value, *out = json_object();

	json_object_foreach(map, name, value) {
		if (!is_name(name))
			api_fault(c, field, "names must begin with a letter"
			    " and have no others than A-Z, a-z, 0-9, '-', '_'"
			    " and '.'");
		else if (!json_is_string(value) && !json_is_null(value))
			api_fault(c, field, "values must be texts");
		else
			json_object_set_new(out, name,
			    json_string_length(value) == 0 ? json_null() :
			    element(name, json_string_value(value)));
	}
	if (json_is_object(map))
		json_object_set(meeting, "Metadata", out);
	json_decref(out);
}

static void
read_rooms(json_t *meeting)
{
	json_t		*list = json_object_get(meeting, "BreakoutRooms"), *id;
	struct xmlout	 x;
	struct buf	 b = { 0 };
	size_t		 i;

	if (!json_is_array(list))
		return;
	xmlout_begin(&x, &b);
	json_array_foreach(list, i, id)
		out_str(&x, "breakout", json_string_value(id));
	json_object_set_new(meeting, "BreakoutRooms",
	    json_string(buf_str(&b)));
	buf_free(&b);
}

/* One of the list under the names of its record; faults say what is wrong. */
static json_t *
attendee(struct api *c, const json_t *item)
{
	static const char	 field[] = "meeting.Attendees";
	const struct record	*r = attendee_record();
	json_t			*out = json_object(), *j;
	bool			 text;
	size_t			 i;

	if (!json_is_object(item))
		api_fault(c, field, "must be a list of objects");
	for (i = 0; json_is_object(item) && i < r->n; i++) {
		text = r->v[i].type == FIELD_STR;
		j = json_member(item, r->v[i].name);
		if (j == NULL || json_is_null(j))
			continue;
		if (text ? json_is_string(j) : json_is_boolean(j))
			json_object_set(out, r->v[i].name, j);
		else
			api_fault(c, field, arena_printf(c->arena,
			    "%s must be a %s", r->v[i].name,
			    text ? "text" : "boolean"));
	}
	return out;
}

static void
read_attendees(struct api *c, json_t *meeting)
{
	json_t	*list = json_object_get(meeting, "Attendees"), *item, *out;
	size_t	 i;

	if (list == NULL || json_is_null(list))
		return;
	if (!json_is_array(list))
		api_fault(c, "meeting.Attendees", "must be a list of objects");
	out = json_array();
	json_array_foreach(list, i, item)
		json_array_append_new(out, attendee(c, item));
	json_object_set_new(meeting, "Attendees", out);
}

/* ---- the whole */

static const char *
name_of(const struct field *f)
{
	return f->name + strlen("meeting.");
}

/* As it was sent, but for what nobody is to see. */
static const char *
trace(const struct api *c, const json_t *meeting)
{
	const struct record	*r = meeting_record();
	json_t			*copy = json_copy((json_t *)meeting);
	const char		*text;
	size_t			 i;

	for (i = 0; i < r->n; i++)
		if ((r->v[i].flags & FIELD_SECRET) != 0 &&
		    json_object_get(copy, name_of(&r->v[i])) != NULL)
			json_object_set_new(copy, name_of(&r->v[i]),
			    json_string("***"));
	text = api_doc(c, copy);
	json_decref(copy);
	return text;
}

static int
read_meeting(struct api *c, json_t *meeting, struct meetings_change *m)
{
	const struct record	*r = meeting_record();
	json_t			*j;
	size_t			 i;

	m->sent = trace(c, meeting);
	for (i = 0; i < r->n; i++)
		if (r->v[i].type == FIELD_INT &&
		    (j = json_object_get(meeting, name_of(&r->v[i]))) != NULL)
			check_number(c, &r->v[i], j);
	read_metadata(c, meeting);
	read_rooms(meeting);
	read_attendees(c, meeting);
	m->doc = api_doc(c, meeting);
	return c->nfaults > 0 ? -1 : 0;
}

static int
input(struct api *c, struct meetings_change *m, struct err *e)
{
	json_t	*in, *meeting;
	int	 rc;

	if (api_input(c, meeting_record(), &in, e) == -1)
		return -1;
	meeting = json_object_get(in, "meeting");
	if (meeting == NULL) {
		meeting = json_object();
		json_object_set_new(in, "meeting", meeting);
	}
	rc = read_meeting(c, meeting, m);
	json_decref(in);
	return rc;
}

int
api_meeting_change(struct api *c, struct err *e)
{
	struct meetings_change	m = {
		.id = c->args[0],
		.agent = api_agent(c),
		.weight_voice = c->w->conf->weight_voice,
		.weight_video = c->w->conf->weight_video,
	};

	if (input(c, &m, e) == -1)
		return -1;
	switch (meetings_change(c->w->db, c->arena, api_who(c), &m, e)) {
	case 1:
		return api_meetings_show(c, e);
	case 0:
		return api_meeting_missing(c, e);
	default:
		return -1;
	}
}
