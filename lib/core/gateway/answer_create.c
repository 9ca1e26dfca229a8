/*
 * create: a meeting is placed on a server, made there, and confirmed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/clock.h"
#include "core/gateway/answers.h"
#include "core/gateway/creation.h"
#include "core/gateway/reply.h"
#include "core/server.h"
#include "proto/bbb.h"

/* After a timeout the same server is asked once more, but not for long. */
#define REPEAT_MS 2000
/*
 * A row that others keep moving under us is given up after so many looks;
 * most of them are waits for a server that ends a predecessor.
 */
#define ROUNDS_MAX 100

/* What the server's reply says of the meeting. */
static void
created_read(const struct creation *n, const struct bbb_reply *r,
    struct meeting_created *m)
{
	const struct xml_node	*x = r->root;

#define TEXT(name) (xml_text(x, name) == NULL ? "" : xml_text(x, name))
	memset(m, 0, sizeof(*m));
	m->row = n->meeting.row;
	m->attempt = n->meeting.attempt;
	m->internal_id = TEXT("internalMeetingID");
	m->create_time = bbb_number(TEXT("createTime"));
	m->create_date = TEXT("createDate");
	m->attendee_pw = TEXT("attendeePW");
	m->moderator_pw = TEXT("moderatorPW");
	m->voice_bridge = TEXT("voiceBridge");
	m->dial_number = TEXT("dialNumber");
	m->duration = bbb_number(TEXT("duration"));
	m->revive = n->dying != NULL && clock_mono_ms() >= n->dying_until;
#undef TEXT
}

/* A living meeting that its server still knows by the same id is as it was. */
static bool
is_as_it_was(const struct creation *n, const struct meeting_created *m)
{
	return n->meeting.state == MEETING_LIVING &&
	    n->meeting.internal_id != NULL &&
	    strcmp(n->meeting.internal_id, m->internal_id) == 0;
}

/*
 * The reply counts only once the row is confirmed: an acknowledged meeting is
 * a known one.  If the row has moved on meanwhile, another look is needed.
 */
static enum step
confirm(struct creation *n, const struct bbb_reply *r, struct err *e)
{
	struct meeting_created	m;
	int			there;

	created_read(n, r, &m);
	if (m.internal_id[0] == '\0') {
		err_set(e, ERR_BACKEND, "its reply has no internalMeetingID");
		return STEP_DOWN;
	}
	if (is_as_it_was(n, &m))
		return STEP_DONE;
	there = meeting_confirm(n->c->w->db, &m, e);
	if (there == -1)
		return STEP_FAILED;
	if (there == 0)
		return STEP_LOOK;
	if (there == CONFIRM_DYING)
		return STEP_DYING;
	n->c->announce = n->meeting.row;
	return STEP_DONE;
}

/* The server's own words, for the frontend. */
static void
pass_on(struct creation *n, struct client_res *res, const struct bbb_reply *r)
{
	struct call	*c = n->c;
	struct meeting	*m;

	m = arena_alloc(c->a, sizeof(*m));	/* outlives this answer */
	*m = n->meeting;
	c->sent = m;
	reply_foreign(c, res, r);
}

/*
 * It refused the create for a reason that is the frontend's to know; unless
 * the id is new to us and not to the server: that one is about to end, or
 * forgotten, and is no reason to refuse a new meeting.  As long as nobody has
 * confirmed the row, this goes for all of its creators.
 */
static enum step
refused(struct creation *n, struct client_res *res, const struct bbb_reply *r,
    struct err *e)
{
	if (n->meeting.state == MEETING_PLACED &&
	    strcmp(r->key, "idNotUnique") == 0 &&
	    (n->dying == NULL || clock_mono_ms() < n->dying_until))
		return STEP_DYING;
	if (n->mine && meeting_unplace(n->c->w->db, n->meeting.row,
	    n->meeting.attempt, e) == -1)
		return STEP_FAILED;
	pass_on(n, res, r);
	return STEP_DONE;
}

/*
 * An error page may be the request's fault: whoever sends one that no server
 * can digest must not take out one server after the other.  They are blamed
 * only if another one takes it (see gateway_after).
 */
static enum step
stumbled(struct creation *n)
{
	struct call	*c = n->c;

	c->stumbled[c->nstumbled++] = arena_strdup(c->a, n->backend->id);
	return STEP_STUMBLED;
}

/* No other server would take it: the row goes, and e is the answer. */
static enum step
unfit(struct creation *n, struct err *e)
{
	struct err	ignored = ERR_INIT;

	if (n->mine && meeting_unplace(n->c->w->db, n->meeting.row,
	    n->meeting.attempt, &ignored) == -1)
		*e = ignored;
	return STEP_FAILED;
}

/* What is left of the whole call, if that is less. */
static int
time_for(const struct creation *n, int wanted_ms)
{
	int	left = clock_left_ms(n->c->deadline);

	return left < wanted_ms ? left : wanted_ms;
}

/* The log line names the last server that was asked. */
static enum server_outcome
ask(struct creation *n, int ms, struct client_res *res, struct bbb_reply *r,
    struct err *e)
{
	struct server_call	q = {
		.backend = n->backend,
		.name = "create",
		.query = &n->query,
		.body = n->c->body,
		.total_ms = time_for(n, ms),
	};

	n->c->log->backend = arena_strdup(n->c->a, n->backend->host);
	return server_ask(n->c->w, n->c->a, &q, res, r, e);
}

/*
 * One try on one server.  A create that timed out may have worked: asked
 * once more it says so at once, unless it hangs (bbb-api 13.6).
 */
