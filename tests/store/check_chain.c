/*
 * Thousands of random creates on random clusters keep the rules of placement.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 *
 * pick() and place() choose; a plain model of the cluster, written down from
 * the rules alone, says what they may choose.  B3SCALE_SEED tries others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "core/pick.h"
#include "core/settings.h"
#include "proto/bbb.h"
#include "store/backend.h"
#include "store/meeting.h"
#include "fixture.h"

#define CLUSTERS	24
#define CREATES		200
#define SERVERS_MAX	12
#define FRONTENDS_MAX	4
#define KEPT_MAX	4
#define ID_LEN		37		/* a uuid and a NUL */
#define FADE_S		1000000		/* so slow that it does not matter */
#define AGENT_MS	5000
#define CLOSE		0.01		/* loads within this are equal */

static const char *const tags[] = { "a", "b", "c" };
#define NTAGS	(sizeof(tags) / sizeof(tags[0]))

enum agent { AGENT_NONE, AGENT_FRESH, AGENT_SILENT };

struct server {
	char		id[ID_LEN];
	bool		ready;		/* by its admin */
	bool		failed;
	unsigned	tags;		/* a bit each */
	enum agent	agent;
	int		meetings_cap;	/* -1: none */
	int		users_cap;
	/* from the database, before each create */
	double		load;		/* effective */
	int		meetings;
	int		users;
};

struct tenant {
	char		id[ID_LEN];
	unsigned	required;
	unsigned	allowed;
	int		limit;		/* 0: none */
	int		meetings;
	struct settings	settings;
};

struct kept {
	int		server;		/* -1: by tag */
	unsigned	tag;		/* one bit */
	unsigned	tenants;	/* a bit each */
	bool		active;
};

/* What one create asks for. */
struct wish {
	int		tenant;
	const char	*id;
	unsigned	tag;		/* one bit; 0: none */
	bool		required;
};

static struct server	servers[SERVERS_MAX];
static struct tenant	tenants[FRONTENDS_MAX];
static struct kept	kept[KEPT_MAX];
static int		nservers, ntenants, nkept;
static unsigned		seed;

/* ---- chance */

static int
chance(int n)
{
	seed = seed * 1103515245u + 12345u;
	return (int)((seed >> 16) % (unsigned)n);
}

static unsigned
some_tags(void)
{
	return (unsigned)chance(1 << NTAGS);
}

static const char *
json_tags(unsigned set)
{
	const char	*s = "";
	size_t		 i;

	for (i = 0; i < NTAGS; i++)
		if (set & 1u << i)
			s = arena_printf(a, "%s%s\"%s\"", s,
			    *s == '\0' ? "" : ",", tags[i]);
	return s;
}

/* ---- a random cluster, in the model and in the database */

static const char *
cap(int n)
{
	return n < 0 ? "NULL" : arena_printf(a, "%d", n);
}

static void
make_server(struct server *s, int i)
{
	static const char *const factors[] = { "0.5", "1", "1", "3" };

	s->ready = chance(8) > 0;
	s->failed = chance(8) == 0;
	s->tags = some_tags();
	s->agent = chance(6) == 0 ? AGENT_SILENT : (enum agent)chance(2);
	s->meetings_cap = chance(4) > 0 ? -1 : chance(15);
	s->users_cap = chance(4) > 0 ? -1 : chance(40);
	strcpy(s->id, sql_text("INSERT INTO backends (host, secret,"
	    " admin_state, node_state, load_factor, meetings_cap, users_cap,"
	    " settings) VALUES ('http://bbb-%d/', 's', '%s', '%s', %s, %s,"
	    " %s, '{\"tags\": [%s]}') RETURNING id", i,
	    s->ready ? "ready" : chance(2) ? "stopped" : "init",
	    s->failed ? "error" : chance(2) ? "ready" : "init",
	    factors[chance(4)], cap(s->meetings_cap), cap(s->users_cap),
	    json_tags(s->tags)));
	if (s->agent != AGENT_NONE)
		sql("UPDATE backend_health SET heartbeat = now() +"
		    " interval '%s' WHERE backend_id = '%s'",
		    s->agent == AGENT_FRESH ? "1 hour" : "-6 seconds",
		    s->id);
}

