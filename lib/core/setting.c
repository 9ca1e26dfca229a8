/*
 * The table of settings, beside core/settings.c that applies them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/setting.h"

#include <string.h>

#include "proto/json.h"

#define COUNT_MAX	1000000000

/*
 * In the order in which the Go program shows its own, then ours.  A row is all
 * that the API and b3scalectl need to know a setting; settings.c applies it.
 */
static const struct setting settings[] = {
	{ "required_tags", SETTING_WORDS, true,
	    "new meetings go to servers that have all of these tags" },
	{ "default_presentation", SETTING_PRESENTATION, true,
	    "a presentation for meetings that bring none, or (force) for all" },
	{ "attendees_limit", SETTING_LIMIT, true,
	    "most people in all meetings of the frontend; 0: no limit" },
	{ "create_default_params", SETTING_PARAMS, true,
	    "parameters of create where the frontend sends none" },
	{ "create_override_params", SETTING_PARAMS, true,
	    "parameters of create whatever the frontend sends" },
	{ "join_default_params", SETTING_PARAMS, true,
	    "parameters of join where the frontend sends none" },
	{ "join_override_params", SETTING_PARAMS, true,
	    "parameters of join whatever the frontend sends" },
	{ "recordings", SETTING_RECORDINGS, true,
	    "visibility_override: how its recordings are published" },
	{ "allowed_tags", SETTING_WORDS, false,
	    "a meeting may ask for these tags, and no others" },
	{ "meetings_limit", SETTING_COUNT, false,
	    "most meetings of the frontend at once; 0: no limit" },
	{ "size_hint", SETTING_COUNT, false,
	    "users expected in a new meeting; unset: the cluster's" },
	{ "callbacks_private", SETTING_BOOL, false,
	    "callbacks may go to private addresses" },
};

#define NSETTINGS	(sizeof(settings) / sizeof(settings[0]))

static const char *const type_texts[] = {
	[SETTING_WORDS] = "list of strings",
	[SETTING_PARAMS] = "object of strings",
	[SETTING_COUNT] = "whole number, not below 0",
	[SETTING_BOOL] = "true or false",
	[SETTING_PRESENTATION] =
	    "object with url (string) and force (true or false)",
	[SETTING_LIMIT] = "object with limit (whole number, not below 0)",
	[SETTING_RECORDINGS] = "object with visibility_override (string)",
};

/* The Go program's words. */
static const char *const visibilities[] = { "unpublished", "published",
    "protected", "public", "public_protected" };

const struct setting *
setting_table(size_t *n)
{
	*n = NSETTINGS;
	return settings;
}

