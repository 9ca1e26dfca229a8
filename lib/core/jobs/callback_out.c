/*
 * From what a BBB server said to what its frontend is told.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "core/jobs/callback_out.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/callback.h"
#include "proto/bbb.h"
#include "proto/jws.h"
#include "proto/query.h"

#define ANALYTICS_AGENT	"BigBlueButton Analytics Callback"
#define ANALYTICS_DAY_S	86400
#define BEARER		"Bearer "
#define FORM_TYPE	"application/x-www-form-urlencoded"

/*
 * The frontend's name of a meeting: 0, or -1: it is another frontend's, or
 * the database failed.  What is no id of ours stays as it is.
 */
static int
id_back(struct worker *w, struct arena *a, const struct callback_due *d,
    const char *text, const char **id, struct err *e)
{
	char	*key, *own = NULL;

	*id = text;
	if (bbb_meeting_id_decode(a, text, &key, &own) == 0) {
		if (strcmp(key, d->frontend_key) != 0)
			return err_set(e, ERR_DENIED,
			    "it speaks of a meeting of another frontend");
	} else if (str_starts(text, "b3s-") && callback_meeting(w->db,
	    d->callback.frontend_id, text, a, &own, e) == -1)
		return -1;
	if (own != NULL)
		*id = own;
	return 0;
}

/* BBB is not of one mind about its spelling. */
static bool
names_meeting(const char *name)
{
	return strcmp(name, "meetingID") == 0 ||
	    strcmp(name, "meeting_id") == 0 ||
	    strcmp(name, "meetingId") == 0 || strcmp(name, "meetingid") == 0;
}

/* What the server added to the query replaces what the URL has. */
static int
query_join(struct worker *w, struct arena *a, const struct callback_due *d,
    struct query *q, struct err *e)
{
	const char	*raw = d->callback.query, *value;
	struct query	 added;
	size_t		 i;

	if (query_parse(a, (struct view){ raw, strlen(raw) },
	    (size_t)w->conf->max_params, &added, e) == -1)
		return -1;
	for (i = 0; i < added.n; i++) {
		value = added.v[i].value;
		if (names_meeting(added.v[i].name) &&
		    id_back(w, a, d, value, &value, e) == -1)
			return -1;
		query_set(q, added.v[i].name, value);
	}
	return 0;
}

/* The end of a meeting: the frontend's URL, with what the server added. */
static int
end_out(struct worker *w, struct arena *a, const struct callback_due *d,
    struct callback_call *out, struct err *e)
{
	const char	*url = d->callback.url, *mark;
	size_t		 whole = strcspn(url, "#"), base;
	struct query	 q;
	struct buf	 b = { 0 };

	if (d->callback.query[0] == '\0') {
		out->url = arena_memdup(a, url, whole);
		return 0;
	}
	base = strcspn(url, "?#");
	mark = url + base + (url[base] == '?');
	if (query_parse(a, (struct view){ mark,
	    (size_t)(url + whole - mark) }, (size_t)w->conf->max_params, &q,
	    e) == -1 || query_join(w, a, d, &q, e) == -1)
		return -1;
	query_write(&q, &b);
	out->url = arena_printf(a, "%.*s?%s", (int)base, url, buf_str(&b));
	buf_free(&b);
	return 0;
}

/* Whoever saw the address may have called it: only servers can sign. */
static int
signer_check(struct arena *a, const struct callback_signers *s,
    const char *token, struct jws *j, struct err *e)
{
	size_t	i;

	if (jws_read(a, token, j, e) == -1)
		return -1;
	for (i = 0; i < s->n; i++)
		if (jws_signed_by(j, s->secrets[i]))
			return 0;
	return err_set(e, ERR_DENIED, "no BBB server of ours has signed it");
}

/* The same claims with the frontend's id, signed with its secret. */
static int
claims_sign(struct worker *w, struct arena *a, const struct callback_due *d,
    json_t *claims, const char **token, struct err *e)
{
	const char	*id;
	char		*text;

	id = json_string_value(json_object_get(claims, "meeting_id"));
	if (id == NULL)
		return err_set(e, ERR_INPUT, "it names no meeting_id");
	if (id_back(w, a, d, id, &id, e) == -1)
		return -1;
	json_object_set_new(claims, "meeting_id", json_string(id));
	text = json_dumps(claims, JSON_COMPACT);
	*token = jws_sign(a, JWS_HS256, "{\"alg\":\"HS256\"}", text,
	    d->frontend_secret);
	free(text);
	return 0;
}