static void
make_tenant(struct tenant *t, int i)
{
	const char	*json;

	t->required = chance(5) > 0 ? 0 : some_tags();
	t->allowed = some_tags();
	t->limit = chance(3) > 0 ? 0 : 1 + chance(30);
	json = arena_printf(a, "{\"required_tags\": [%s], \"allowed_tags\":"
	    " [%s], \"meetings_limit\": %d}", json_tags(t->required),
	    json_tags(t->allowed), t->limit);
	ck_assert_int_eq(settings_parse(a, json, &t->settings, &e), 0);
	strcpy(t->id, sql_text("INSERT INTO frontends (key, secret, settings)"
	    " VALUES ('fe-%d', 's', '%s') RETURNING id", i, json));
}

/* How a reservation can hold now, or not. */
static const struct when {
	const char	*from, *until;
	const char	*weekday;	/* SQL; NULL: no weekly hours */
	bool		 active;
} whens[] = {
	{ "NULL", "NULL", NULL, true },
	{ "now() - interval '1 hour'", "NULL", NULL, true },
	{ "NULL", "now() + interval '1 hour'", NULL, true },
	{ "NULL", "now() - interval '1 minute'", NULL, false },
	{ "now() + interval '1 minute'", "NULL", NULL, false },
	{ "NULL", "NULL", "generate_series(1, 7)", true },
	{ "NULL", "NULL",
	    "1 + (extract(isodow FROM now() AT TIME ZONE 'UTC')::int + 2) % 7",
	    false },
};

static void
make_kept(struct kept *k)
{
	const struct when	*w = &whens[chance(sizeof(whens) /
				    sizeof(whens[0]))];
	const char		*id;
	size_t			 tag = (size_t)chance(NTAGS);
	int			 i;

	k->active = w->active;
	k->server = chance(2) ? chance(nservers) : -1;
	k->tag = k->server >= 0 ? 0 : 1u << tag;
	k->tenants = (unsigned)(chance(1 << ntenants) | chance(1 << ntenants));
	id = sql_text("INSERT INTO reservations (backend_id, tag, from_at,"
	    " until_at) VALUES (%s, %s, %s, %s) RETURNING id",
	    k->server < 0 ? "NULL" :
	    arena_printf(a, "'%s'", servers[k->server].id),
	    k->server < 0 ? arena_printf(a, "'%s'", tags[tag]) : "NULL",
	    w->from, w->until);
	for (i = 0; i < ntenants; i++)
		if (k->tenants & 1u << i)
			sql("INSERT INTO reservation_frontends"
			    " VALUES ('%s', '%s')", id, tenants[i].id);
	if (w->weekday != NULL)
		sql("INSERT INTO reservation_hours (reservation_id,"
		    " weekday, starts, ends) SELECT '%s', %s, '00:00',"
		    " '00:00'", id, w->weekday);
}

static void
make_cluster(int number)
{
	const char	*text = getenv("B3SCALE_SEED");
	int		 i;

	seed = (text == NULL ? 1u : (unsigned)atoi(text)) * 1000u +
	    (unsigned)number;
	memset(servers, 0, sizeof(servers));
	memset(tenants, 0, sizeof(tenants));
	memset(kept, 0, sizeof(kept));
	nservers = 3 + chance(SERVERS_MAX - 2);
	ntenants = 1 + chance(FRONTENDS_MAX);
	nkept = chance(KEPT_MAX + 1);
	for (i = 0; i < nservers; i++)
		make_server(&servers[i], i);
	for (i = 0; i < ntenants; i++)
		make_tenant(&tenants[i], i);
	for (i = 0; i < nkept; i++)
		make_kept(&kept[i]);
}

