/*
 * Control of meetings: who is in, who comes and goes.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "control.h"
#include "create.h"
#include "user.h"

static json_t *
pairs_json(const struct params *p)
{
	json_t	*j = json_object();
	size_t	 i;

	for (i = 0; i < p->count; i++)
		json_object_set_new(j, params_name(p, i),
		    json_string(params_value(p, i)));
	return j;
}

static json_t *
users_json(const struct meeting *m)
{
	json_t			*list = json_array();
	const struct user	*u;

	TAILQ_FOREACH(u, &m->users, link)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s,"
		    " s:s, s:b, s:b, s:b, s:b, s:i, s:b, s:b, s:s, s:o}",
		    "userID", u->user_id, "internalUserID", u->internal,
		    "sessionToken", u->session, "name", u->name,
		    "role", user_role_name(u),
		    "presenter", (int)u->presenter,
		    "listenOnly", (int)u->listen_only, "voice", (int)u->voice,
		    "video", u->cameras > 0, "cameras", (int)u->cameras,
		    "waiting", (int)u->waiting,
		    "left", (int)u->left, "clientType", u->client_type,
		    "customdata", pairs_json(&u->customdata)));
	return list;
}

static json_t *
documents_json(const struct documents *ds)
{
	json_t			*list = json_array();
	const struct document	*d;

	if (ds->count == 0)
		return list;
	TAILQ_FOREACH(d, &ds->list, link)
		json_array_append_new(list, json_pack("{s:s, s:s?, s:I, s:s,"
		    " s:b, s:b, s:b}", "name", d->name, "url", d->url,
		    "length", (json_int_t)d->len, "sha256", d->sha256,
		    "current", (int)d->current,
		    "downloadable", (int)d->downloadable,
		    "removable", (int)d->removable));
	return list;
}

static json_t *
meeting_json(const struct meeting *m)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:b, s:s?,"
	    " s:I, s:b, s:b, s:o, s:o, s:o}",
	    "meetingID", m->external, "internalMeetingID", m->internal,
	    "name", m->name, "attendeePW", m->attendee_pw,
	    "moderatorPW", m->moderator_pw, "voiceBridge", m->voice_bridge,
	    "createTime", (json_int_t)m->create_ms,
	    "running", (int)meeting_is_running(m), "ending", (int)m->ending,
	    "parentMeetingID", m->parent == NULL ? NULL : m->parent->internal,
	    "participantCount", (json_int_t)m->heads.online,
	    "recording", (int)m->recording_now,
	    "screenshare", (int)m->sharing,
	    "users", users_json(m), "metadata", pairs_json(&m->metadata),
	    "documents", documents_json(&m->documents));
}

json_t *
control_meetings(struct control_call *c, struct server *s)
{
	json_t			*list = json_array();
	const struct meeting	*m;

	(void)c;
	TAILQ_FOREACH(m, &s->meetings->list, link)
		json_array_append_new(list, meeting_json(m));
	return list;
}

/* Whatever the body has besides count and users is a parameter of create. */
static void
create_params(struct params *p, const json_t *body, const char *id)
{
	const char	*name;
	json_t		*value;
	struct buf	 b = { 0 };

	params_add(p, "meetingID", id);
	json_object_foreach((json_t *)body, name, value) {
		buf_clear(&b);
		if (strcmp(name, "meetingID") == 0 ||
		    strcmp(name, "count") == 0 || strcmp(name, "users") == 0)
			continue;
		if (json_is_string(value))
			params_add(p, name, json_string_value(value));
		else if (json_is_boolean(value))
			params_add(p, name,
			    json_is_true(value) ? "true" : "false");
		else if (json_is_integer(value)) {
			buf_format(&b, "%lld",
			    (long long)json_integer_value(value));
			params_add(p, name, b.data);
		}
	}
	if (params_get(p, "name") == NULL)
		params_add(p, "name", id);
	buf_free(&b);
}

static void
fill_meeting(struct meeting *m, int users)
{
	struct user_spec	spec = { .name = "Moderator", .moderator = true };
	struct buf		name = { 0 };
	int			i;

	for (i = 0; i < users; i++) {
		(void)user_join(m, &spec);
		buf_clear(&name);
		buf_format(&name, "User %d", i + 1);
		spec.name = name.data;
		spec.moderator = false;
	}
	buf_free(&name);
}

static json_t *
add_meeting(struct control_call *c, struct server *s, const char *id,
    int users)
{
	struct params		 p = { .count = 0 };
	struct meeting		*m;
	enum create_outcome	 outcome;

	create_params(&p, c->body, id);
	outcome = create_meeting(s->meetings, &p, &m);
	params_free(&p);
	if (outcome != CREATE_NEW)
		return control_error(c, 409,
		    "its id or its voiceBridge is taken, or it has no parent");
	fill_meeting(m, users);
	return json_pack("{s:s, s:s, s:I}", "meetingID", m->external,
	    "internalMeetingID", m->internal,
	    "createTime", (json_int_t)m->create_ms);
}