const struct setting *
setting_find(const char *name)
{
	size_t	i;

	for (i = 0; i < NSETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

const char *
setting_type_text(const struct setting *s)
{
	return type_texts[s->type];
}

/* ---- checks: NULL, or what is wrong */

static const char *
check_count(const json_t *j)
{
	if (!json_is_integer(j) || json_integer_value(j) < 0 ||
	    json_integer_value(j) > COUNT_MAX)
		return "must be a whole number from 0 to 1000000000";
	return NULL;
}

static const char *
check_words(const json_t *j)
{
	json_t	*item;
	size_t	 i;

	if (!json_is_array(j))
		return "must be a list of strings";
	json_array_foreach((json_t *)j, i, item)
		if (!json_is_string(item))
			return "must be a list of strings";
	return NULL;
}

/* A name that no server could be sent would make every create fail. */
static const char *
check_params(const json_t *j)
{
	static const char	ok[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const char		*name;
	json_t			*value;

	if (!json_is_object(j))
		return "must be an object of strings";
	json_object_foreach((json_t *)j, name, value) {
		if (!json_is_string(value) && !json_is_null(value))
			return "must be an object of strings";
		if (name[0] == '\0' || name[strspn(name, ok)] != '\0')
			return "names consist of letters, digits, '-', '_'"
			    " and '.'";
	}
	return NULL;
}

/* null and nothing are the same: unset. */
static bool
absent(const json_t *j)
{
	return j == NULL || json_is_null(j);
}

static const char *
check_presentation(const json_t *j, const char **member)
{
	const json_t	*url = json_object_get(j, "url");
	const json_t	*force = json_object_get(j, "force");
	const char	*s;

	if (!absent(url) && ((s = json_string_value(url)) == NULL ||
	    (s[0] != '\0' && strncmp(s, "http://", 7) != 0 &&
	    strncmp(s, "https://", 8) != 0))) {
		*member = "url";
		return "must be a URL of http or https";
	}
	if (!absent(force) && !json_is_boolean(force)) {
		*member = "force";
		return "must be true or false";
	}
	return NULL;
}

/* "" counts as unset: clients send it for a choice that was taken back. */
static const char *
check_recordings(const json_t *j, const char **member)
{
	const json_t	*v = json_object_get(j, "visibility_override");
	const char	*s = json_string_value(v);
	size_t		 i;

	if (absent(v) || (s != NULL && s[0] == '\0'))
		return NULL;
	for (i = 0; s != NULL &&
	    i < sizeof(visibilities) / sizeof(visibilities[0]); i++)
		if (strcmp(visibilities[i], s) == 0)
			return NULL;
	*member = "visibility_override";
	return "must be unpublished, published, protected, public or"
	    " public_protected";
}

static const char *
check_limit(const json_t *j, const char **member)
{
	const json_t	*limit = json_object_get(j, "limit");

	*member = "limit";
	return absent(limit) ? NULL : check_count(limit);
}

/*
 * The types from SETTING_PRESENTATION on are objects with members of their
 * own.
 */
const char *
setting_check(const struct setting *s, const json_t *j, const char **member)
{
	*member = "";
	if (json_is_null(j))
		return NULL;
	if (s->type >= SETTING_PRESENTATION && !json_is_object(j))
		return "must be an object";
	switch (s->type) {
	case SETTING_WORDS:
		return check_words(j);
	case SETTING_PARAMS:
		return check_params(j);
	case SETTING_COUNT:
		return check_count(j);
	case SETTING_BOOL:
		return json_is_boolean(j) ? NULL : "must be true or false";
	case SETTING_PRESENTATION:
		return check_presentation(j, member);
	case SETTING_LIMIT:
		return check_limit(j, member);
	case SETTING_RECORDINGS:
		return check_recordings(j, member);
	}
	return NULL;
}

/* ---- as they are shown */

static void
write_str(struct buf *out, const json_t *j)
{
	const char	*s = json_string_value(j);

	json_write_str(out, s == NULL ? "" : s);
}

static void
write_presentation(struct buf *out, const json_t *j)
{
	buf_adds(out, "{\"url\":");
	write_str(out, json_object_get(j, "url"));
	buf_printf(out, ",\"force\":%s}",
	    json_is_true(json_object_get(j, "force")) ? "true" : "false");
}

/* A bare number is an older form. */
static void
write_limit(struct buf *out, const json_t *j)
{
	const json_t	*limit = json_is_object(j) ?
			    json_object_get(j, "limit") : j;

	buf_printf(out, "{\"limit\":%lld}",
	    (long long)json_integer_value(limit));
}

static void
write_recordings(struct buf *out, const json_t *j)
{
	buf_adds(out, "{\"visibility_override\":");
	json_write(out, json_object_get(j, "visibility_override"));
	buf_addc(out, '}');
}

void
setting_write(struct buf *out, const struct setting *s, const json_t *j)
{
	if (absent(j)) {
		buf_adds(out, s->type == SETTING_PARAMS ? "{}" : "null");
		return;
	}
	switch (s->type) {
	case SETTING_PRESENTATION:
		write_presentation(out, j);
		break;
	case SETTING_LIMIT:
		write_limit(out, j);
		break;
	case SETTING_RECORDINGS:
		write_recordings(out, j);
		break;
	case SETTING_WORDS:
	case SETTING_PARAMS:
	case SETTING_COUNT:
	case SETTING_BOOL:
		json_write(out, j);
		break;
	}
}

/* What the table does not know is not shown: another program's own affair. */
void
settings_write(struct buf *out, const json_t *object)
{
	const json_t	*j;
	size_t		 i;
	char		 before = '{';

	for (i = 0; i < NSETTINGS; i++) {
		j = json_object_get(object, settings[i].name);
		if (absent(j) && !settings[i].always)
			continue;
		buf_addc(out, before);
		before = ',';
		json_write_str(out, settings[i].name);
		buf_addc(out, ':');
		setting_write(out, &settings[i], j);
	}
	buf_addc(out, '}');
}
