/*
 * Messages that BBB publishes in Redis: a glance first, then a parser.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/event.h"

#include <string.h>

#include "proto/event_field.h"
#include "proto/url.h"

/* Every message of BBB 2.x and 3.x begins so; its name follows. */
#define PREFIX		"{\"envelope\":{\"name\":\""
#define PREFIX_LEN	(sizeof(PREFIX) - 1)
#define NAME_LEN_MAX	80
#define NO_PARENT	"bbb-none"

/* A member and where it is; a path may be followed by a second one. */
struct pick {
	enum event_member	 member;
	const char		*path;	/* members of the message, by dots */
};

#define HEADER_MEETING	{ EV_MEETING, "core.header.meetingId" }
#define BODY_MEETING	{ EV_MEETING, "core.body.meetingId" }
#define BODY(member, name) { EV_ ## member, "core.body." name }
#define PROPS(member, name) { EV_ ## member, "core.body.props." name }
#define INFO(member, name) { EV_ ## member, "core.body.meetingInfo." name }
#define END		{ EV__MAX, NULL }

static const struct pick created[] = {
	PROPS(MEETING, "meetingProp.intId"),
	PROPS(EXT_ID, "meetingProp.extId"),
	PROPS(NAME, "meetingProp.name"),
	PROPS(PARENT, "breakoutProps.parentId"),
	PROPS(SEQUENCE, "breakoutProps.sequence"),
	PROPS(FREE_JOIN, "breakoutProps.freeJoin"),
	PROPS(CREATED, "durationProps.createdTime"),
	PROPS(RECORD, "recordProp.record"), END
};
static const struct pick ended[] = { BODY_MEETING, END };
static const struct pick joined[] = {
	HEADER_MEETING, BODY(USER, "intId"), BODY(EXT_ID, "extId"),
	BODY(NAME, "name"), BODY(ROLE, "role"), BODY(CLIENT, "clientType"),
	BODY(GUEST, "guest"), BODY(ON, "presenter"), END
};
static const struct pick user[] = { HEADER_MEETING, BODY(USER, "intId"), END };
static const struct pick voice[] = {
	HEADER_MEETING, BODY(USER, "intId"), BODY(NAME, "callerName"),
	BODY(LISTEN_ONLY, "listenOnly"), END
};
static const struct pick cam[] = {
	HEADER_MEETING, BODY(USER, "userId"), BODY(STREAM, "stream"), END
};
static const struct pick presenter[] = {
	HEADER_MEETING, BODY(USER, "presenterId"), END
};
/* The header names who did it, the body whose role it is. */
static const struct pick role[] = {
	HEADER_MEETING, BODY(USER, "userId"), BODY(ROLE, "role"), END
};
static const struct pick recording[] = {
	HEADER_MEETING, BODY(ON, "recording"), END
};
static const struct pick meeting[] = { HEADER_MEETING, END };
static const struct pick state[] = {
	INFO(MEETING, "internalId"), INFO(EXT_ID, "externalId"),
	INFO(NAME, "name"), INFO(ON, "isMeetingRecorded"),
	INFO(LISTENERS, "audio.listenOnly.total"),
	INFO(VOICES, "audio.twoWay.total"), END
};

struct message {
	const char		*name;
	size_t			 len;
	enum event_kind		 kind;
	bool			 on;	/* unless picked */
	const struct pick	*picks;
};

