/*
 * Random lives of meetings, told with repeats and losses, end in the truth.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "fixture.h"
#include "proto/bbb.h"
#include "store/events.h"
#include "store/meeting.h"
#include "store/poll.h"

#define LIVES		3200	/* B3SCALE_TEST_RUNS: more of them */
#define PARTS		4	/* test cases */
#define ROOMS		8	/* told by one agent, each with a life */
#define STEPS		12
#define PEOPLE		5
#define EVENTS		256	/* of one batch */

static const struct poll_opts opts = { .interval_ms = 10000,
    .retry_ms = 30000, .lease_ms = 15000, .grace_ms = 0, .fade_s = 1800,
    .weight_voice = 0.5, .weight_video = 2 };

/* The little model: what is true on the server. */
struct person {
	unsigned	number;
	bool		in;
	bool		moderator;
	bool		presenter;
	bool		talks;
	bool		listens;
	unsigned	cams;		/* bits */
	char		session[24];	/* the last one */
};

struct room {
	char		id[8];			/* the frontend's */
	char		internal[32];		/* "": there is none */
	bool		confirmed;		/* its row knows it */
	int		lives;
	struct person	people[PEOPLE];
};

struct batch {
	struct event	v[EVENTS];
	size_t		n;
};

static struct room	 rooms[ROOMS];
static int		 sessions;
static long long	 clock_ms, epoch, seq;
static bool		 lossy;			/* this run loses things */
static struct batch	 now, before;
static char		 f[64], b1[64];		/* ids */
static unsigned long	 seed;

static unsigned
chance(unsigned n)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return (unsigned)(seed >> 33) % n;
}

/* ---- what happens */

