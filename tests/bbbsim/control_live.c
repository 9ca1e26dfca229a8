/*
 * Control of what goes on in meetings: who speaks, who shows himself, what is
 * recorded, how they end.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "callback.h"
#include "control.h"
#include "event.h"
#include "user.h"

/* What a user is told to become; -1 or NULL: as he is. */
struct wish {
	const char	*role;
	int		 voice, listen, video, cameras, presenter, left_flag;
};

static void
grant(struct user *u, const struct wish *w)
{
	if (w->role != NULL)
		user_set_role(u, strcmp(w->role, "MODERATOR") == 0,
		    u->internal);
	if (w->voice != -1 || w->listen != -1)
		user_set_voice(u, w->voice == 1, w->listen == 1);
	if (w->video != -1)
		user_set_cameras(u, w->video == 1);
	if (w->cameras != -1)
		user_set_cameras(u, (unsigned)w->cameras);
	if (w->presenter == 1)
		user_make_presenter(u, u->internal);
	if (w->left_flag != -1)
		event_user_left_flag(u, w->left_flag == 1);
}

json_t *
control_users_set(struct control_call *c, struct server *s)
{
	struct wish	 w = { NULL, -1, -1, -1, -1, -1, -1 };
	struct meeting	*m = control_meeting(c, s);
	struct user	*u;
	int		 changed = 0;

	if (m == NULL)
		return NULL;
	if (json_unpack((json_t *)c->body, "{s?s, s?b, s?b, s?b, s?i, s?b,"
	    " s?b !}", "role", &w.role, "voice", &w.voice,
	    "listenOnly", &w.listen, "video", &w.video, "cameras", &w.cameras,
	    "presenter", &w.presenter, "leftFlag", &w.left_flag) == -1)
		return control_error(c, 400, "role, voice, listenOnly, video,"
		    " cameras, presenter and leftFlag can be set");
	TAILQ_FOREACH(u, &m->users, link)
		if (user_is_in(u) && (strcmp(c->user_id, "*") == 0 ||
		    strcmp(u->user_id, c->user_id) == 0)) {
			grant(u, &w);
			changed++;
		}
	if (changed == 0 && strcmp(c->user_id, "*") != 0)
		return control_error(c, 404, "no such user");
	return json_pack("{s:i}", "changed", changed);
}

json_t *
control_meeting_set(struct control_call *c, struct server *s)
{
	struct meeting	*m = control_meeting(c, s);
	int		 recording = -1, sharing = -1, snapshot = 0;

	if (m == NULL)
		return NULL;
	if (json_unpack((json_t *)c->body, "{s?b, s?b, s?b !}",
	    "recording", &recording, "screenshare", &sharing,
	    "snapshot", &snapshot) == -1)
		return control_error(c, 400, "recording, screenshare and"
		    " snapshot can be set");
	if (recording != -1)
		meeting_record(m, recording == 1, "system");
	if (sharing != -1)
		meeting_share(m, sharing == 1);
	if (snapshot == 1)
		event_snapshot(m);
	return json_pack("{s:b}", "ok", 1);
}

json_t *
control_meeting_end(struct control_call *c, struct server *s)
{
	static const char *const reasons[] = { "ENDED_FROM_API",
	    "ENDED_WHEN_NOT_JOINED", "ENDED_WHEN_LAST_USER_LEFT",
	    "ENDED_AFTER_USER_LOGGED_OUT", "ENDED_AFTER_EXCEEDING_DURATION",
	    "BREAKOUT_ENDED_EXCEEDING_DURATION", "BREAKOUT_ENDED_BY_MOD",
	    "ENDED_DUE_TO_NO_AUTHED_USER", "ENDED_DUE_TO_NO_MODERATOR" };
	const char	*reason = "ENDED_AFTER_USER_LOGGED_OUT";
	struct meeting	*m = control_meeting(c, s);
	size_t		 i;

	if (m == NULL)
		return NULL;
	if (json_unpack((json_t *)c->body, "{s?s !}", "reason", &reason) == -1)
		return control_error(c, 400, "reason may be given");
	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reason, reasons[i]) == 0) {
			meeting_end(m, reasons[i]);
			return json_pack("{s:b}", "ok", 1);
		}
	return control_error(c, 400, "unknown reason");
}

json_t *
control_recording_ready(struct control_call *c, struct server *s)
{
	if (!callbacks_recording_ready(s->meetings->callbacks, c->meeting_id))
		return control_error(c, 404, "no such meeting has ended, or"
		    " nobody waits for its recording");
	return json_pack("{s:b}", "ok", 1);
}

json_t *
control_callbacks(struct control_call *c, struct server *s)
{
	(void)c;
	return callbacks_json(s->meetings->callbacks);
}
