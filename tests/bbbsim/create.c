/*
 * Makes meetings of the parameters of create.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "create.h"
#include "mem.h"
#include "random.h"
#include "text.h"

#define PASSWORD_LEN	8
#define VOICE_DIGITS	5
#define VOICE_TRIES	10
#define VOICE_MAX	16
#define SHA1_HEX	41

/* A copy without control characters. */
static char *
clean_copy(const char *s)
{
	struct buf	 scratch = { 0 };
	char		*copy;

	copy = mem_dup(text_clean(s, &scratch));
	buf_free(&scratch);
	return copy;
}

static const char *
given(const struct params *p, const char *name, const char *fallback)
{
	const char	*v = params_get(p, name);

	return v == NULL || *v == '\0' ? fallback : v;
}

static char *
password(const struct params *p, const char *name)
{
	char	made[PASSWORD_LEN + 1];

	random_text(made, PASSWORD_LEN, RANDOM_LETTERS);
	return mem_dup(given(p, name, made));
}

/* meta_<key> with a key of letters, digits and "-", which is lower-cased. */
static void
read_metadata(struct params *to, const struct params *p)
{
	const char	*name;
	char		*key, *c;
	size_t		 i;

	for (i = 0; i < p->count; i++) {
		name = params_name(p, i);
		if (strncmp(name, "meta_", 5) != 0 ||
		    !isalpha((unsigned char)name[5]))
			continue;
		key = mem_dup(name + 5);
		for (c = key; *c != '\0'; c++) {
			if (!isalnum((unsigned char)*c) && *c != '-')
				break;
			*c = (char)tolower((unsigned char)*c);
		}
		if (*c == '\0' && params_get(to, key) == NULL)
			params_add(to, key, params_value(p, i));
		free(key);
	}
}

static enum guest_policy
read_guest_policy(const struct params *p)
{
	static const char *const names[] = {
		[GUEST_ALWAYS_ACCEPT]		= "ALWAYS_ACCEPT",
		[GUEST_ALWAYS_DENY]		= "ALWAYS_DENY",
		[GUEST_ASK_MODERATOR]		= "ASK_MODERATOR",
		[GUEST_ALWAYS_ACCEPT_AUTH]	= "ALWAYS_ACCEPT_AUTH",
	};
	const char	*v = given(p, "guestPolicy", "");
	size_t		 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], v) == 0)
			return (enum guest_policy)i;
	return GUEST_ALWAYS_ACCEPT;
}

/* A word of a comma list. */
static bool
list_has(const char *list, const char *word)
{
	size_t	len = strlen(word), n;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && strncmp(list, word, len) == 0)
			return true;
	}
	return false;
}

/* A free number; longer than usual where the short ones are used up. */
static char *
draw_voice(const struct meetings *ms)
{
	char	number[VOICE_MAX];
	size_t	digits = VOICE_DIGITS;
	int	tries;

	for (tries = 0;; tries++) {
		if (tries >= VOICE_TRIES)
			digits = VOICE_MAX - 1;
		random_text(number, digits, RANDOM_DIGITS);
		if (table_get(ms->voice, number) == NULL)
			return mem_dup(number);
	}
}

/* Sets both numbers; false if one is in use. */
static bool
read_voice(struct meeting *m, const struct meetings *ms,
    const struct params *p)
{
	const char	*bridge = given(p, "voiceBridge", NULL);

	m->voice_bridge = bridge == NULL ? draw_voice(ms) : mem_dup(bridge);
	m->web_voice = mem_dup(given(p, "webVoice", m->voice_bridge));
	return table_get(ms->voice, m->voice_bridge) == NULL &&
	    table_get(ms->voice, m->web_voice) == NULL;
}

/* Later than any that is gone, so that no internal id comes twice. */
static int64_t
creation_time(const struct meetings *ms)
{
	int64_t	now = loop_now_ms();

	return now > ms->gone_ms ? now : ms->gone_ms + 1;
}

static void
read_settings(struct meeting *m, const struct params *p)
{
	m->name = clean_copy(given(p, "name", ""));
	m->attendee_pw = password(p, "attendeePW");
	m->moderator_pw = password(p, "moderatorPW");
	m->dial_number = mem_dup(given(p, "dialNumber", "613-555-1234"));
	m->duration_min = text_number(params_get(p, "duration"), 0);
	m->max_users = text_number(params_get(p, "maxParticipants"), 0);
	m->record = text_true(params_get(p, "record"), false);
	m->keep_events = text_true(params_get(p, "meetingKeepEvents"), false);
	m->ended_url = mem_dup(given(p, "meetingEndedURL", NULL));
	m->guest_policy = read_guest_policy(p);
	m->no_presentation = list_has(given(p, "disabledFeatures", ""),
	    "presentation");
	read_metadata(&m->metadata, p);
}

