/*
 * The meetings of one server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "callback.h"
#include "event.h"
#include "feed.h"
#include "meeting.h"
#include "mem.h"
#include "user.h"

struct meetings *
meetings_new(struct loop *loop, struct digests *digests,
    const struct settings *settings)
{
	struct meetings	*ms = mem_alloc(sizeof *ms);

	ms->loop = loop;
	ms->digests = digests;
	ms->settings = settings;
	ms->feed = feed_new(loop, ms);
	ms->callbacks = callbacks_new(loop, settings);
	TAILQ_INIT(&ms->list);
	ms->external = table_new();
	ms->internal = table_new();
	ms->voice = table_new();
	ms->sessions = table_new();
	return ms;
}

void
meetings_clear(struct meetings *ms)
{
	while (!TAILQ_EMPTY(&ms->list))
		meeting_remove(TAILQ_FIRST(&ms->list));
}

void
meetings_free(struct meetings *ms)
{
	if (ms == NULL)
		return;
	meetings_clear(ms);
	feed_free(ms->feed);
	callbacks_free(ms->callbacks);
	table_free(ms->external);
	table_free(ms->internal);
	table_free(ms->voice);
	table_free(ms->sessions);
	free(ms);
}

struct meeting *
meeting_find(const struct meetings *ms, const char *id)
{
	struct meeting	*m;

	if ((m = table_get(ms->external, id)) != NULL)
		return m;
	return table_get(ms->internal, id);
}

static void
end_of_meeting(void *arg)
{
	struct meeting	*m = arg;

	event_meeting_destroyed(m, m->end_reason);
	callbacks_processed(m->all->callbacks, m->internal);
	meeting_remove(m);
}

static void
end_empty(void *arg)
{
	struct meeting	*m = arg;

	meeting_end(m, m->user_has_joined ? "ENDED_WHEN_LAST_USER_LEFT" :
	    "ENDED_WHEN_NOT_JOINED");
}

static void
end_of_time(void *arg)
{
	meeting_end(arg, "ENDED_AFTER_EXCEEDING_DURATION");
}

static void
snapshot(void *arg)
{
	struct meeting	*m = arg;
	unsigned	 ms = feed_settings(m->all->feed)->snapshot_ms;

	event_snapshot(m);
	if (ms > 0)
		loop_timer(m->all->loop, &m->snapshot, ms);
}

/* The first comes after a third of the usual time. */
static void
start_snapshots(struct meeting *m)
{
	unsigned	ms = feed_settings(m->all->feed)->snapshot_ms;

	m->snapshot = (struct timer){ .fn = snapshot, .arg = m };
	if (ms > 0)
		loop_timer(m->all->loop, &m->snapshot, ms / 3);
}

void
meeting_take(struct meetings *ms, struct meeting *m)
{
	m->all = ms;
	TAILQ_INIT(&m->users);
	m->end = (struct timer){ .fn = end_of_meeting, .arg = m };
	m->expiry = (struct timer){ .fn = end_empty, .arg = m };
	m->over = (struct timer){ .fn = end_of_time, .arg = m };
	TAILQ_INSERT_TAIL(&ms->list, m, link);
	table_set(ms->external, m->external, m);
	table_set(ms->internal, m->internal, m);
	table_set(ms->voice, m->voice_bridge, m);
	table_set(ms->voice, m->web_voice, m);
	ms->count++;
	if (m->parent != NULL)
		m->parent->rooms++;
	if (m->duration_min > 0)
		loop_timer(ms->loop, &m->over,
		    (int64_t)m->duration_min * 60 * 1000);
	event_meeting_created(m);
	start_snapshots(m);
	meeting_changed(m);
}

void
meeting_changed(struct meeting *m)
{
	struct meetings	*ms = m->all;

	if (m->heads.online > 0 || ms->settings->expire_ms == 0)
		loop_timer_stop(ms->loop, &m->expiry);
	else if (m->expiry.place == 0)
		loop_timer(ms->loop, &m->expiry, ms->settings->expire_ms);
}

void
meeting_end(struct meeting *m, const char *reason)
{
	struct meeting	*room;

	if (m->ending)
		return;
	m->ending = true;
	m->end_reason = reason;
	event_meeting_ended(m, reason);
	callbacks_ended(m->all->callbacks, m);
	loop_timer_stop(m->all->loop, &m->snapshot);
	loop_timer(m->all->loop, &m->end, m->all->settings->end_delay_ms);
	if (m->rooms == 0)
		return;
	TAILQ_FOREACH(room, &m->all->list, link)
		if (room->parent == m)
			meeting_end(room, "BREAKOUT_ENDED_BY_MOD");
}

static void
remove_rooms(struct meeting *m)
{
	struct meeting	*room, *next;

	for (room = TAILQ_FIRST(&m->all->list); m->rooms > 0; room = next) {
		next = TAILQ_NEXT(room, link);
		if (room->parent == m)
			meeting_remove(room);
	}
}

static void
meeting_free(struct meeting *m)
{
	free(m->external);
	free(m->internal);
	free(m->name);
	free(m->attendee_pw);
	free(m->moderator_pw);
	free(m->voice_bridge);
	free(m->web_voice);
	free(m->dial_number);
	free(m->ended_url);
	params_free(&m->metadata);
	documents_free(&m->documents);
	free(m);
}

void
meeting_remove(struct meeting *m)
{
	struct meetings	*ms = m->all;

	remove_rooms(m);
	while (!TAILQ_EMPTY(&m->users))
		user_remove(TAILQ_FIRST(&m->users));
	loop_timer_stop(ms->loop, &m->end);
	loop_timer_stop(ms->loop, &m->expiry);
	loop_timer_stop(ms->loop, &m->over);
	loop_timer_stop(ms->loop, &m->snapshot);
	TAILQ_REMOVE(&ms->list, m, link);
	table_del(ms->external, m->external);
	table_del(ms->internal, m->internal);
	table_del(ms->voice, m->voice_bridge);
	table_del(ms->voice, m->web_voice);
	ms->count--;
	if (m->parent != NULL)
		m->parent->rooms--;
	if (m->create_ms > ms->gone_ms)
		ms->gone_ms = m->create_ms;
	meeting_free(m);
}

bool
meeting_is_running(const struct meeting *m)
{
	return m->listed > 0;
}

void
meeting_record(struct meeting *m, bool on, const char *set_by)
{
	if (on == m->recording_now)
		return;
	m->recording_now = on;
	m->have_marks = m->have_marks || on;
	event_recording(m, set_by);
}

void
meeting_share(struct meeting *m, bool on)
{
	if (on == m->sharing)
		return;
	m->sharing = on;
	event_screenshare(m);
}
