/*
 * Random lives of a meeting, told with repeats and losses, end in the truth.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "proto/bbb.h"
#include "store/events.h"
#include "store/meeting.h"
#include "store/poll.h"

#define RUNS		1000	/* B3SCALE_TEST_RUNS: more of them */
#define STEPS		12
#define PEOPLE		5
#define EVENTS		64	/* of one batch */

static const struct poll_opts opts = { .interval_ms = 10000,
    .retry_ms = 30000, .lease_ms = 15000, .grace_ms = 0, .fade_s = 1800,
    .weight_voice = 0.5, .weight_video = 2 };

/* The little model: what is true on the server. */
struct person {
	bool		in;
	bool		moderator;
	bool		presenter;
	bool		talks;
	bool		listens;
	unsigned	cams;		/* bits */
	char		session[24];	/* the last one */
};

struct batch {
	struct event	v[EVENTS];
	size_t		n;
};

static struct person	 people[PEOPLE];
static char		 internal[32];		/* "": there is none */
static bool		 confirmed;		/* its row knows it */
static int		 lives, sessions;
static long long	 clock_ms, epoch, seq;
static bool		 lossy;			/* this run loses things */
static struct batch	 now, before;
static char		*f, *b1;
static unsigned long	 seed;

static unsigned
chance(unsigned n)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % n;
}

/* ---- what happens */

static struct event *
say(enum event_kind kind, const struct person *p)
{
	struct event	*ev;

	ck_assert_uint_lt(now.n, EVENTS - 1);
	ev = &now.v[now.n++];
	*ev = (struct event){ .kind = kind, .at_ms = ++clock_ms,
	    .meeting = arena_strdup(a, internal), .ext_id = "", .name = "",
	    .parent = "", .role = "", .client = "", .stream = "",
	    .user = p == NULL ? "" : arena_strdup(a, p->session) };
	return ev;
}

/* What BBB says twice comes twice. */
static void
maybe_twice(void)
{
	if (chance(5) == 0) {
		now.v[now.n] = now.v[now.n - 1];
		now.n++;
	}
}

static const char *
role_of(const struct person *p)
{
	return p->moderator ? "MODERATOR" : "VIEWER";
}

static void
joins(struct person *p)
{
	struct event	*ev;

	/* Who comes back may have the session that he had. */
	if (p->session[0] == '\0' || chance(2))
		snprintf(p->session, sizeof(p->session), "w%d", ++sessions);
	p->in = true;
	p->moderator = chance(2);
	ev = say(EVENT_JOINED, p);
	ev->ext_id = arena_printf(a, "ext-%d", (int)(p - people));
	ev->name = arena_printf(a, "Name %d", (int)(p - people));
	ev->role = role_of(p);
}

static void
leaves(struct person *p)
{
	p->in = p->presenter = p->talks = p->listens = false;
	p->cams = 0;
	say(EVENT_LEFT, p);
	if (chance(3) == 0)
		say(EVENT_VOICE_LEFT, p);
}

static void
voice_changes(struct person *p)
{
	struct event	*ev;

	if ((p->talks || p->listens) && chance(2)) {
		p->talks = p->listens = false;
		say(EVENT_VOICE_LEFT, p);
		return;
	}
	p->listens = chance(2);
	p->talks = !p->listens;
	ev = say(EVENT_VOICE_JOINED, p);
	ev->listen_only = p->listens;
}

/* A list of getMeetings cannot tell that one has two cameras. */
static void
camera_changes(struct person *p)
{
	unsigned	 bit = 1u << chance(3);
	struct event	*ev;

	if (lossy && p->cams != 0)
		bit = p->cams;
	p->cams ^= bit;
	ev = say(p->cams & bit ? EVENT_CAM_STARTED : EVENT_CAM_STOPPED, p);
	ev->stream = arena_printf(a, "%s_%u", p->session, bit);
}

static void
standing_changes(struct person *p)
{
	if (chance(2)) {
		p->presenter = !p->presenter;
		say(EVENT_PRESENTER, p)->on = p->presenter;
	} else {
		p->moderator = !p->moderator;
		say(EVENT_ROLE, p)->role = role_of(p);
	}
}

static void
state_is_told(void)
{
	struct event_user	*users = arena_zalloc(a, PEOPLE,
				    sizeof(*users));
	struct event_cam	*cams = arena_zalloc(a, 3 * PEOPLE,
				    sizeof(*cams));
	struct event		*ev = say(EVENT_STATE, NULL);
	struct person		*p;
	unsigned		 bit;

	ev->users = users;
	ev->cams = cams;
	for (p = people; p < people + PEOPLE; p++) {
		if (!p->in)
			continue;
		users[ev->nusers].id = arena_strdup(a, p->session);
		users[ev->nusers].name = arena_printf(a, "Name %d",
		    (int)(p - people));
		users[ev->nusers++].role = role_of(p);
		for (bit = 1; bit < 8; bit <<= 1) {
			if ((p->cams & bit) == 0)
				continue;
			cams[ev->ncams].user = arena_strdup(a, p->session);
			cams[ev->ncams++].stream = arena_printf(a, "%s_%u",
			    p->session, bit);
		}
	}
}

