/*
 * The row, the server and the parameters of one create.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include <openssl/rand.h>

#include "base/clock.h"
#include "core/cluster.h"
#include "core/gateway/creation.h"
#include "core/gateway/redirect.h"
#include "core/pick.h"
#include "proto/bbb.h"
#include "proto/xmlout.h"

#define PASSWORD_LEN 8
/* BBB takes some seconds from `end` to the end (bbb-api 6.5). */
#define DYING_MS 10000
#define DYING_LOOK_MS 250
#define SIZE_HINT_MAX 100000	/* users; a larger hint is nonsense */

/* As BBB makes them: 8 of [A-Za-z0-9]; 62 of 248 bytes each, so no bias. */
static const char *
password_new(struct arena *a)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char	byte;
	char		*pw = arena_zalloc(a, PASSWORD_LEN + 1, 1);
	size_t		 n = 0;

	while (n < PASSWORD_LEN) {
		if (RAND_bytes(&byte, 1) != 1)
			abort();	/* no randomness, no passwords */
		if (byte < 248)
			pw[n++] = letters[byte % 62];
	}
	return pw;
}

/* Given and not empty, else ours: a repeat must send the same (13.5). */
static const char *
password(const struct call *c, const char *name)
{
	const char	*given = query_get(&c->query, name);

	if (given != NULL && given[0] != '\0')
		return given;
	return password_new(c->a);
}

/* `meta_server-tag`: "name" is a wish, "name!" a demand (bbb-api 6.2). */
static void
tag_read(struct creation *n)
{
	const char	*asked = query_get(&n->c->query, "meta_server-tag");
	size_t		 len = asked == NULL ? 0 : strlen(asked);

	if (len > 0 && asked[len - 1] == '!') {
		n->tag_required = --len > 0;
	}
	if (len > 0)
		n->tag = arena_memdup(n->c->a, asked, len);
}

/*
 * A breakout room made by a frontend goes where its parent is, which must be
 * the frontend's own; its server knows the parent by the internal id.
 */
static enum verdict
parent_find(struct creation *n, struct err *e)
{
	struct call	*c = n->c;
	const struct param *p = query_find(&c->query, "parentMeetingID");
	const char	*id = p == NULL ? NULL : p->value;
	struct routes	 r = { 0 };
	const struct route_query	 q = { .key = c->route->fe.key,
					       .meeting_id = id };

	if (p == NULL || p->value_len == 0 || strcmp(id, "bbb-none") == 0)
		return GO_ON;
	/* With a NUL in it, it would be another id here than there. */
	if (strlen(id) == p->value_len && str_utf8_valid(id, p->value_len) &&
	    route_lookup(c->w->db, &q, c->a, &r, e) == -1)
		return FAILED;
	if (r.n == 0 || !r.v[0].has_meeting ||
	    r.v[0].meeting.state != MEETING_LIVING) {
		err_key(e, ERR_MISSING, "parentMeetingDoesNotExist",
		    "No parent meeting exists for the breakout room");
		return FAILED;
	}
	query_set(&c->query, "parentMeetingID", r.v[0].meeting.internal_id);
	n->parent_backend = r.v[0].backend.id;
	return GO_ON;
}

/*
 * Passwords are drawn once: the row keeps them, and each try on each server
 * sends the same.
 */
enum verdict
creation_begin(struct creation *n, struct call *c, struct err *e)
{
	memset(n, 0, sizeof(*n));
	n->c = c;
	n->last_error = "";
	n->attendee_pw = password(c, "attendeePW");
	n->moderator_pw = password(c, "moderatorPW");
	tag_read(n);
	if (c->found) {
		n->meeting = c->route->meeting;
		n->backend = &c->route->backend;
	}
	return parent_find(n, e);
}

/* Moodle's hint for this meeting, else the frontend's, else the admin's. */
static double
expected_size(const struct call *c)
{
	const char	*hint;
	long long	 n;

	hint = query_get(&c->query, "meta_bbb-meeting-size-hint");
	if (hint != NULL && str_to_ll(hint, &n) == 0 && n > 0 &&
	    n <= SIZE_HINT_MAX)
		return n;
	if (c->settings.size_hint > 0)
		return c->settings.size_hint;
	return c->w->conf->size_hint;
}

