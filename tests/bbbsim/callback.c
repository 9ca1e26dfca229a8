/*
 * Whom a server calls about its meetings: their end, their recordings, what
 * was learnt in them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "callback.h"
#include "jwt.h"
#include "mem.h"
#include "post.h"
#include "text.h"
#include "user.h"

#define REMEMBERED	1000
#define EXPIRY_S	86400

/* How long BBB waits before each further try, in units of the first wait. */
static const unsigned retry_factor[] = { 1, 2, 4, 10 };
#define RETRIES	(sizeof retry_factor / sizeof retry_factor[0])

TAILQ_HEAD(past_list, past);
TAILQ_HEAD(sent_list, sent);

struct callbacks {
	struct loop		*loop;
	const struct settings	*settings;
	struct posts		*posts;
	char			*secret;
	struct past_list	 past;		/* newest first */
	size_t			 past_count;
	struct sent_list	 sent;		/* oldest first */
	size_t			 sent_count;
};

/* A meeting that has ended. */
struct past {
	TAILQ_ENTRY(past)	 link;
	char			*external, *internal, *name;
	struct params		 metadata;
	int64_t			 create_ms, end_ms;
	bool			 keeps_events;
	json_t			*attendees;
};

/* A call that was made, or is being made. */
struct sent {
	TAILQ_ENTRY(sent)	 link;
	struct callbacks	*all;
	const char		*kind;
	char			*url, *body;
	char			*headers[4];
	bool			 retried;	/* where it fails */
	unsigned		 tries;
	long			 status;
	bool			 done;
	struct timer		 timer;
};

struct callbacks *
callbacks_new(struct loop *loop, const struct settings *settings)
{
	struct callbacks	*c = mem_alloc(sizeof *c);

	c->loop = loop;
	c->settings = settings;
	c->posts = posts_new(loop);
	TAILQ_INIT(&c->past);
	TAILQ_INIT(&c->sent);
	return c;
}

static void
past_free(struct callbacks *c, struct past *p)
{
	TAILQ_REMOVE(&c->past, p, link);
	c->past_count--;
	free(p->external);
	free(p->internal);
	free(p->name);
	params_free(&p->metadata);
	json_decref(p->attendees);
	free(p);
}

static void
sent_free(struct sent *s)
{
	size_t	i;

	loop_timer_stop(s->all->loop, &s->timer);
	TAILQ_REMOVE(&s->all->sent, s, link);
	s->all->sent_count--;
	for (i = 0; i < 4; i++)
		free(s->headers[i]);
	free(s->url);
	free(s->body);
	free(s);
}

void
callbacks_give_up(struct callbacks *c)
{
	struct sent	*s;

	posts_free(c->posts);
	c->posts = posts_new(c->loop);
	TAILQ_FOREACH(s, &c->sent, link) {
		loop_timer_stop(c->loop, &s->timer);
		s->done = true;
	}
}

void
callbacks_clear(struct callbacks *c)
{
	/* first the calls, which would tell those who made them */
	callbacks_give_up(c);
	while (!TAILQ_EMPTY(&c->sent))
		sent_free(TAILQ_FIRST(&c->sent));
	while (!TAILQ_EMPTY(&c->past))
		past_free(c, TAILQ_FIRST(&c->past));
}

void
callbacks_free(struct callbacks *c)
{
	if (c == NULL)
		return;
	callbacks_clear(c);
	posts_free(c->posts);
	free(c->secret);
	free(c);
}

void
callbacks_secret(struct callbacks *c, const char *secret)
{
	free(c->secret);
	c->secret = mem_dup(secret);
}

static void	answered(void *arg, long status);

static void
try_it(void *arg)
{
	struct sent	*s = arg;
	struct post	 p = { .url = s->url, .body = s->body,
	    .redirects = s->retried, .done = answered, .arg = s };
	size_t		 i;

	for (i = 0; i < 4; i++)
		p.headers[i] = s->headers[i];
	s->tries++;
	posts_add(s->all->posts, &p);
}