#define MESSAGE(name, kind, on, picks)					\
	{ name, sizeof(name) - 1, EVENT_ ## kind, on, picks }

static const struct message messages[] = {
	MESSAGE("UserJoinedMeetingEvtMsg", JOINED, false, joined),
	MESSAGE("UserLeftMeetingEvtMsg", LEFT, false, user),
	MESSAGE("UserJoinedVoiceConfToClientEvtMsg", VOICE_JOINED, false,
	    voice),
	MESSAGE("UserLeftVoiceConfToClientEvtMsg", VOICE_LEFT, false, user),
	MESSAGE("UserBroadcastCamStartedEvtMsg", CAM_STARTED, false, cam),
	MESSAGE("UserBroadcastCamStoppedEvtMsg", CAM_STOPPED, false, cam),
	MESSAGE("PresenterAssignedEvtMsg", PRESENTER, true, presenter),
	MESSAGE("PresenterUnassignedEvtMsg", PRESENTER, false, user),
	MESSAGE("UserRoleChangedEvtMsg", ROLE, false, role),
	MESSAGE("MeetingCreatedEvtMsg", CREATED, false, created),
	MESSAGE("MeetingEndedEvtMsg", ENDED, false, ended),
	MESSAGE("MeetingDestroyedEvtMsg", DESTROYED, false, ended),
	MESSAGE("RecordingStatusChangedEvtMsg", RECORDING, false, recording),
	MESSAGE("ScreenshareRtmpBroadcastStartedEvtMsg", SCREENSHARE, true,
	    meeting),
	MESSAGE("ScreenshareRtmpBroadcastStoppedEvtMsg", SCREENSHARE, false,
	    meeting),
	MESSAGE("GuestsWaitingForApprovalEvtMsg", GUESTS_WAITING, false,
	    meeting),
	MESSAGE("MeetingInfoAnalyticsServiceMsg", STATE, false, state),
	MESSAGE("CheckAlivePongSysMsg", ALIVE, false, NULL),
};

static const struct message *
message_find(const char *name, size_t len)
{
	size_t	i;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].len == len &&
		    memcmp(messages[i].name, name, len) == 0)
			return &messages[i];
	return NULL;
}

/*
 * Never a search for a name in the whole text: what people write in a chat
 * may be a whole message of its own.
 */
static const struct message *
glance(struct view m, bool *odd)
{
	const char	*name, *end;
	size_t		 left;

	*odd = m.len < PREFIX_LEN || memcmp(m.p, PREFIX, PREFIX_LEN) != 0;
	if (*odd)
		return NULL;
	name = m.p + PREFIX_LEN;
	left = m.len - PREFIX_LEN;
	end = memchr(name, '"', left < NAME_LEN_MAX ? left : NAME_LEN_MAX);
	return end == NULL ? NULL : message_find(name, (size_t)(end - name));
}

/* No parser: most messages are noise, and this is what each of them costs. */
enum event_kind
event_peek(struct view m)
{
	const struct message	*msg;
	bool			 odd;

	if ((msg = glance(m, &odd)) != NULL)
		return msg->kind;
	return odd && m.len > 0 && m.p[0] == '{' ? EVENT_ODD : EVENT_NONE;
}

/* What lies at a path of member names joined by dots, or NULL. */
static const json_t *
at_path(const json_t *v, const char *path)
{
	char	 name[32];
	size_t	 len;

	for (;;) {
		len = strcspn(path, ".");
		memcpy(name, path, len);
		name[len] = '\0';
		v = json_object_get(v, name);
		if (path[len] == '\0' || v == NULL)
			return v;
		path += len + 1;
	}
}

/* Ids must be there; a name or a role may be missing. */
static int
read_users(struct arena *a, struct event *ev, const json_t *list)
{
	size_t			 i, n = json_array_size(list);
	const json_t		*v;
	struct event_user	*u;

	if (n > EVENT_USERS_MAX)
		return -1;
	ev->users = arena_zalloc(a, n + 1, sizeof(*ev->users));
	for (i = 0; i < n; i++) {
		v = json_array_get(list, i);
		u = &ev->users[ev->nusers];
		u->id = event_string(a, json_object_get(v, "id"), EVENT_ID);
		u->name = event_string(a, json_object_get(v, "name"),
		    EVENT_TEXT);
		u->role = event_string(a, json_object_get(v, "role"),
		    EVENT_TEXT);
		if (u->id == NULL || u->id[0] == '\0')
			return -1;
		u->name = u->name != NULL ? u->name : "";
		u->role = u->role != NULL ? u->role : "";
		ev->nusers++;
	}
	return 0;
}