/* The metadata as getMeetingInfo shows it until the first poll. */
static const char *
metadata_xml(const struct call *c)
{
	const struct param	*p;
	struct xmlout		 x;
	struct buf		 b = { 0 };
	char			*name, *s;
	size_t			 i;

	xmlout_begin(&x, &b);
	for (i = 0; i < c->query.n; i++) {
		p = &c->query.v[i];
		/* bbb-api 5: a letter first, then letters, digits, '-' */
		if (strncmp(p->name, "meta_", 5) != 0 ||
		    !isalpha((unsigned char)p->name[5]) ||
		    strpbrk(p->name + 5, "_.") != NULL)
			continue;
		name = arena_strdup(c->a, p->name + 5);
		for (s = name; *s != '\0'; s++)
			*s = tolower((unsigned char)*s);
		out_str(&x, name, p->value);
	}
	return arena_take(c->a, &b);
}

static const char *
text(const struct call *c, const char *name)
{
	const char	*value = query_get(&c->query, name);

	return value == NULL ? "" : value;
}

/* Everything that place() keeps; the candidates come from the router. */
static void
request_fill(struct creation *n, const struct picked *p, struct place_req *q)
{
	const struct call	*c = n->c;
	struct buf		 params = { 0 };

	memset(q, 0, sizeof(*q));
	q->frontend_id = c->route->fe.id;
	q->meeting_id = c->meeting_id;
	q->backend_meeting_id = bbb_meeting_id_encode(c->a, c->route->fe.key,
	    c->meeting_id);
	q->candidates = p->slots;
	q->ncandidates = p->n;
	q->expected = expected_size(c);
	q->fade_s = c->w->conf->size_fade / 1000;
	q->meetings_limit = c->settings.meetings_limit;
	q->agent_timeout_ms = c->w->conf->agent_timeout;
	/* The database takes UTF-8 only; the server gets the bytes as sent. */
	q->attendee_pw = str_utf8_clean(c->a, n->attendee_pw);
	q->moderator_pw = str_utf8_clean(c->a, n->moderator_pw);
	q->voice_bridge = text(c, "voiceBridge");
	q->name = str_utf8_clean(c->a, text(c, "name"));
	q->record = bbb_true(text(c, "record"));
	q->max_users = bbb_number(text(c, "maxParticipants"));
	q->metadata = metadata_xml(c);
	query_write(&c->query, &params);
	q->params = arena_take(c->a, &params);
	q->nend_urls = redirect_ends(c, &q->end_urls);
	q->failed_backend = n->left;
	q->failed_error = n->left_why;
	q->failed_attempt = n->meeting.attempt;
	q->failed_living = n->meeting.state == MEETING_LIVING;
}

/* The server of a row that place() gave us; a new one may not be here yet. */
static int
backend_find(struct creation *n, struct err *e)
{
	struct cluster	*cluster = n->c->w->cluster;

	n->backend = cluster_backend(cluster, n->meeting.backend_id);
	if (n->backend == NULL) {
		if (cluster_reload(cluster, e) == -1)
			return -1;
		n->backend = cluster_backend(cluster, n->meeting.backend_id);
	}
	if (n->backend == NULL)
		return err_set(e, ERR_INTERNAL,
		    "the meeting's server is not in the list");
	return 0;
}

/*
 * The list may be older than the look-up's version of it, then it is read
 * anew; what changes faster than that (load, heartbeats, caps) place() sees
 * itself.
 */