/* ---- the rules */

/* Servers and tenants were made in the order of slot and key. */
static void
look(void)
{
	struct server	*s;
	const char	*rows;
	char		 failed;
	int		 i, len;

	rows = sql_text("SELECT string_agg(concat_ws(' ', GREATEST(l.base,"
	    " l.load - l.slope * extract(epoch FROM clock_timestamp()"
	    " - l.at)) * b.load_factor, l.meetings, l.users,"
	    " b.node_state = 'error'), ' ' ORDER BY b.slot)"
	    " FROM backend_load l JOIN backends b ON b.id = l.backend_id");
	for (i = 0; i < nservers; i++, rows += len) {
		s = &servers[i];
		ck_assert_int_eq(sscanf(rows, "%lf %d %d %c%n", &s->load,
		    &s->meetings, &s->users, &failed, &len), 4);
		s->failed = failed == 't';
	}
	rows = sql_text("SELECT string_agg((SELECT count(*) FROM meetings m"
	    " WHERE m.frontend_id = f.id AND m.state <> 'ended')::text, ' '"
	    " ORDER BY f.key) FROM frontends f");
	for (i = 0; i < ntenants; i++, rows += len)
		ck_assert_int_eq(sscanf(rows, "%d%n", &tenants[i].meetings,
		    &len), 1);
}

static bool
is_kept_from(int server, int tenant)
{
	const struct kept	*k;
	bool			 covered = false;
	int			 i;

	for (i = 0; i < nkept; i++) {
		k = &kept[i];
		if (!k->active || (k->server != server &&
		    !(servers[server].tags & k->tag)))
			continue;
		if (k->tenants & 1u << tenant)
			return false;
		covered = true;
	}
	return covered;
}

/* Silence of more than half of the agents, from four up, is not theirs. */
static bool
silence_counts(void)
{
	int	i, agents = 0, silent = 0;

	for (i = 0; i < nservers; i++) {
		agents += servers[i].agent != AGENT_NONE;
		silent += servers[i].agent == AGENT_SILENT;
	}
	return agents < 4 || 2 * silent <= agents;
}

/* NULL: it may; else the rule that forbids it. */
static const char *
forbidden(int i, const struct wish *w)
{
	const struct server	*s = &servers[i];
	const struct tenant	*t = &tenants[w->tenant];

	if (!s->ready)
		return "its admin has not released it";
	if (s->failed)
		return "it is failed";
	if (s->agent == AGENT_SILENT && silence_counts())
		return "its agent is silent";
	if ((s->tags & t->required) != t->required)
		return "it lacks a tag that the frontend requires";
	if ((w->tag & t->allowed) != 0 && (s->tags & w->tag) == 0)
		return "it lacks the tag that was asked for";
	if (w->required && (w->tag & t->allowed) == 0)
		return "a tag was demanded that the frontend may not use";
	if (is_kept_from(i, w->tenant))
		return "it is reserved for others";
	if (s->meetings_cap >= 0 && s->meetings >= s->meetings_cap)
		return "it has as many meetings as it may";
	if (s->users_cap >= 0 && s->users >= s->users_cap)
		return "it has as many users as it may";
	return NULL;
}

static int
server_index(const char *id)
{
	int	i;

	for (i = 0; i < nservers; i++)
		if (strcmp(servers[i].id, id) == 0)
			return i;
	ck_abort_msg("no such server: %s", id);
}