/* The frontend's URL is called as it is: all is in the body. */
static int
recording_out(struct worker *w, struct arena *a,
    const struct callback_signers *s, const struct callback_due *d,
    struct callback_call *out, struct err *e)
{
	const char	*raw = d->callback.body, *token;
	struct query	 form;
	struct jws	 j;
	json_t		*claims;
	int		 rc;

	if (query_parse(a, (struct view){ raw, strlen(raw) },
	    (size_t)w->conf->max_params, &form, e) == -1)
		return -1;
	if ((token = query_get(&form, "signed_parameters")) == NULL)
		return err_set(e, ERR_INPUT, "it has no signed_parameters");
	if (signer_check(a, s, token, &j, e) == -1)
		return -1;
	claims = json_loadb(j.payload, j.payload_len, 0, NULL);
	rc = claims_sign(w, a, d, claims, &token, e);
	json_decref(claims);
	if (rc == -1)
		return -1;
	out->url = d->callback.url;
	out->content_type = FORM_TYPE;
	out->body = arena_printf(a, "signed_parameters=%s", token);
	return 0;
}

/* Every string that is exactly this id becomes the frontend's. */
static const char *
strings_replace(struct arena *a, const char *json, const char *from,
    const char *to)
{
	char		*quoted = arena_printf(a, "\"%s\"",
			    callback_json(a, from));
	struct buf	 out = { 0 };
	const char	*at;

	while ((at = strstr(json, quoted)) != NULL) {
		buf_add(&out, json, (size_t)(at - json));
		buf_printf(&out, "\"%s\"", callback_json(a, to));
		json = at + strlen(quoted);
	}
	buf_adds(&out, json);
	return arena_take(a, &out);
}

/* The body goes through as bytes but for the id and our own addresses. */
static int
analytics_body(struct worker *w, struct arena *a,
    const struct callback_due *d, const char **body, struct err *e)
{
	json_t		*root = json_loads(d->callback.body, 0, NULL);
	const char	*id, *own = NULL;
	int		 rc = 0;

	id = json_string_value(json_object_get(root, "meeting_id"));
	if (id == NULL)
		rc = err_set(e, ERR_INPUT, "it names no meeting_id");
	else if ((rc = id_back(w, a, d, id, &own, e)) == 0)
		*body = callback_put_back(a, w->conf, strings_replace(a,
		    d->callback.body, id, own), CALLBACK_JSON);
	json_decref(root);
	return rc;
}

/* Against the time at which it came: it may have waited here since. */
static int
expiry_check(const struct jws *j, const struct callback_due *d,
    struct err *e)
{
	json_t		*claims = json_loadb(j->payload, j->payload_len, 0,
			    NULL);
	json_t		*exp = json_object_get(claims, "exp");
	int		 rc = 0;

	if (exp != NULL && (!json_is_number(exp) ||
	    json_number_value(exp) * 1000 < (double)d->received_ms))
		rc = err_set(e, ERR_DENIED, "its token had expired");
	json_decref(claims);
	return rc;
}

/*
 * A new token for the frontend, good for a day: the server's is worth nothing
 * to it.
 */
static int
analytics_out(struct worker *w, struct arena *a,
    const struct callback_signers *s, const struct callback_due *d,
    struct callback_call *out, struct err *e)
{
	const char	*token = d->callback.token;
	struct jws	 j;

	if (str_starts(token, BEARER))
		token += strlen(BEARER);
	if (signer_check(a, s, token, &j, e) == -1 ||
	    expiry_check(&j, d, e) == -1 ||
	    analytics_body(w, a, d, &out->body, e) == -1)
		return -1;
	out->url = d->callback.url;
	out->content_type = "application/json";
	out->user_agent = ANALYTICS_AGENT;
	out->authorization = arena_printf(a, BEARER "%s", jws_sign(a,
	    JWS_HS512, "{\"typ\":\"JWT\",\"alg\":\"HS512\"}",
	    arena_printf(a, "{\"exp\":%lld}", (long long)(clock_wall_ms() /
	    1000 + ANALYTICS_DAY_S)), d->frontend_secret));
	return 0;
}

int
callback_out(struct worker *w, struct arena *a,
    const struct callback_signers *signers, const struct callback_due *d,
    struct callback_call *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	switch (d->callback.kind) {
	case CALLBACK_END:
		return end_out(w, a, d, out, e);
	case CALLBACK_RECORDING:
		return recording_out(w, a, signers, d, out, e);
	case CALLBACK_ANALYTICS:
		return analytics_out(w, a, signers, d, out, e);
	}
	return err_set(e, ERR_INTERNAL, "unknown kind of callback");
}
