/*
 * A user in a meeting.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

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
	h->cameras += u->video ? n : 0;
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
	memcpy(u->internal, "w_", 2);
	random_text(u->internal + 2, INTERNAL_USER_LEN - 2, RANDOM_LOWER);
	random_text(u->auth_token, AUTH_TOKEN_LEN, RANDOM_LOWER);
	random_text(u->session, SESSION_TOKEN_LEN, RANDOM_LOWER);
	u->user_id = mem_dup(spec->user_id != NULL && *spec->user_id != '\0' ?
	    spec->user_id : u->internal);
	u->name = mem_dup(spec->name);
	u->client_type = mem_dup(spec->client_type == NULL ? "HTML5" :
	    spec->client_type);
	u->moderator = spec->moderator;
	u->listen_only = spec->listen_only;
	u->voice = spec->voice;
	u->video = spec->video;
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
	return u;
}

void
user_leave(struct user *u)
{
	struct meeting	*m = u->meeting;
	unsigned	 timeout_ms = m->all->settings->users_timeout_ms;

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