/* The one left behind is no candidate any more. */
static void
judge(const struct placed *p, const struct wish *w, int left)
{
	const struct tenant	*t = &tenants[w->tenant];
	int			 chosen, i;

	if (p->outcome == PLACE_LIMIT) {
		ck_assert_int_gt(t->limit, 0);
		ck_assert_int_ge(t->meetings, t->limit);
		return;
	}
	ck_assert(left >= 0 || t->limit == 0 || t->meetings < t->limit);
	if (p->outcome == PLACE_NONE) {
		for (i = 0; i < nservers; i++)
			ck_assert_msg(i == left || forbidden(i, w) != NULL,
			    "server %d could have taken it", i);
		return;
	}
	chosen = server_index(p->meeting.backend_id);
	ck_assert_int_ne(chosen, left);
	ck_assert_msg(forbidden(chosen, w) == NULL, "server %d: %s", chosen,
	    forbidden(chosen, w));
	for (i = 0; i < nservers; i++)
		ck_assert_msg(i == left || forbidden(i, w) != NULL ||
		    servers[chosen].load <= servers[i].load + CLOSE,
		    "server %d has load %g, chosen was %d with %g", i,
		    servers[i].load, chosen, servers[chosen].load);
}

/* ---- what frontends do */

static void
candidates(const struct wish *w, const char *left, struct picked *p)
{
	struct cluster_rows	rows;
	struct words		tried = { &left, left != NULL };
	struct pick_req		q = {
		.frontend_id = tenants[w->tenant].id,
		.settings = &tenants[w->tenant].settings,
		.tag = w->tag == 0 ? NULL :
		    tags[w->tag == 1 ? 0 : w->tag == 2 ? 1 : 2],
		.tag_required = w->required,
		.tried = &tried,
		.now = clock_wall_ms(),
	};

	ck_assert_int_eq(backend_list(db, a, &rows, &e), 0);
	pick(a, &rows, &q, p);
}

/* left, attempt: the server that failed just now, and what was held. */
static void
run(const struct wish *w, const char *left, int attempt, struct placed *p)
{
	struct picked		c;
	struct place_req	q = {
		.frontend_id = tenants[w->tenant].id,
		.meeting_id = w->id,
		.backend_meeting_id = bbb_meeting_id_encode(a,
		    arena_printf(a, "fe-%d", w->tenant), w->id),
		.expected = 1 + chance(20),
		.fade_s = FADE_S,
		.meetings_limit = tenants[w->tenant].limit,
		.agent_timeout_ms = AGENT_MS,
		.attendee_pw = "ap", .moderator_pw = "mp",
		.voice_bridge = "", .name = w->id, .metadata = "",
		.params = "", .failed_backend = left,
		.failed_error = left == NULL ? NULL : "refused",
		.failed_attempt = attempt,
	};

	candidates(w, left, &c);
	q.candidates = c.slots;
	q.ncandidates = c.n;
	if (place(db, &q, a, p, &e) == -1)
		ck_abort_msg("%s", e.text);
}

static void
confirm(const struct meeting *m)
{
	struct meeting_created	c = {
		.row = m->row, .attempt = m->attempt,
		.internal_id = arena_printf(a, "internal-%lld-%d", m->row,
		    m->attempt),
		.create_time = 1700000000000LL, .create_date = "",
		.attendee_pw = "ap", .moderator_pw = "mp",
		.voice_bridge = "1", .dial_number = "",
	};

	if (meeting_confirm(db, &c, &e) != 1)
		ck_abort_msg("confirm: %s", e.text);
}

/* Its server fails: another one, chosen by the same rules, or none. */
static void
fail_over(const struct wish *w, const struct meeting *m)
{
	const char	*left = m->backend_id;
	struct placed	 p;
	int		 from = server_index(left);

	run(w, left, m->attempt, &p);
	/* It may be failed now; the rules speak of the others. */
	judge(&p, w, from);
	if (p.outcome == PLACE_NEW) {
		ck_assert_int_eq(p.meeting.attempt, m->attempt + 1);
		confirm(&p.meeting);
	}
}

/* Somebody joins, as a poll would see it: users count against caps. */
static void
fill(const struct meeting *m)
{
	sql("UPDATE meetings SET participants = %d, cost = %d"
	    " WHERE id = %lld", chance(8), chance(8), m->row);
	sql("SELECT backend_load_renew('%s')", m->backend_id);
	sql("SELECT frontend_load_renew(ARRAY['%s'::uuid])",
	    m->frontend_id);
}

