/*
 * Stage: the parameters that a BBB server will get, and in which form.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "core/gateway/stages.h"

/* Ours to say: a setting of these names would break routing or signing. */
static bool
is_ours(const char *name)
{
	return query_same_name(name, "meetingID") ||
	    query_same_name(name, "checksum");
}

/*
 * `userdata-KEY` becomes an element name in getMeetings; one that is no XML
 * name spoils the whole reply of its server (bbb-api 2.3), so it goes.
 */
static bool
breaks_xml(const struct param *p)
{
	const char	*key = p->name + strlen("userdata-");

	if (!str_starts(p->name, "userdata-"))
		return false;
	return !query_name_ok(p) ||
	    !(isalpha((unsigned char)key[0]) || key[0] == '_');
}

/*
 * What BBB drops without a word, for its name is not one: so do we.  Only
 * these families have names of the frontend's own making.
 */
static bool
is_ignored(const struct param *p)
{
	return p->name_len == 0 || (!query_name_ok(p) &&
	    (str_starts(p->name, "meta_") || str_starts(p->name, "plugin_")));
}

static enum verdict
names_check(struct call *c, struct err *e)
{
	size_t	i, n = 0;

	for (i = 0; i < c->query.n; i++) {
		if (breaks_xml(&c->query.v[i]) || is_ignored(&c->query.v[i]))
			continue;
		if (!query_name_ok(&c->query.v[i])) {
			err_set(e, ERR_INPUT, "Invalid parameter name");
			return FAILED;
		}
		c->query.v[n++] = c->query.v[i];
	}
	c->query.n = n;
	return GO_ON;
}

/* Adds the items of a comma list that the buffer does not hold yet. */
static void
features_add(struct buf *out, const char *list)
{
	const char	*item, *comma, *at;
	size_t		 len;

	for (item = list; item != NULL && *item != '\0';
	    item = comma == NULL ? NULL : comma + 1) {
		comma = strchr(item, ',');
		len = comma == NULL ? strlen(item) : (size_t)(comma - item);
		for (at = buf_str(out); len > 0 && at != NULL;
		    at = strchr(at, ',') == NULL ? NULL : strchr(at, ',') + 1)
			if (strncmp(at, item, len) == 0 &&
			    (at[len] == ',' || at[len] == '\0'))
				break;
		if (len == 0 || at != NULL)
			continue;
		if (out->len > 0)
			buf_addc(out, ',');
		buf_add(out, item, len);
	}
}

/*
 * A default `disabledFeatures` is joined with what the request (or an
 * override) disables, order kept; it never replaces (b3scale-behaviour 1.4).
 */
static void
features_join(struct call *c, const char *defaults)
{
	struct buf	 out = { 0 };
	const char	*given = query_get(&c->query, "disabledFeatures");

	features_add(&out, given);
	features_add(&out, defaults);
	query_set(&c->query, "disabledFeatures", buf_str(&out));
	buf_free(&out);
}

/* Overrides win over what was sent, defaults fill what was not. */
static void
settings_apply(struct call *c, const struct pairs *override,
    const struct pairs *defaults)
{
	const struct pair	*p;
	size_t			 i;

	for (i = 0; i < override->n; i++) {
		p = &override->v[i];
		if (!is_ours(p->name))
			query_set(&c->query, p->name, p->value);
	}
	for (i = 0; i < defaults->n; i++) {
		p = &defaults->v[i];
		if (strcmp(p->name, "disabledFeatures") == 0)
			features_join(c, p->value);
		else if (!is_ours(p->name) &&
		    query_find(&c->query, p->name) == NULL)
			query_set(&c->query, p->name, p->value);
	}
}

enum verdict
params_default(struct call *c, struct err *e)
{
	const struct settings	*s = &c->settings;

	if (names_check(c, e) != GO_ON)
		return FAILED;
	if (strcmp(c->name, "create") == 0) {
		settings_apply(c, &s->create_override_params,
		    &s->create_default_params);
		query_set(&c->query, "meta_" FRONTEND_MARK, c->route->fe.key);
		return GO_ON;
	}
	/* switches a server's own checks off (bbb-api 4.1) */
	query_drop(&c->query, "presentationUploadExternalUrl");
	if (strcmp(c->name, "join") == 0)
		settings_apply(c, &s->join_override_params,
		    &s->join_default_params);
	if (c->found)
		query_set(&c->query, "meetingID",
		    c->sent->backend_meeting_id);
	return GO_ON;
}