json_t *
control_meetings_add(struct control_call *c, struct server *s)
{
	const char	*id = NULL;
	int		 count = -1, users = 0, i;
	json_t		*list, *one = NULL;
	struct buf	 b = { 0 };

	if (json_unpack((json_t *)c->body, "{s:s, s?i, s?i}", "meetingID", &id,
	    "count", &count, "users", &users) == -1)
		return control_error(c, 400, "meetingID is missing, or a "
		    "number is none");
	if (count < 0)
		return add_meeting(c, s, id, users);
	list = json_array();
	for (i = 0; i < count; i++) {
		buf_clear(&b);
		buf_format(&b, "%s-%d", id, i);
		if ((one = add_meeting(c, s, b.data, users)) == NULL)
			break;
		json_array_append_new(list, one);
	}
	buf_free(&b);
	if (count > 0 && one == NULL) {
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:i, s:o}", "created", count, "meetings", list);
}

struct meeting *
control_meeting(struct control_call *c, const struct server *s)
{
	struct meeting	*m = meeting_find(s->meetings, c->meeting_id);

	if (m == NULL)
		(void)control_error(c, 404, "no such meeting");
	return m;
}

json_t *
control_meeting_remove(struct control_call *c, struct server *s)
{
	struct meeting	*m;

	if ((m = control_meeting(c, s)) == NULL)
		return NULL;
	meeting_remove(m);
	return json_pack("{s:b}", "ok", 1);
}

static void
read_customdata(struct params *p, json_t *from)
{
	const char	*name;
	json_t		*value;

	json_object_foreach(from, name, value)
		if (json_is_string(value))
			params_add(p, name, json_string_value(value));
}

/* So many users like spec; the ids and names of several are numbered. */
static json_t *
add_users(struct meeting *m, const struct user_spec *spec, int count)
{
	json_t			*list = json_array();
	struct user_spec	 one = *spec;
	struct buf		 id = { 0 }, name = { 0 };
	const struct user	*u;
	int			 i;

	for (i = 0; i < count; i++) {
		if (count > 1) {
			buf_clear(&id);
			buf_clear(&name);
			buf_format(&id, "%s-%d", spec->user_id, i);
			buf_format(&name, "%s %d", spec->name, i);
			one.user_id = spec->user_id == NULL ? NULL : id.data;
			one.name = name.data;
		}
		u = user_join(m, &one);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
		    "userID", u->user_id, "internalUserID", u->internal,
		    "sessionToken", u->session));
	}
	buf_free(&id);
	buf_free(&name);
	return json_pack("{s:o}", "users", list);
}

json_t *
control_users_add(struct control_call *c, struct server *s)
{
	struct user_spec	 spec = { .name = "User" };
	struct params		 customdata = { .count = 0 };
	const char		*role = "VIEWER";
	int			 voice = 0, video = 0, listen = 0, count = 1;
	int			 cameras = 0, phone = 0;
	json_t			*data = NULL, *answer;
	struct meeting		*m;

	if ((m = control_meeting(c, s)) == NULL)
		return NULL;
	if (json_unpack((json_t *)c->body, "{s?s, s?s, s?s, s?o, s?b, s?b,"
	    " s?b, s?s, s?i, s?i, s?b !}", "name", &spec.name, "role", &role,
	    "userID", &spec.user_id, "customdata", &data, "voice", &voice,
	    "video", &video, "listenOnly", &listen,
	    "clientType", &spec.client_type, "count", &count,
	    "cameras", &cameras, "phone", &phone) == -1 || cameras < 0)
		return control_error(c, 400, "name, role, userID, customdata,"
		    " voice, video, listenOnly, clientType, count, cameras and"
		    " phone are what a user may have");
	spec.moderator = strcmp(role, "MODERATOR") == 0;
	spec.voice = voice;
	spec.cameras = cameras > 0 ? (unsigned)cameras : (unsigned)video;
	spec.phone = phone;
	spec.listen_only = listen;
	if (data != NULL)
		read_customdata(&customdata, data);
	spec.customdata = &customdata;
	answer = add_users(m, &spec, count);
	params_free(&customdata);
	return answer;
}

json_t *
control_users_leave(struct control_call *c, struct server *s)
{
	struct meeting	*m;
	struct user	*u, *next;
	int		 left = 0;

	if ((m = control_meeting(c, s)) == NULL)
		return NULL;
	for (u = TAILQ_FIRST(&m->users); u != NULL; u = next) {
		next = TAILQ_NEXT(u, link);
		if (u->left || (c->user_id != NULL &&
		    strcmp(c->user_id, "*") != 0 &&
		    strcmp(u->user_id, c->user_id) != 0))
			continue;
		user_leave(u);
		left++;
	}
	if (left == 0 && c->user_id != NULL)
		return control_error(c, 404, "no such user");
	return json_pack("{s:i}", "left", left);
}

json_t *
control_breakout_add(struct control_call *c, struct server *s)
{
	const char	*name = NULL;
	int		 sequence = 0;
	struct meeting	*m, *room;
	struct buf	 b = { 0 };

	if ((m = control_meeting(c, s)) == NULL)
		return NULL;
	if (json_unpack((json_t *)c->body, "{s:i, s?s !}",
	    "sequence", &sequence, "name", &name) == -1)
		return control_error(c, 400, "sequence is needed, name may be"
		    " given");
	buf_format(&b, "%s (Room %d)", m->name, sequence);
	if (create_breakout(m, sequence, name == NULL ? b.data : name,
	    &room) != CREATE_NEW) {
		buf_free(&b);
		return control_error(c, 409, "there is such a room");
	}
	buf_free(&b);
	return meeting_json(room);
}
