/*
 * Reads a frontend's settings object.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include <jansson.h>

#include "base/log.h"
#include "core/settings.h"

enum kind { K_WORDS, K_PAIRS, K_NUMBER, K_BOOL };

struct member {
	const char	*name;
	enum kind	 kind;
	size_t		 offset;
};

#define MEMBER(name, kind) { #name, kind, offsetof(struct settings, name) }

/* Those of a plain type; the others are read_objects(). */
static const struct member members[] = {
	MEMBER(required_tags, K_WORDS),
	MEMBER(allowed_tags, K_WORDS),
	MEMBER(meetings_limit, K_NUMBER),
	MEMBER(size_hint, K_NUMBER),
	MEMBER(callbacks_private, K_BOOL),
	MEMBER(create_default_params, K_PAIRS),
	MEMBER(create_override_params, K_PAIRS),
	MEMBER(join_default_params, K_PAIRS),
	MEMBER(join_override_params, K_PAIRS),
};

/* Anything in it that is no text is left out: the rest still counts. */
static int
read_words(struct arena *a, json_t *j, struct words *w)
{
	json_t	*item;
	size_t	 i;

	if (!json_is_array(j))
		return -1;
	w->v = arena_zalloc(a, json_array_size(j), sizeof(*w->v));
	json_array_foreach(j, i, item)
		if (json_is_string(item) && json_string_length(item) > 0)
			w->v[w->n++] = arena_strdup(a,
			    json_string_value(item));
	return 0;
}

/* Empty values count as absent, as the Go program stores them (1.4). */
static int
read_pairs(struct arena *a, json_t *j, struct pairs *p)
{
	const char	*name;
	json_t		*value;

	if (!json_is_object(j))
		return -1;
	p->v = arena_zalloc(a, json_object_size(j), sizeof(*p->v));
	json_object_foreach(j, name, value) {
		if (!json_is_string(value) || json_string_length(value) == 0)
			continue;
		p->v[p->n].name = arena_strdup(a, name);
		p->v[p->n++].value = arena_strdup(a,
		    json_string_value(value));
	}
	return 0;
}

static int
read_number(json_t *j, long long *n)
{
	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return -1;
	*n = json_integer_value(j);
	return 0;
}

static int
read_bool(json_t *j, bool *b)
{
	if (!json_is_boolean(j))
		return -1;
	*b = json_is_true(j);
	return 0;
}

static int
read_member(struct arena *a, const struct member *m, json_t *j,
    struct settings *s)
{
	void	*at = (char *)s + m->offset;

	switch (m->kind) {
	case K_WORDS:
		return read_words(a, j, at);
	case K_PAIRS:
		return read_pairs(a, j, at);
	case K_NUMBER:
		return read_number(j, at);
	case K_BOOL:
		return read_bool(j, at);
	}
	return -1;
}

/* The two settings of the Go program that are objects of their own. */
static void
read_objects(struct arena *a, json_t *root, struct settings *s)
{
	json_t	*j, *url;

	j = json_object_get(root, "attendees_limit");
	if (json_is_object(j))
		j = json_object_get(j, "limit");
	if (j != NULL && !json_is_null(j) &&
	    read_number(j, &s->attendees_limit) == -1)
		log_warnx("setting attendees_limit is no number");
	j = json_object_get(root, "default_presentation");
	url = json_object_get(j, "url");
	if (json_is_string(url) && json_string_length(url) > 0) {
		s->presentation_url = arena_strdup(a, json_string_value(url));
		s->presentation_force =
		    json_is_true(json_object_get(j, "force"));
	}
}

/* A frontend must not go out of service for one wrong setting. */
int
settings_parse(struct arena *a, const char *json, struct settings *s,
    struct err *e)
{
	const struct member	*m;
	json_error_t		 je;
	json_t			*root, *j;
	size_t			 i;

	memset(s, 0, sizeof(*s));
	if (json == NULL || strcmp(json, "{}") == 0)
		return 0;	/* most have none, and a join is in a hurry */
	root = json_loads(json, 0, &je);
	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(e, ERR_INTERNAL, "settings are no JSON object");
	}
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		m = &members[i];
		j = json_object_get(root, m->name);
		if (j != NULL && !json_is_null(j) &&
		    read_member(a, m, j, s) == -1)
			log_warnx("setting %s is of the wrong type", m->name);
	}
	read_objects(a, root, s);
	json_decref(root);
	return 0;
}