static void
is_created(void)
{
	snprintf(internal, sizeof(internal), "life-%d", ++lives);
	memset(people, 0, sizeof(people));
	confirmed = false;
	say(EVENT_CREATED, NULL)->ext_id = bbb_meeting_id_encode(a, "f", "m");
}

static void
ends(void)
{
	say(EVENT_ENDED, NULL);
	if (chance(2))
		say(EVENT_DESTROYED, NULL);
	internal[0] = '\0';
	memset(people, 0, sizeof(people));
}

static void
something_happens(void)
{
	struct person	*p = &people[chance(PEOPLE)];

	if (internal[0] == '\0')
		is_created();
	else if (chance(25) == 0)
		ends();
	else if (chance(15) == 0)
		state_is_told();
	else if (!p->in)
		joins(p);
	else switch (chance(6)) {
	case 0:
	case 1:
		leaves(p);
		break;
	case 2:
	case 3:
		voice_changes(p);
		break;
	case 4:
		camera_changes(p);
		break;
	default:
		standing_changes(p);
	}
	maybe_twice();
}

/* ---- how it is told */

/* What getMeetings says now. */
static size_t
list(struct bbb_meeting *m)
{
	const struct person	*p;
	struct bbb_attendee	*at;

	if (internal[0] == '\0')
		return 0;
	*m = (struct bbb_meeting){ .name = "Room",
	    .meeting_id = bbb_meeting_id_encode(a, "f", "m"),
	    .internal_id = internal, .create_time = 1731999600000 + lives };
	m->attendees = arena_zalloc(a, PEOPLE, sizeof(*m->attendees));
	for (p = people; p < people + PEOPLE; p++) {
		if (!p->in)
			continue;
		at = &m->attendees[m->nattendees++];
		at->user_id = arena_printf(a, "ext-%d", (int)(p - people));
		at->full_name = arena_printf(a, "Name %d",
		    (int)(p - people));
		at->role = role_of(p);
		at->is_presenter = p->presenter;
		at->has_joined_voice = p->talks;
		at->is_listening_only = p->listens;
		at->has_video = p->cams != 0;
		m->moderators += p->moderator;
		m->voices += p->talks;
		m->listeners += p->listens;
		m->videos += __builtin_popcount(p->cams);
	}
	m->participants = (long long)m->nattendees;
	m->running = m->participants > 0;
	m->has_user_joined = m->running;
	return 1;
}

static enum events_verdict
post(const struct batch *b, long long number,
    const struct events_snapshot *s)
{
	struct event_batch	eb = { .epoch = epoch, .seq = number,
	    .events = b->v, .n = b->n };
	struct events_result	r;

	ck_ok(events_batch(db, &opts, "agent", &eb, s, a, &r, &e));
	return r.verdict;
}

/* A new life of the agent, or of its stream: what it had is gone. */
static void
begin_anew(void)
{
	static const struct batch	 none;
	struct bbb_meeting		 m;
	struct events_snapshot		 s = { .meetings = &m };

	s.n = list(&m);
	epoch++;
	seq = 1;
	ck_assert_int_eq(post(&none, seq, &s), EVENTS_APPLIED);
	before.n = now.n = 0;
}

static void
tell(void)
{
	enum events_verdict	v;

	if (now.n == 0)
		return;
	if (lossy && chance(8) == 0) {		/* it is lost on the way */
		seq++;
		now.n = 0;
		return;
	}
	if (lossy && chance(12) == 0) {		/* the agent knows it is */
		begin_anew();
		return;
	}
	v = post(&now, ++seq, NULL);
	if (v == EVENTS_GAP) {
		ck_assert(lossy);
		begin_anew();
		return;
	}
	ck_assert_int_eq(v, EVENTS_APPLIED);
	if (chance(4) == 0)
		ck_assert_int_eq(post(&now, seq, NULL), EVENTS_DUPLICATE);
	if (before.n > 0 && chance(6) == 0)
		ck_assert_int_eq(post(&before, seq - 1, NULL),
		    EVENTS_DUPLICATE);
	before = now;
	now.n = 0;
}

/* The reply to create: the frontend's call came to this meeting. */
static void
confirm(void)
{
	const char		*servers[] = { b1, NULL };
	struct place_req	 q = fixture_place(f, "m", servers);
	struct meeting_created	 c = { .internal_id = internal,
	    .create_time = 1731999600000 + lives, .create_date = "",
	    .attendee_pw = "", .moderator_pw = "", .voice_bridge = "",
	    .dial_number = "" };
	struct placed		 p;

	if (internal[0] == '\0' || confirmed)
		return;
	ck_ok(place(db, &q, a, &p, &e));
	c.row = p.meeting.row;
	c.attempt = p.meeting.attempt;
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	confirmed = true;
}