int
creation_place(struct creation *n, enum place_outcome *placed, struct err *e)
{
	struct call		*c = n->c;
	struct pick_req		 want = {
		.frontend_id = c->route->fe.id,
		.settings = &c->settings,
		.tag = n->tag,
		.tag_required = n->tag_required,
		.only = n->parent_backend,
		.tried = &n->tried,
		.now = clock_wall_ms(),
	};
	struct picked		 p;
	struct place_req	 q;
	struct placed		 result;

	if (cluster_need(c->w->cluster, c->routes.backends_version, e) == -1)
		return -1;
	pick(c->a, cluster_rows(c->w->cluster), &want, &p);
	request_fill(n, &p, &q);
	if (place(c->w->db, &q, c->a, &result, e) == -1)
		return -1;
	/* Its failure is recorded now, once. */
	n->left = NULL;
	*placed = result.outcome;
	if (result.outcome == PLACE_NONE || result.outcome == PLACE_LIMIT)
		return 0;
	n->meeting = result.meeting;
	n->mine = result.outcome == PLACE_NEW;
	return backend_find(n, e);
}

static void
wait_a_little(void)
{
	const struct timespec	pause = { 0, DYING_LOOK_MS * 1000000L };

	nanosleep(&pause, NULL);
}

enum verdict
creation_look(struct creation *n, struct err *e)
{
	struct call	*c = n->c;
	struct routes	 r;

	if (n->looks++ > 0)	/* others are at it: let them */
		wait_a_little();
	if (call_look(c, &r, e) == -1)
		return FAILED;
	n->mine = false;
	n->backend = NULL;
	/* If there is none any more it is placed anew, with our passwords. */
	memset(&n->meeting, 0, sizeof(n->meeting));
	if (r.n > 0 && r.v[0].has_meeting &&
	    strcmp(r.v[0].meeting.meeting_id, c->meeting_id) == 0) {
		n->meeting = r.v[0].meeting;
		n->backend = &r.v[0].backend;
	}
	return GO_ON;
}

void
creation_skip(struct creation *n, const char *why)
{
	const char	**v;

	/* The list that it is of may be read anew before the call is over. */
	n->left = arena_strdup(n->c->a, n->backend->id);
	v = arena_zalloc(n->c->a, n->tried.n + 1, sizeof(*v));
	if (n->tried.n > 0)
		memcpy(v, n->tried.v, n->tried.n * sizeof(*v));
	v[n->tried.n++] = n->left;
	n->tried.v = v;
	n->left_why = why;
	n->backend = NULL;
}

/* Time runs from the first such answer, whichever servers follow. */
void
creation_dying(struct creation *n)
{
	if (n->dying == NULL)
		n->dying_until = clock_mono_ms() + DYING_MS;
	creation_skip(n, NULL);
	n->dying = n->left;
}

/* Only once no server with the tag is left to try. */
bool
creation_forget_wish(struct creation *n)
{
	if (n->tag == NULL || n->tag_required)
		return false;
	n->tag = NULL;
	return true;
}

bool
creation_await_end(struct creation *n)
{
	size_t	i, kept;

	if (n->dying == NULL || clock_mono_ms() >= n->dying_until)
		return false;
	wait_a_little();
	for (i = kept = 0; i < n->tried.n; i++)
		if (strcmp(n->tried.v[i], n->dying) != 0)
			n->tried.v[kept++] = n->tried.v[i];
	n->tried.n = kept;
	return true;
}

/*
 * A repeat is only taken for one if both passwords are those of the meeting
 * (bbb-api 6.2), so those that the frontend left out are the row's.
 */
void
creation_query(struct creation *n)
{
	struct query	*q = &n->query;
	const struct meeting *m = &n->meeting;

	*q = n->c->query;
	/*
	 * A copy for this server, with room for the four: another gets its
	 * own.
	 */
	q->v = arena_zalloc(n->c->a, q->n + 4, sizeof(*q->v));
	q->cap = q->n + 4;
	memcpy(q->v, n->c->query.v, q->n * sizeof(*q->v));
	query_set(q, "meetingID", m->backend_meeting_id);
	if (text(n->c, "attendeePW")[0] == '\0')
		query_set(q, "attendeePW", m->attendee_pw);
	if (text(n->c, "moderatorPW")[0] == '\0')
		query_set(q, "moderatorPW", m->moderator_pw);
	if (text(n->c, "voiceBridge")[0] == '\0' &&
	    m->voice_bridge != NULL && m->voice_bridge[0] != '\0')
		query_set(q, "voiceBridge", m->voice_bridge);
	redirect_callbacks(n->c, m, q);
}
