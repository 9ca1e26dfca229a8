/*
 * A user in a meeting.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "event.h"
#include "mem.h"
#include "random.h"
#include "user.h"

struct user *
user_find(const struct meeting *m, const char *user_id)
{
	struct user	*u;

	TAILQ_FOREACH(u, &m->users, link)
		if (!u->left && strcmp(u->user_id, user_id) == 0)
			return u;
	return NULL;
}

/* Counts a user in (by 1) or out (by -1). */
static void
head_count(struct user *u, int by)
{
	struct head_count	*h = &u->meeting->heads;
	size_t			 n = (size_t)by;	/* -1 wraps round */

	h->online += n;
	h->moderators += u->moderator ? n : 0;
	h->listeners += u->listen_only ? n : 0;
	h->voice += u->voice ? n : 0;
	h->cameras += n * u->cameras;
	u->meeting->all->users += n;
}

/* Only an id that somebody chose can be in twice; see user_join(). */
static bool
has_own_id(const struct user *u)
{
	return strcmp(u->user_id, u->internal) != 0;
}

static void
count_in(struct user *u)
{
	struct meeting	*m = u->meeting;

	if (!has_own_id(u) || user_find(m, u->user_id) == NULL)
		m->heads.user_ids++;
	head_count(u, 1);
	m->listed++;
	m->user_has_joined = true;
}

static void
count_out(struct user *u)
{
	struct meeting	*m = u->meeting;

	u->left = true;
	if (!has_own_id(u) || user_find(m, u->user_id) == NULL)
		m->heads.user_ids--;
	head_count(u, -1);
}

static bool
becomes_presenter(const struct meeting *m, const struct user *u)
{
	const struct user	*other;

	if (!u->moderator && m->parent == NULL)
		return false;
	TAILQ_FOREACH(other, &m->users, link)
		if (other->presenter && !other->left)
			return false;
	return true;
}

/* What the others are told of somebody who has come in. */
static void
announce(const struct user *u)
{
	unsigned	i;

	if (!u->phone)
		event_user_joined(u);
	if (u->presenter) {
		/* it comes more than once */
		event_presenter(u, u->internal);
		event_presenter(u, u->internal);
	}
	if (u->voice || u->listen_only)
		event_voice_joined(u);
	for (i = 0; i < u->cameras; i++)
		event_camera(u, i, true);
}

static void
set_names(struct user *u, const struct user_spec *spec)
{
	memcpy(u->internal, "w_", 2);
	random_text(u->internal + 2, INTERNAL_USER_LEN - 2, RANDOM_LOWER);
	if (spec->phone)
		(void)snprintf(u->internal, sizeof u->internal, "v_%u",
		    u->voice_number);
	random_text(u->auth_token, AUTH_TOKEN_LEN, RANDOM_LOWER);
	random_text(u->session, SESSION_TOKEN_LEN, RANDOM_LOWER);
	u->user_id = mem_dup(spec->user_id != NULL && !spec->phone &&
	    *spec->user_id != '\0' ? spec->user_id : u->internal);
	u->name = mem_dup(spec->name);
	u->client_type = mem_dup(spec->phone ? "dial-in-user" :
	    spec->client_type == NULL ? "HTML5" : spec->client_type);
}

static void
forget_user(void *arg)
{
	user_remove(arg);
}

struct user *
user_join(struct meeting *m, const struct user_spec *spec)
{
	struct user	*u = mem_alloc(sizeof *u);
	size_t		 i;

	u->meeting = m;
	u->phone = spec->phone;
	u->voice_number = ++m->all->voices;
	set_names(u, spec);
	u->moderator = spec->moderator;
	u->voice = spec->voice || spec->phone;
	u->listen_only = spec->listen_only;
	u->cameras = spec->cameras;
	u->waiting = spec->waiting;
	u->presenter = !u->waiting && becomes_presenter(m, u);
	for (i = 0; spec->customdata != NULL && i < spec->customdata->count;
	    i++)
		params_add(&u->customdata, params_name(spec->customdata, i),
		    params_value(spec->customdata, i));
	u->forget = (struct timer){ .fn = forget_user, .arg = u };
	if (!u->waiting)
		count_in(u);
	TAILQ_INSERT_TAIL(&m->users, u, link);
	table_set(m->all->sessions, u->session, u);
	meeting_changed(m);
	if (!u->phone)
		event_user_registered(u);
	if (u->waiting)
		event_user_waiting(u);
	else
		announce(u);
	return u;
}