static void
poll(void)
{
	struct poll_claim	*v;
	struct poll_twin	*twins;
	struct bbb_meeting	 m;
	size_t			 k, n;
	int			 next;

	sql("UPDATE backend_health SET next_poll_at = now(), lease = NULL,"
	    " lease_until = NULL");
	ck_ok(poll_claim(db, &opts, a, &v, &k, &next, &e));
	ck_assert_uint_eq(k, 1);
	n = list(&m);
	ck_ok(poll_seen(db, &opts, &v[0], &m, n, 5, a, &twins, &k, &e));
}

/* ---- what must be so in the end */

static void
truth(char *s, size_t size)
{
	struct bbb_meeting	 m;
	const struct bbb_attendee *at;
	size_t			 i, len;

	if (list(&m) == 0) {
		snprintf(s, size, "none");
		return;
	}
	len = (size_t)snprintf(s, size, "%lld %lld %lld %lld %lld %s",
	    m.participants, m.moderators, m.listeners, m.voices, m.videos,
	    m.running ? "t" : "f");
	for (i = 0; i < m.nattendees; i++) {
		at = &m.attendees[i];
		len += (size_t)snprintf(s + len, size - len,
		    ", %s %s %s %d%d%d%d", at->user_id, at->full_name,
		    at->role, at->is_presenter, at->is_listening_only,
		    at->has_joined_voice, at->has_video);
	}
}

static char *
known(void)
{
	char	*s = sql_text("SELECT concat_ws(', ', concat_ws(' ',"
		    " participants, moderators, listeners, voices, videos,"
		    " running), (SELECT string_agg(concat_ws(' ', user_id,"
		    "  full_name, role, is_presenter::int::text ||"
		    "  is_listening_only::int || has_joined_voice::int ||"
		    "  has_video::int), ', ' ORDER BY user_id)"
		    " FROM attendees WHERE meeting = m.id)) FROM meetings m"
		    " WHERE state = 'living'");

	return s == NULL ? arena_strdup(a, "none") : s;
}

static void
loads_are_right(void)
{
	ck_assert(sql_true("SELECT (l.meetings, l.users) = (SELECT count(*),"
	    " COALESCE(sum(participants), 0) FROM meetings"
	    " WHERE state <> 'ended') FROM frontend_load l"));
	ck_assert(sql_true("SELECT (l.meetings, l.users, l.base) = (SELECT"
	    " count(*), COALESCE(sum(participants), 0),"
	    " COALESCE(sum(cost), 0) FROM meetings WHERE state <> 'ended')"
	    " FROM backend_load l"));
}

static void
run_begin(unsigned long number)
{
	seed = number;
	lossy = chance(2);
	memset(people, 0, sizeof(people));
	internal[0] = '\0';
	confirmed = false;
	now.n = before.n = 0;
	sql("DELETE FROM meetings; DELETE FROM ended_meetings;"
	    "DELETE FROM early_events; DELETE FROM twins;"
	    "UPDATE frontend_load SET meetings = 0, users = 0;"
	    "UPDATE backend_load SET base = 0, load = 0, slope = 0,"
	    " meetings = 0, users = 0, foreign_cost = 0, foreign_users = 0;"
	    "UPDATE backend_health SET next_poll_at = now() + interval '1 h'");
	begin_anew();
}

static void
run(unsigned long number)
{
	char	want[2000];
	int	i;

	run_begin(number);
	for (i = 0; i < STEPS; i++) {
		do
			something_happens();
		while (chance(3) != 0);
		if (chance(3) == 0)
			confirm();
		tell();
		if (chance(3) == 0)
			confirm();
		if (chance(20) == 0)
			poll();
	}
	confirm();
	/* Whoever could not tell finds out by the next batch. */
	something_happens();
	confirm();
	tell();
	/* Two absences end what nobody said had ended. */
	for (i = 0; i < 2 && lossy; i++)
		begin_anew();
	if (sql_true("SELECT next_poll_at < now() + interval '2 s'"
	    " FROM backend_health"))
		poll();
	truth(want, sizeof(want));
	ck_assert_msg(strcmp(want, known()) == 0,
	    "run %lu%s:\ntrue  %s\nknown %s", number,
	    lossy ? " (with losses)" : "", want, known());
	loads_are_right();
}

START_TEST(random_lives_end_in_the_truth)
{
	const char	*only = getenv("B3SCALE_TEST_RUN");
	const char	*more = getenv("B3SCALE_TEST_RUNS");
	unsigned long	 i, n;

	n = (more != NULL ? strtoul(more, NULL, 10) : RUNS) / 10;
	f = fixture_frontend("f");
	b1 = fixture_backend("a");
	sql("UPDATE backends SET agent_ref = 'agent'");
	if (only != NULL) {
		run(strtoul(only, NULL, 10));
		return;
	}
	for (i = 0; i < n; i++)
		run((unsigned long)_i * n + i);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("converge");
	TCase	*tc = fixture_case(s, "random lives");

	tcase_add_loop_test(tc, random_lives_end_in_the_truth, 0, 10);
	return fixture_main(s);
}