static void
answered(void *arg, long status)
{
	struct sent	*s = arg;

	s->status = status;
	if ((status >= 200 && status < 300) || !s->retried ||
	    s->tries > RETRIES) {
		s->done = true;
		return;
	}
	loop_timer(s->all->loop, &s->timer,
	    (int64_t)s->all->settings->callback_retry_ms *
	    retry_factor[s->tries - 1]);
}

/* Forgets the oldest that are over, but none that is under way. */
static void
forget_sent(struct callbacks *c)
{
	struct sent	*s = TAILQ_FIRST(&c->sent);

	if (c->sent_count >= REMEMBERED && s->done)
		sent_free(s);
}

/* A new call, which try_it() begins; takes the URL and the body over. */
static struct sent *
sent_new(struct callbacks *c, const char *kind, char *url, char *body)
{
	struct sent	*s;

	forget_sent(c);
	s = mem_alloc(sizeof *s);
	s->all = c;
	s->kind = kind;
	s->url = url;
	s->body = body;
	s->timer = (struct timer){ .fn = try_it, .arg = s };
	TAILQ_INSERT_TAIL(&c->sent, s, link);
	c->sent_count++;
	return s;
}

static json_t *
attendees(const struct meeting *m)
{
	json_t			*list = json_array();
	const struct user	*u;

	TAILQ_FOREACH(u, &m->users, link)
		if (!u->waiting)
			json_array_append_new(list, json_pack("{s:s, s:s,"
			    " s:b, s:[], s:[], s:i}",
			    "ext_user_id", u->user_id, "name", u->name,
			    "moderator", (int)u->moderator, "joins", "leaves",
			    "duration", 60));
	return list;
}

static void
remember(struct callbacks *c, const struct meeting *m)
{
	struct past	*p = mem_alloc(sizeof *p);
	size_t		 i;

	p->external = mem_dup(m->external);
	p->internal = mem_dup(m->internal);
	p->name = mem_dup(m->name);
	p->create_ms = m->create_ms;
	p->end_ms = loop_now_ms();
	p->keeps_events = m->record || m->keep_events;
	p->attendees = attendees(m);
	for (i = 0; i < m->metadata.count; i++)
		params_add(&p->metadata, params_name(&m->metadata, i),
		    params_value(&m->metadata, i));
	TAILQ_INSERT_HEAD(&c->past, p, link);
	if (++c->past_count > REMEMBERED)
		past_free(c, TAILQ_LAST(&c->past, past_list));
}

/* The URL as given, its query with two more parameters. */
static char *
end_url(const char *url, const struct meeting *m)
{
	struct buf	b = { 0 };
	size_t		n = strcspn(url, "#");

	buf_bytes(&b, url, n);
	buf_text(&b, memchr(url, '?', n) == NULL ? "?" : "&");
	buf_format(&b, "recordingmarks=%s&meetingID=",
	    m->have_marks ? "true" : "false");
	text_encode(&b, m->external, "");
	return buf_take(&b);
}

void
callbacks_ended(struct callbacks *c, const struct meeting *m)
{
	const char	*url = params_get(&m->metadata, "endcallbackurl");
	struct sent	*s;

	remember(c, m);
	if (m->ended_url != NULL) {
		s = sent_new(c, "meetingEndedURL", mem_dup(m->ended_url),
		    NULL);
		s->retried = true;
		try_it(s);
	}
	if (url != NULL && *url != '\0' && m->parent == NULL) {
		s = sent_new(c, "endcallbackurl", end_url(url, m), NULL);
		s->retried = true;
		try_it(s);
	}
}

static struct past *
past_find(const struct callbacks *c, const char *id)
{
	struct past	*p;

	TAILQ_FOREACH(p, &c->past, link)
		if (strcmp(p->internal, id) == 0 ||
		    strcmp(p->external, id) == 0)
			return p;
	return NULL;
}

static const char *
recording_url(const struct past *p)
{
	static const char *const names[] = { "bbb-recording-ready-url",
	    "bn-recording-ready-url", "canvas-recording-ready-url" };
	const char	*url;
	size_t		 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((url = params_get(&p->metadata, names[i])) != NULL &&
		    *url != '\0')
			return url;
	return NULL;
}

