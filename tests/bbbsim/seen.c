/*
 * What a server saw: its latest requests.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "mem.h"
#include "seen.h"

#define SEEN_MAX	10000

struct seen {
	uint64_t		 number;
	int64_t			 at_ms;
	char			 method[8];
	char			*path;
	char			*call;
	char			*query;
	char			*form;
	char			*content_type;	/* NULL: none sent */
	char			*user_agent;
	uint64_t		 body_len;
	char			 body_sha256[DIGEST_HEX_MAX];
	enum checksum_state	 checksum;
	unsigned		 status;	/* 0: no answer (yet) */
	const char		*returncode;
	char			 key[64];
};

/* A ring that grows until it has SEEN_MAX places. */
struct seen_log {
	struct seen	*ring;
	size_t		 cap;
	uint64_t	 first;		/* oldest number kept */
	uint64_t	 next;		/* number of the one to come */
};

struct seen_log *
seen_new(void)
{
	struct seen_log	*l = mem_alloc(sizeof *l);

	l->first = l->next = 1;
	return l;
}

static void
seen_drop(struct seen *s)
{
	free(s->path);
	free(s->call);
	free(s->query);
	free(s->form);
	free(s->content_type);
	free(s->user_agent);
	*s = (struct seen){ .number = 0 };
}

static struct seen *
seen_at(const struct seen_log *l, uint64_t number)
{
	return &l->ring[number % l->cap];
}

void
seen_clear(struct seen_log *l)
{
	for (; l->first < l->next; l->first++)
		seen_drop(seen_at(l, l->first));
}

void
seen_free(struct seen_log *l)
{
	if (l == NULL)
		return;
	seen_clear(l);
	free(l->ring);
	free(l);
}

/* Moves what is kept to a ring twice as large. */
static void
seen_grow(struct seen_log *l)
{
	struct seen_log	 big = *l;
	uint64_t	 n;

	big.cap = l->cap == 0 ? 64 : l->cap * 2;
	if (big.cap > SEEN_MAX)
		big.cap = SEEN_MAX;
	big.ring = mem_alloc(big.cap * sizeof *big.ring);
	for (n = l->first; n < l->next; n++)
		*seen_at(&big, n) = *seen_at(l, n);
	free(l->ring);
	*l = big;
}

uint64_t
seen_add(struct seen_log *l, const struct request *r)
{
	struct seen	*s;

	if (l->next - l->first == l->cap) {
		if (l->cap < SEEN_MAX)
			seen_grow(l);
		else
			seen_drop(seen_at(l, l->first++));
	}
	s = seen_at(l, l->next);
	s->number = l->next++;
	s->at_ms = loop_now_ms();
	(void)snprintf(s->method, sizeof s->method, "%s", r->method);
	s->path = mem_dup(r->path);
	s->call = mem_dup(r->call->id == CALL_OTHER ? r->call_name :
	    r->call->name);
	s->query = mem_dup(r->query);
	s->form = mem_dup(r->form.data);
	s->content_type = mem_dup(request_header(r, "Content-Type"));
	s->user_agent = mem_dup(request_header(r, "User-Agent"));
	s->body_len = r->body_len;
	memcpy(s->body_sha256, r->body_sha256, sizeof s->body_sha256);
	s->checksum = r->checksum;
	s->returncode = "";
	return s->number;
}

void
seen_answer(struct seen_log *l, uint64_t number, const struct reply *a)
{
	struct seen	*s;

	if (number < l->first || number >= l->next)
		return;
	s = seen_at(l, number);
	s->status = a->status;
	s->returncode = a->returncode == NULL ? "" : a->returncode;
	memcpy(s->key, a->key, sizeof s->key);
}

/* Bytes that are no UTF-8 are shown as Latin-1. */
static json_t *
json_raw(const char *s)
{
	struct buf	 b = { 0 };
	json_t		*j;

	if (s == NULL)
		return json_null();
	if ((j = json_string(s)) != NULL)
		return j;
	for (; *s != '\0'; s++) {
		unsigned char	c = (unsigned char)*s;

		if (c < 0x80)
			buf_char(&b, (char)c);
		else {
			buf_char(&b, (char)(0xc0 | c >> 6));
			buf_char(&b, (char)(0x80 | (c & 0x3f)));
		}
	}
	j = json_string(b.data);
	buf_free(&b);
	return j;
}

static json_t *
params_json(const struct seen *s)
{
	struct params	 p = { .count = 0 };
	json_t		*list = json_array();
	size_t		 i;

	params_parse(&p, s->query, strlen(s->query));
	if (s->form != NULL)
		params_parse(&p, s->form, strlen(s->form));
	for (i = 0; i < p.count; i++)
		json_array_append_new(list, json_pack("[s, s]",
		    params_name(&p, i), params_value(&p, i)));
	params_free(&p);
	return list;
}

static json_t *
one_json(const struct seen *s)
{
	json_t	*j;

	j = json_pack("{s:I, s:I, s:s, s:o, s:o, s:o, s:o}",
	    "number", (json_int_t)s->number, "at", (json_int_t)s->at_ms,
	    "method", s->method, "path", json_raw(s->path),
	    "call", json_raw(s->call), "query", json_raw(s->query),
	    "params", params_json(s));
	json_object_set_new(j, "content_type", json_raw(s->content_type));
	json_object_set_new(j, "user_agent", json_raw(s->user_agent));
	json_object_set_new(j, "body_length",
	    json_integer((json_int_t)s->body_len));
	json_object_set_new(j, "body_sha256", json_string(s->body_sha256));
	json_object_set_new(j, "checksum_ok",
	    json_boolean(s->checksum == CHECKSUM_RIGHT));
	json_object_set_new(j, "status", json_integer(s->status));
	json_object_set_new(j, "returncode", json_string(s->returncode));
	json_object_set_new(j, "messageKey", json_string(s->key));
	return j;
}

json_t *
seen_json(const struct seen_log *l, const char *call)
{
	json_t		*list = json_array();
	uint64_t	 n;

	for (n = l->first; n < l->next; n++)
		if (call == NULL || strcmp(seen_at(l, n)->call, call) == 0)
			json_array_append_new(list, one_json(seen_at(l, n)));
	return list;
}