static enum step
try_server(struct creation *n, struct err *e)
{
	struct client_res	res;
	struct bbb_reply	r;
	enum server_outcome	outcome;
	enum step		step = STEP_DOWN;

	creation_query(n);
	outcome = ask(n, n->c->w->conf->try_timeout, &res, &r, e);
	if (outcome == SERVER_TIMEOUT &&
	    clock_left_ms(n->c->deadline) > REPEAT_MS) {
		client_res_free(&res);
		outcome = ask(n, REPEAT_MS, &res, &r, e);
	}
	if (outcome == SERVER_BUSY) {
		step = STEP_BUSY;
	} else if (outcome == SERVER_SAID && r.success) {
		if ((step = confirm(n, &r, e)) == STEP_DONE)
			pass_on(n, &res, &r);
	} else if (outcome == SERVER_SAID) {
		step = refused(n, &res, &r, e);
	} else if (outcome == SERVER_UNFIT) {
		step = unfit(n, e);
	} else if (outcome == SERVER_STUMBLED) {
		step = stumbled(n);
	}
	client_res_free(&res);
	return step;
}

/* Enough have stumbled over it: it is not for this call to blame them. */
static enum verdict
indigestible(struct creation *n, struct err *e)
{
	n->c->log->reason = "HTTP status 500";
	reply_stumbled(e);
	unfit(n, e);
	return FAILED;
}

/*
 * The reason that tells the frontend most: what it sent, what it asked for, or
 * only that there is none.
 */
static enum verdict
none_left(struct creation *n, struct err *e)
{
	if (n->c->nstumbled > 0 && n->last_error[0] == '\0') {
		n->c->log->reason = "HTTP status 500";
		reply_stumbled(e);
	} else if (n->tag_required) {
		n->c->log->reason = "no server has the tag";
		err_key(e, ERR_MISSING, "serverTagUnavailable",
		    "There is no available server with the required tag.");
	} else {
		n->c->log->reason = n->last_error[0] == '\0' ?
		    "no server may take it" : n->last_error;
		err_key(e, ERR_INPUT, "backendUnavailable", "There is no "
		    "server available for this meeting at the moment.");
	}
	return FAILED;
}

/*
 * A failure that no further place() will record.  A meeting that lives where
 * its server does not answer stays there, and the caller is told to try
 * again: it moves only if that server was known to be failed before.
 */
static enum verdict
give_up(struct creation *n, const char *backend_id, struct err *e)
{
	struct err	ignored = ERR_INIT;

	if (backend_call_failed(n->c->w->db, backend_id, n->last_error,
	    &ignored) == -1)
		n->c->log->reason = arena_strdup(n->c->a, ignored.text);
	err_set(e, ERR_BACKEND, "%s", n->last_error);
	return FAILED;
}

/*
 * Nobody has been told where a placed one is; a living one may have people in
 * it, who would be left behind.
 */
static bool
may_move(const struct creation *n)
{
	return n->meeting.state == MEETING_PLACED ||
	    n->backend->node_state == NODE_ERROR;
}

/* One placement and one try; GO_ON: another round. */
static enum verdict
round_once(struct creation *n, struct err *e)
{
	enum place_outcome	placed;

	if (n->backend == NULL) {
		if (creation_place(n, &placed, e) == -1)
			return FAILED;
		if (placed == PLACE_NONE)
			return creation_await_end(n) ||
			    creation_forget_wish(n) ? GO_ON :
			    none_left(n, e);
		if (placed == PLACE_LIMIT) {
			n->c->log->reason = "meetings_limit";
			err_key(e, ERR_INPUT, "maxConcurrent", "The maximum "
			    "number of concurrent meetings has been reached.");
			return FAILED;
		}
	}
	switch (try_server(n, e)) {
	case STEP_DONE:
		return ANSWERED;
	case STEP_FAILED:
		return FAILED;
	case STEP_LOOK:
		return creation_look(n, e);
	case STEP_BUSY:
		/*
		 * One that nobody has confirmed moves on, whoever placed it:
		 * who waits there for it finds it moved.
		 */
		if (n->meeting.state != MEETING_PLACED)
			return FAILED;
		creation_skip(n, NULL);
		return GO_ON;
	case STEP_STUMBLED:
		if (n->c->nstumbled == STUMBLES_MAX || !may_move(n))
			return indigestible(n, e);
		creation_skip(n, NULL);
		return GO_ON;
	case STEP_DYING:
		if (!n->mine)	/* whoever placed it sees to it */
			return creation_look(n, e);
		creation_dying(n);
		return GO_ON;
	case STEP_DOWN:
		n->last_error = arena_strdup(n->c->a, e->text);
		if (!may_move(n))
			return give_up(n, n->backend->id, e);
		creation_skip(n, n->last_error);
		return GO_ON;
	}
	return FAILED;
}

/* The deadline has passed with the last server's failure still untold. */
static enum verdict
out_of_time(struct creation *n, struct err *e)
{
	if (n->left != NULL && n->left_why != NULL)
		return give_up(n, n->left, e);
	err_set(e, ERR_BACKEND, "no server answered in time");
	return FAILED;
}

enum verdict
answer_create(struct call *c, struct err *e)
{
	struct creation	n;
	enum verdict	v;
	int		i;

	if ((v = creation_begin(&n, c, e)) != GO_ON)
		return v;
	/*
	 * Rounds end: by an answer, by the deadline, or when servers run out,
	 * since each that failed is not used again.
	 */
	for (i = 0; i < ROUNDS_MAX; i++) {
		if (clock_left_ms(c->deadline) == 0)
			return out_of_time(&n, e);
		if ((v = round_once(&n, e)) != GO_ON)
			return v;
	}
	return out_of_time(&n, e);
}