static struct event *
say(const struct room *r, enum event_kind kind, const struct person *p)
{
	struct event	*ev;

	ck_assert_uint_lt(now.n, EVENTS - 1);
	ev = &now.v[now.n++];
	*ev = (struct event){ .kind = kind, .at_ms = ++clock_ms,
	    .meeting = arena_strdup(a, r->internal), .ext_id = "", .name = "",
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
joins(const struct room *r, struct person *p)
{
	struct event	*ev;

	/* Who comes back may have the session that he had. */
	if (p->session[0] == '\0' || chance(2))
		snprintf(p->session, sizeof(p->session), "w%d", ++sessions);
	p->in = true;
	p->moderator = chance(2);
	ev = say(r, EVENT_JOINED, p);
	ev->ext_id = arena_printf(a, "ext-%u", p->number);
	ev->name = arena_printf(a, "Name %u", p->number);
	ev->role = role_of(p);
}

static void
leaves(const struct room *r, struct person *p)
{
	p->in = p->presenter = p->talks = p->listens = false;
	p->cams = 0;
	say(r, EVENT_LEFT, p);
	if (chance(3) == 0)
		say(r, EVENT_VOICE_LEFT, p);
}

static void
voice_changes(const struct room *r, struct person *p)
{
	struct event	*ev;

	if ((p->talks || p->listens) && chance(2)) {
		p->talks = p->listens = false;
		say(r, EVENT_VOICE_LEFT, p);
		return;
	}
	p->listens = chance(2);
	p->talks = !p->listens;
	ev = say(r, EVENT_VOICE_JOINED, p);
	ev->listen_only = p->listens;
}

/* A list of getMeetings cannot tell that one has two cameras. */
static void
camera_changes(const struct room *r, struct person *p)
{
	unsigned	 bit = 1u << chance(3);
	struct event	*ev;

	if (lossy && p->cams != 0)
		bit = p->cams;
	p->cams ^= bit;
	ev = say(r, p->cams & bit ? EVENT_CAM_STARTED : EVENT_CAM_STOPPED,
	    p);
	ev->stream = arena_printf(a, "%s_%u", p->session, bit);
}

static void
standing_changes(const struct room *r, struct person *p)
{
	if (chance(2)) {
		p->presenter = !p->presenter;
		say(r, EVENT_PRESENTER, p)->on = p->presenter;
	} else {
		p->moderator = !p->moderator;
		say(r, EVENT_ROLE, p)->role = role_of(p);
	}
}

static void
state_is_told(const struct room *r)
{
	struct event_user	*users = arena_zalloc(a, PEOPLE,
				    sizeof(*users));
	struct event_cam	*cams = arena_zalloc(a, 3 * PEOPLE,
				    sizeof(*cams));
	struct event		*ev = say(r, EVENT_STATE, NULL);
	const struct person	*p;
	unsigned		 bit;

	ev->users = users;
	ev->cams = cams;
	for (p = r->people; p < r->people + PEOPLE; p++) {
		if (!p->in)
			continue;
		users[ev->nusers].id = arena_strdup(a, p->session);
		users[ev->nusers].name = arena_printf(a, "Name %u",
		    p->number);
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
empty(struct room *r)
{
	unsigned	i;

	memset(r->people, 0, sizeof(r->people));
	for (i = 0; i < PEOPLE; i++)
		r->people[i].number = i;
}

static void
is_created(struct room *r)
{
	snprintf(r->internal, sizeof(r->internal), "life-%s-%d", r->id,
	    ++r->lives);
	empty(r);
	r->confirmed = false;
	say(r, EVENT_CREATED, NULL)->ext_id = bbb_meeting_id_encode(a, "f",
	    r->id);
}

static void
ends(struct room *r)
{
	say(r, EVENT_ENDED, NULL);
	if (chance(2))
		say(r, EVENT_DESTROYED, NULL);
	r->internal[0] = '\0';
	empty(r);
}

static void
something_happens(struct room *r)
{
	struct person	*p = &r->people[chance(PEOPLE)];

	if (r->internal[0] == '\0')
		is_created(r);
	else if (chance(25) == 0)
		ends(r);
	else if (chance(15) == 0)
		state_is_told(r);
	else if (!p->in)
		joins(r, p);
	else switch (chance(6)) {
	case 0:
	case 1:
		leaves(r, p);
		break;
	case 2:
	case 3:
		voice_changes(r, p);
		break;
	case 4:
		camera_changes(r, p);
		break;
	default:
		standing_changes(r, p);
	}
	maybe_twice();
}

/* ---- how it is told */

static void
list_one(const struct room *r, struct bbb_meeting *m)
{
	const struct person	*p;
	struct bbb_attendee	*at;

	*m = (struct bbb_meeting){ .name = "Room",
	    .meeting_id = bbb_meeting_id_encode(a, "f", r->id),
	    .internal_id = r->internal,
	    .create_time = 1731999600000 + r->lives };
	m->attendees = arena_zalloc(a, PEOPLE, sizeof(*m->attendees));
	for (p = r->people; p < r->people + PEOPLE; p++) {
		if (!p->in)
			continue;
		at = &m->attendees[m->nattendees++];
		at->user_id = arena_printf(a, "ext-%u", p->number);
		at->full_name = arena_printf(a, "Name %u", p->number);
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
}

/* What getMeetings says now. */
static size_t
list(struct bbb_meeting *m)
{
	size_t	i, n = 0;

	for (i = 0; i < ROOMS; i++)
		if (rooms[i].internal[0] != '\0')
			list_one(&rooms[i], &m[n++]);
	return n;
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
	struct bbb_meeting		 m[ROOMS];
	struct events_snapshot		 s = { .meetings = m };

	s.n = list(m);
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
confirm(struct room *r)
{
	const char		*servers[] = { b1, NULL };
	struct place_req	 q;
	struct meeting_created	 c = { .internal_id = r->internal,
	    .create_time = 1731999600000 + r->lives, .create_date = "",
	    .attendee_pw = "", .moderator_pw = "", .voice_bridge = "",
	    .dial_number = "" };
	struct placed		 p;

	if (r->internal[0] == '\0' || r->confirmed)
		return;
	q = fixture_place(f, r->id, servers);
	ck_ok(place(db, &q, a, &p, &e));
	c.row = p.meeting.row;
	c.attempt = p.meeting.attempt;
	ck_assert_int_eq(meeting_confirm(db, &c, &e), 1);
	r->confirmed = true;
}

/* One in so many. */
static void
confirm_some(unsigned one_in)
{
	size_t	i;

	for (i = 0; i < ROOMS; i++)
		if (chance(one_in) == 0)
			confirm(&rooms[i]);
}

static void
poll(void)
{
	struct poll_claim	*v;
	struct poll_twin	*twins;
	struct bbb_meeting	 m[ROOMS];
	size_t			 k, n;
	int			 next;

	sql("UPDATE backend_health SET next_poll_at = now(), lease = NULL,"
	    " lease_until = NULL");
	ck_ok(poll_claim(db, &opts, a, &v, &k, &next, &e));
	ck_assert_uint_eq(k, 1);
	n = list(m);
	ck_ok(poll_seen(db, &opts, &v[0], m, n, 5, a, &twins, &k, &e));
}

/* ---- what must be so in the end */

static void
put_truth(struct buf *b, const struct room *r)
{
	const struct bbb_attendee	*at;
	struct bbb_meeting		 m;
	size_t				 i;

	if (r->internal[0] == '\0')
		return;
	list_one(r, &m);
	buf_printf(b, "%s: %lld %lld %lld %lld %lld %s", r->id,
	    m.participants, m.moderators, m.listeners, m.voices, m.videos,
	    m.running ? "t" : "f");
	for (i = 0; i < m.nattendees; i++) {
		at = &m.attendees[i];
		buf_printf(b, ", %s %s %s %d%d%d%d", at->user_id,
		    at->full_name, at->role, at->is_presenter,
		    at->is_listening_only, at->has_joined_voice,
		    at->has_video);
	}
	buf_addc(b, '\n');
}

/* A line for each meeting that lives. */
static char *
truth(void)
{
	struct buf	 b = { NULL, 0, 0 };
	char		*s;
	size_t		 i;

	for (i = 0; i < ROOMS; i++)
		put_truth(&b, &rooms[i]);
	s = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return s;
}

static char *
known(void)
{
	char	*s = sql_text("SELECT string_agg(meeting_id || ': ' ||"
		    " concat_ws(', ', concat_ws(' ', participants,"
		    "  moderators, listeners, voices, videos, running),"
		    "  (SELECT string_agg(concat_ws(' ', user_id, full_name,"
		    "   role, is_presenter::int::text ||"
		    "   is_listening_only::int || has_joined_voice::int ||"
		    "   has_video::int), ', ' ORDER BY user_id)"
		    "  FROM attendees WHERE meeting = m.id)) || E'\\n',"
		    " '' ORDER BY meeting_id) FROM meetings m"
		    " WHERE state = 'living'");

	return s == NULL ? arena_strdup(a, "") : s;
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
	size_t	i;

	arena_reset(a);
	seed = number;
	lossy = chance(2);
	for (i = 0; i < ROOMS; i++) {
		snprintf(rooms[i].id, sizeof(rooms[i].id), "m%zu", i);
		rooms[i].internal[0] = '\0';
		rooms[i].confirmed = false;
		empty(&rooms[i]);
	}
	now.n = before.n = 0;
	sql("DELETE FROM meetings; DELETE FROM ended_meetings;"
	    "DELETE FROM early_events; DELETE FROM twins;"
	    "UPDATE frontend_load SET meetings = 0, users = 0;"
	    "UPDATE backend_load SET base = 0, load = 0, slope = 0,"
	    " meetings = 0, users = 0, foreign_cost = 0, foreign_users = 0;"
	    "UPDATE backend_health SET next_poll_at = now() + interval '1 h'");
	begin_anew();
}

/* What goes on in all rooms is told in one stream, as by any agent. */
static void
live(void)
{
	unsigned	n = 2 * ROOMS + chance(2 * ROOMS);

	while (n-- > 0)
		something_happens(&rooms[chance(ROOMS)]);
	confirm_some(3);
	tell();
	confirm_some(3);
	if (chance(20) == 0)
		poll();
}

static void
run(unsigned long number)
{
	const char	*want, *got;
	int		 i;

	run_begin(number);
	for (i = 0; i < STEPS; i++)
		live();
	confirm_some(1);
	/* Whoever could not tell finds out by the next batch. */
	for (i = 0; i < ROOMS; i++)
		something_happens(&rooms[i]);
	confirm_some(1);
	tell();
	/* Two absences end what nobody said had ended. */
	for (i = 0; i < 2 && lossy; i++)
		begin_anew();
	if (sql_true("SELECT next_poll_at < now() + interval '2 s'"
	    " FROM backend_health"))
		poll();
	want = truth();
	got = known();
	ck_assert_msg(strcmp(want, got) == 0,
	    "B3SCALE_TEST_RUN=%lu%s:\ntrue:\n%sknown:\n%s", number,
	    lossy ? " (with losses)" : "", want, got);
	loads_are_right();
}

START_TEST(random_lives_end_in_the_truth)
{
	const char	*only = getenv("B3SCALE_TEST_RUN");
	const char	*more = getenv("B3SCALE_TEST_RUNS");
	unsigned long	 i, n;

	n = (more != NULL ? strtoul(more, NULL, 10) : LIVES) / ROOMS / PARTS;
	str_copy(f, sizeof(f), fixture_frontend("f"));
	str_copy(b1, sizeof(b1), fixture_backend("a"));
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

	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, random_lives_end_in_the_truth, 0,
	    PARTS);
	return fixture_main(s);
}