/* What meeting_take() would have taken. */
static void
discard(struct meeting *m)
{
	free(m->external);
	free(m->internal);
	free(m->voice_bridge);
	free(m->web_voice);
	free(m);
}

/*
 * Takes a meeting over that has its ids (and parent) and nothing else; it is
 * gone where the outcome is not CREATE_NEW.
 */
static enum create_outcome
finish(struct meetings *ms, struct meeting *m, const struct params *p)
{
	if (!read_voice(m, ms, p)) {
		discard(m);
		return CREATE_VOICE_TAKEN;
	}
	read_settings(m, p);
	meeting_take(ms, m);
	return CREATE_NEW;
}

/* A repeat is the same meeting if the passwords agree, or there are none. */
static enum create_outcome
repeat(const struct meeting *m, const struct params *p)
{
	const char	*attendee = given(p, "attendeePW", "");
	const char	*moderator = given(p, "moderatorPW", "");

	if (*attendee == '\0' && *moderator == '\0')
		return m->all->settings->series < SERIES_3_0 ?
		    CREATE_ID_TAKEN : CREATE_DUPLICATE;
	return strcmp(attendee, m->attendee_pw) == 0 &&
	    strcmp(moderator, m->moderator_pw) == 0 ?
	    CREATE_DUPLICATE : CREATE_ID_TAKEN;
}

/* The external id of a room is made of its parent's id and its number. */
static char *
room_external_id(const struct meeting *m, const char *stamp)
{
	struct buf	b = { 0 };
	char		hex[SHA1_HEX];

	buf_format(&b, "%s-%s-%ld", m->parent->internal, stamp, m->sequence);
	digest_sha1(m->parent->all->digests, b.data, hex);
	buf_clear(&b);
	buf_format(&b, "%s-%s", hex, stamp);
	return buf_take(&b);
}

/* A room's meetingID is its internal id. */
static enum create_outcome
room_of_call(struct meetings *ms, const struct params *p,
    struct meeting **made)
{
	const char	*parent_id = given(p, "parentMeetingID", NULL);
	const char	*id = given(p, "meetingID", ""), *stamp;
	struct meeting	*parent, *m;

	if (parent_id == NULL)
		return CREATE_NO_PARENT_ID;
	if ((parent = meeting_find(ms, parent_id)) == NULL)
		return CREATE_NO_PARENT;
	stamp = strchr(id, '-');
	if (stamp == NULL || params_get(p, "sequence") == NULL)
		return CREATE_BROKEN;
	if ((*made = meeting_find(ms, id)) != NULL)
		return repeat(*made, p);
	*made = m = mem_alloc(sizeof *m);
	m->create_ms = creation_time(ms);
	m->parent = parent;
	m->sequence = text_number(params_get(p, "sequence"), 0);
	m->free_join = text_true(params_get(p, "freeJoin"), false);
	m->internal = mem_dup(id);
	m->external = room_external_id(m, stamp + 1);
	return finish(ms, m, p);
}

enum create_outcome
create_meeting(struct meetings *ms, const struct params *p,
    struct meeting **made)
{
	const char	*id = params_get(p, "meetingID");
	struct buf	 internal = { 0 };
	char		 hex[SHA1_HEX];
	struct meeting	*m;

	*made = NULL;
	if (id == NULL)
		return CREATE_BROKEN;
	if (text_true(params_get(p, "isBreakout"), false))
		return room_of_call(ms, p, made);
	if ((*made = table_get(ms->external, id)) != NULL)
		return repeat(*made, p);
	*made = m = mem_alloc(sizeof *m);
	m->create_ms = creation_time(ms);
	m->external = mem_dup(id);
	digest_sha1(ms->digests, id, hex);
	buf_format(&internal, "%s-%lld", hex, (long long)m->create_ms);
	m->internal = buf_take(&internal);
	return finish(ms, m, p);
}

enum create_outcome
create_breakout(struct meeting *parent, long sequence, const char *name,
    struct meeting **m)
{
	struct params		p = { .count = 0 };
	struct buf		b = { 0 };
	char			hex[SHA1_HEX], number[24];
	enum create_outcome	outcome;

	(void)snprintf(number, sizeof number, "%ld", sequence);
	buf_format(&b, "%s/%ld", parent->internal, sequence);
	digest_sha1(parent->all->digests, b.data, hex);
	buf_clear(&b);
	buf_format(&b, "%s-%lld", hex, (long long)loop_now_ms());
	params_add(&p, "meetingID", b.data);
	buf_clear(&b);
	buf_format(&b, "%s%s", parent->voice_bridge, number);
	params_add(&p, "voiceBridge", b.data);
	params_add(&p, "isBreakout", "true");
	params_add(&p, "parentMeetingID", parent->internal);
	params_add(&p, "sequence", number);
	params_add(&p, "name", name);
	outcome = create_meeting(parent->all, &p, m);
	buf_free(&b);
	params_free(&p);
	return outcome;
}