static void
end(const struct meeting *m)
{

	if (meeting_end(db, m->row, NULL, &e) != 1)
		ck_abort_msg("end: %s", e.text);
}

static void
create(void)
{
	struct wish	w = { .tenant = chance(ntenants) };
	struct placed	p, again;

	w.id = arena_printf(a, "m-%d", chance(CREATES));
	w.tag = chance(2) ? 0 : 1u << chance(NTAGS);
	w.required = w.tag != 0 && chance(2);
	look();
	run(&w, NULL, 0, &p);
	if (p.outcome == PLACE_FOUND) {
		ck_assert_str_eq(p.meeting.meeting_id, w.id);
		if (chance(2))
			end(&p.meeting);
		return;
	}
	judge(&p, &w, -1);
	if (p.outcome != PLACE_NEW)
		return;
	run(&w, NULL, 0, &again);	/* the same at the same time */
	ck_assert_int_eq(again.outcome, PLACE_FOUND);
	ck_assert_int_eq(again.meeting.row, p.meeting.row);
	ck_assert_str_eq(again.meeting.backend_id, p.meeting.backend_id);
	look();
	if (chance(8) == 0) {
		fail_over(&w, &p.meeting);
		return;
	}
	confirm(&p.meeting);
	if (chance(3) == 0)
		fill(&p.meeting);
}

/* ---- what must hold of the whole afterwards */

static void
nothing(const char *what, const char *found)
{
	ck_assert_msg(found == NULL, "%s: %s", what, found);
}

static void
check_sums(void)
{
	nothing("backend_load is not what its meetings say", sql_text(
	    "SELECT l::text || ' but ' || s::text FROM backend_load l,"
	    " LATERAL (SELECT count(*) AS meetings,"
	    "  coalesce(sum(participants), 0) AS users,"
	    "  coalesce(sum(cost), 0) AS base,"
	    "  coalesce(sum(cost + greatest(0, expected - cost)), 0) AS load"
	    "  FROM meetings WHERE backend_id = l.backend_id"
	    "  AND state <> 'ended') s"
	    " WHERE (l.meetings, l.users) <> (s.meetings, s.users)"
	    " OR abs(l.base - s.base) > %g OR abs(l.load - s.load) > %g"
	    " LIMIT 1", CLOSE, CLOSE));
	nothing("frontend_load is not what its meetings say", sql_text(
	    "SELECT l::text || ' but ' || s::text FROM frontend_load l,"
	    " LATERAL (SELECT count(*) AS meetings,"
	    "  coalesce(sum(participants), 0) AS users FROM meetings"
	    "  WHERE frontend_id = l.frontend_id AND state <> 'ended') s"
	    " WHERE (l.meetings, l.users) <> (s.meetings, s.users)"
	    " LIMIT 1"));
}

static void
check_limits(void)
{
	nothing("more meetings than its cap", sql_text(
	    "SELECT b::text FROM backends b WHERE meetings_cap <"
	    " (SELECT count(*) FROM meetings m WHERE m.backend_id = b.id"
	    "  AND m.state <> 'ended') LIMIT 1"));
	nothing("more meetings than its limit", sql_text(
	    "SELECT f::text FROM frontends f"
	    " WHERE (settings->>'meetings_limit')::int BETWEEN 1 AND"
	    " (SELECT count(*) FROM meetings m WHERE m.frontend_id = f.id"
	    "  AND m.state <> 'ended') - 1 LIMIT 1"));
}

START_TEST(random_creates_keep_the_rules)
{
	int	i;

	make_cluster(_i);
	for (i = 0; i < CREATES; i++)
		create();
	check_limits();
	check_sums();
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("chain");
	TCase	*tc = fixture_case(s, "random clusters");

	tcase_add_loop_test(tc, random_creates_keep_the_rules, 0, CLUSTERS);
	return fixture_main(s);
}