static int
read_cams(struct arena *a, struct event *ev, const json_t *list)
{
	size_t			 i, n = json_array_size(list);
	const json_t		*v;
	struct event_cam	*c;

	if (n > EVENT_USERS_MAX)
		return -1;
	ev->cams = arena_zalloc(a, n + 1, sizeof(*ev->cams));
	for (i = 0; i < n; i++) {
		v = json_array_get(list, i);
		c = &ev->cams[ev->ncams];
		c->stream = event_string(a, json_object_get(v, "id"),
		    EVENT_ID);
		c->user = event_string(a, at_path(v, "user.id"), EVENT_ID);
		if (c->stream == NULL || c->stream[0] == '\0' ||
		    c->user == NULL || c->user[0] == '\0')
			return -1;
		ev->ncams++;
	}
	return 0;
}

/* It replaces what is known, so half of it is worse than nothing. */
static int
read_state(struct arena *a, struct event *ev, const json_t *root,
    struct err *e)
{
	const json_t	*info = at_path(root, "core.body.meetingInfo");
	const json_t	*users = json_object_get(info, "users");
	const json_t	*cams = at_path(info, "webcams.streams.broadcasts");

	if (!json_is_array(users) || read_users(a, ev, users) == -1)
		return err_set(e, ERR_INPUT, "state: users: not readable");
	if (!json_is_array(cams) || read_cams(a, ev, cams) == -1)
		return err_set(e, ERR_INPUT, "state: cams: not readable");
	return 0;
}

/* BBB sends it form-encoded; who is no phone has a name from his join. */
static const char *
caller_name(struct arena *a, const struct event *ev)
{
	struct view	 v = { ev->name, strlen(ev->name) };
	char		*name;
	size_t		 len;

	if (!event_is_phone(ev->user))
		return "";
	name = url_decode(a, v, true, &len);
	return strlen(name) == len && str_utf8_valid(name, len) ? name : "";
}

static int
pick_all(struct arena *a, const struct message *msg, const json_t *root,
    struct event *ev, struct err *e)
{
	const struct pick	*p;
	const json_t		*v;
	enum event_member	 m;

	event_init(ev, msg->kind);
	ev->on = msg->on;
	event_set(a, ev, EV_AT, at_path(root, "envelope.timestamp"));
	/* A member of a type that it never had is as good as missing. */
	for (p = msg->picks; p->path != NULL; p++)
		if ((v = at_path(root, p->path)) != NULL)
			event_set(a, ev, p->member, v);
	if (strcmp(ev->parent, NO_PARENT) == 0)
		ev->parent = "";
	if (msg->kind == EVENT_VOICE_JOINED)
		ev->name = caller_name(a, ev);
	if (msg->kind == EVENT_GUESTS_WAITING)
		ev->count = (long long)json_array_size(at_path(root,
		    "core.body.guests"));
	if ((m = event_lacks(ev)) != EV__MAX)
		return err_set(e, ERR_INPUT, "%s: no %s",
		    event_kind_name(ev->kind), event_field(m)->name);
	return msg->kind == EVENT_STATE ? read_state(a, ev, root, e) : 0;
}

/* The envelope's own name, where a glance did not find it. */
static const struct message *
message_of(const json_t *root)
{
	const json_t	*v = at_path(root, "envelope.name");

	return json_is_string(v) ? message_find(json_string_value(v),
	    json_string_length(v)) : NULL;
}

int
event_read(struct arena *a, struct view m, struct event *ev, struct err *e)
{
	const struct message	*msg;
	json_error_t		 je;
	json_t			*root;
	bool			 odd;
	int			 rc;

	msg = glance(m, &odd);
	if (odd ? m.len == 0 || m.p[0] != '{' :
	    msg == NULL || msg->picks == NULL)
		return 0;
	if (m.len > EVENT_MESSAGE_MAX)
		return err_set(e, ERR_INPUT, "a message of %zu bytes",
		    m.len);
	if ((root = json_loadb(m.p, m.len, JSON_ALLOW_NUL, &je)) == NULL)
		return err_set(e, ERR_INPUT, "byte %d: not JSON",
		    je.position);
	if (odd)
		msg = message_of(root);
	if (msg == NULL || msg->picks == NULL)
		rc = 0;
	else
		rc = pick_all(a, msg, root, ev, e) == -1 ? -1 : 1;
	json_decref(root);
	return rc;
}