/*
 * A presenter who goes leaves it to a moderator, if there is one; the mark
 * stays on him as long as he is listed.
 */
static void
pass_on(struct user *u)
{
	struct user	*other;

	if (!u->presenter)
		return;
	TAILQ_FOREACH(other, &u->meeting->users, link)
		if (other != u && other->moderator && user_is_in(other)) {
			other->presenter = true;
			event_presenter(other, other->internal);
			return;
		}
}

static void
announce_leave(struct user *u)
{
	unsigned	i;

	event_user_left_flag(u, true);
	if (u->voice || u->listen_only)
		event_voice_left(u);
	for (i = 0; i < u->cameras; i++)
		event_camera(u, i, false);
	if (!u->phone)
		event_user_left(u);
	pass_on(u);
}

void
user_leave(struct user *u)
{
	struct meeting	*m = u->meeting;
	unsigned	 timeout_ms = m->all->settings->users_timeout_ms;

	if (user_is_in(u))
		announce_leave(u);
	if (u->waiting || timeout_ms == 0) {
		user_remove(u);
		return;
	}
	if (u->left)
		return;
	count_out(u);
	loop_timer(m->all->loop, &u->forget, timeout_ms);
	meeting_changed(m);
}

void
user_remove(struct user *u)
{
	struct meeting	*m = u->meeting;

	if (!u->waiting) {
		if (!u->left)
			count_out(u);
		m->listed--;
	}
	loop_timer_stop(m->all->loop, &u->forget);
	TAILQ_REMOVE(&m->users, u, link);
	table_del(m->all->sessions, u->session);
	meeting_changed(m);
	free(u->user_id);
	free(u->name);
	free(u->client_type);
	params_free(&u->customdata);
	free(u);
}

bool
user_is_in(const struct user *u)
{
	return !u->waiting && !u->left;
}

const char *
user_role_name(const struct user *u)
{
	return u->moderator ? "MODERATOR" : u->phone ? "DIAL-IN-USER" :
	    "VIEWER";
}

void
user_stream(const struct user *u, unsigned number, char *out)
{
	char	what[32], hex[41];

	(void)snprintf(what, sizeof what, "%s/%u", u->internal, number);
	digest_sha1(u->meeting->all->digests, what, hex);
	(void)snprintf(out, USER_STREAM_LEN + 1, "%s_%s", u->internal, hex);
}

void
user_set_voice(struct user *u, bool voice, bool listen_only)
{
	listen_only = listen_only && !voice;
	if (!user_is_in(u) ||
	    (voice == u->voice && listen_only == u->listen_only))
		return;
	head_count(u, -1);
	u->voice = voice;
	u->listen_only = listen_only;
	head_count(u, 1);
	/* one who changes between the two leaves neither */
	if (voice || listen_only)
		event_voice_joined(u);
	else
		event_voice_left(u);
}

void
user_set_cameras(struct user *u, unsigned count)
{
	if (!user_is_in(u))
		return;
	head_count(u, -1);
	for (; u->cameras < count; u->cameras++)
		event_camera(u, u->cameras, true);
	for (; u->cameras > count; u->cameras--)
		event_camera(u, u->cameras - 1, false);
	head_count(u, 1);
}

void
user_make_presenter(struct user *u, const char *by)
{
	struct user	*other;

	if (u->presenter || !user_is_in(u))
		return;
	TAILQ_FOREACH(other, &u->meeting->users, link)
		if (other->presenter && user_is_in(other)) {
			other->presenter = false;
			event_presenter(other, by);
		}
	u->presenter = true;
	event_presenter(u, by);
}

void
user_set_role(struct user *u, bool moderator, const char *by)
{
	if (u->moderator == moderator || !user_is_in(u))
		return;
	head_count(u, -1);
	u->moderator = moderator;
	head_count(u, 1);
	event_role(u, by);
}