bool
callbacks_recording_ready(struct callbacks *c, const char *id)
{
	const struct past	*p = past_find(c, id);
	const char		*url = p == NULL ? NULL : recording_url(p);
	struct buf		 body = { 0 };
	json_t			*claims;
	char			*text, *token;

	if (url == NULL)
		return false;
	claims = json_pack("{s:s, s:s}", "meeting_id", p->external,
	    "record_id", p->internal);
	text = json_dumps(claims, JSON_COMPACT);
	token = jwt_sign("HS256", "{\"alg\":\"HS256\"}", text, c->secret);
	buf_format(&body, "signed_parameters=%s", token);
	try_it(sent_new(c, "recording-ready", mem_dup(url),
	    buf_take(&body)));
	free(token);
	free(text);
	json_decref(claims);
	return true;
}

static void
time_text(char *out, size_t size, int64_t ms)
{
	time_t		t = (time_t)(ms / 1000);
	struct tm	tm;

	(void)gmtime_r(&t, &tm);
	(void)strftime(out, size, "%Y-%m-%d %H:%M:%S UTC", &tm);
}

/* Names in snake case; Greenlight's own and the ids are left out. */
static json_t *
analytics_metadata(const struct past *p)
{
	json_t		*j = json_object();
	const char	*name;
	char		*key, *s;
	size_t		 i;

	for (i = 0; i < p->metadata.count; i++) {
		name = params_name(&p->metadata, i);
		if (strncmp(name, "gl-", 3) == 0)
			continue;
		key = mem_dup(name);
		for (s = key; *s != '\0'; s++)
			if (*s == '-')
				*s = '_';
		json_object_set_new(j, key,
		    json_string(params_value(&p->metadata, i)));
		free(key);
	}
	json_object_set_new(j, "is_breakout", json_string("false"));
	json_object_set_new(j, "meeting_name", json_string(p->name));
	return j;
}

static char *
analytics_body(const struct past *p)
{
	char	 start[40], finish[40], *text;
	json_t	*j;

	time_text(start, sizeof start, p->create_ms);
	time_text(finish, sizeof finish, p->end_ms);
	j = json_pack("{s:s, s:s, s:s, s:{s:o, s:I, s:s, s:s, s:O, s:[s],"
	    " s:[]}}", "version", "1.0", "meeting_id", p->external,
	    "internal_meeting_id", p->internal, "data",
	    "metadata", analytics_metadata(p),
	    "duration", (json_int_t)((p->end_ms - p->create_ms) / 1000),
	    "start", start, "finish", finish, "attendees", p->attendees,
	    "files", "default.pdf", "polls");
	text = json_dumps(j, 0);
	json_decref(j);
	return text;
}

/* Authorization: a token that is good for a day. */
static char *
bearer(const struct callbacks *c)
{
	struct buf	 claims = { 0 }, line = { 0 };
	char		*token;

	buf_format(&claims, "{\"exp\":%lld}",
	    (long long)(loop_now_ms() / 1000 + EXPIRY_S));
	token = jwt_sign("HS512", "{\"typ\":\"JWT\",\"alg\":\"HS512\"}",
	    claims.data, c->secret);
	buf_format(&line, "Authorization: Bearer %s", token);
	free(token);
	buf_free(&claims);
	return buf_take(&line);
}

void
callbacks_processed(struct callbacks *c, const char *internal_id)
{
	const struct past	*p = past_find(c, internal_id);
	const char		*url;
	struct sent		*s;

	if (p == NULL || !p->keeps_events ||
	    (url = params_get(&p->metadata, "analytics-callback-url")) == NULL
	    || *url == '\0')
		return;
	s = sent_new(c, "analytics", mem_dup(url), analytics_body(p));
	s->headers[0] = mem_dup("Content-Type: application/json");
	s->headers[1] = mem_dup(
	    "User-Agent: BigBlueButton Analytics Callback");
	s->headers[2] = bearer(c);
	try_it(s);
}

json_t *
callbacks_json(const struct callbacks *c)
{
	json_t			*list = json_array();
	const struct sent	*s;

	TAILQ_FOREACH(s, &c->sent, link)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:i,"
		    " s:i, s:b}", "kind", s->kind, "url", s->url,
		    "body", s->body, "tries", (int)s->tries,
		    "status", (int)s->status, "done", (int)s->done));
	return list;
}
