/*
 * Creates a meeting as a frontend would.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/random.h>

#include <stdio.h>
#include <string.h>

#include "api.h"
#include "cmds.h"
#include "proto/checksum.h"
#include "proto/client.h"

#define ID_LEN		23
#define CALL_MS		60000
#define REPLY_MAX	(1u << 20)

static int
random_id(char id[ID_LEN + 1], struct err *e)
{
	static const char	letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	unsigned char		bytes[ID_LEN];
	int			i;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_set(e, ERR_SYSTEM, "no random bytes");
	for (i = 0; i < ID_LEN; i++)
		id[i] = letters[bytes[i] & 63];
	id[ID_LEN] = '\0';
	return 0;
}

/* The signed address of a call of the frontend. */
static const char *
link_of(struct ctl *c, const json_t *frontend, const char *call,
    const struct query *q)
{
	struct buf	 b = { 0 };

	buf_printf(&b, "%s/bbb/%s/", c->url, api_path(c, api_str(frontend,
	    "bbb.key")));
	checksum_sign(&b, call, q, api_str(frontend, "bbb.secret"),
	    CHECKSUM_SHA256);
	return arena_take(c->arena, &b);
}

/* What BBB's answer says when it is no success. */
static int
bbb_failed(struct ctl *c, const char *call, const struct client_res *r,
    struct err *e)
{
	const char	*p, *end;

	if ((p = strstr(buf_str(&r->body), "<message>")) == NULL ||
	    (end = strstr(p += 9, "</message>")) == NULL)
		return err_set(e, ERR_BACKEND, "%s at %s failed: HTTP status"
		    " %d", call, c->url, r->status);
	return err_set(e, ERR_BACKEND, "%s failed: %.*s", call,
	    (int)(end - p), p);
}

static int
create(struct ctl *c, const json_t *frontend, const struct query *q,
    struct err *e)
{
	struct client_req	r = { .post = true, .connect_ms = CALL_MS,
				    .total_ms = CALL_MS,
				    .reply_max = REPLY_MAX };
	struct client_res	res;
	int			rc;

	r.url = link_of(c, frontend, "create", q);
	rc = client_call(c->client, &r, &res, e);
	if (rc == 0 && strstr(buf_str(&res.body),
	    "<returncode>SUCCESS</returncode>") == NULL)
		rc = bbb_failed(c, "create", &res, e);
	client_res_free(&res);
	return rc;
}

static int
join(struct ctl *c, const json_t *frontend, const struct query *q,
    struct err *e)
{
	struct client_req	r = { .connect_ms = CALL_MS,
				    .total_ms = CALL_MS,
				    .reply_max = REPLY_MAX };
	struct client_res	res;
	int			rc;

	r.url = link_of(c, frontend, "join", q);
	rc = client_call(c->client, &r, &res, e);
	if (rc == 0 && res.location[0] == '\0')
		rc = bbb_failed(c, "join", &res, e);
	else if (rc == 0)
		puts(res.location);
	client_res_free(&res);
	return rc;
}

static int
add_params(struct ctl *c, struct query *q, struct err *e)
{
	const char	*s, *value;
	size_t		 i;

	for (i = 0; i < c->nparams; i++) {
		s = c->params[i];
		if ((value = strchr(s, '=')) == NULL || value == s)
			return err_set(e, ERR_INPUT,
			    "--param is name=value, not '%s'", s);
		query_set(q, arena_memdup(c->arena, s, (size_t)(value - s)),
		    value + 1);
	}
	return 0;
}

int
cmd_meeting_create(struct ctl *c, struct err *e)
{
	struct query	 q = { .arena = c->arena }, j = { .arena = c->arena };
	const char	*name = c->opt[OPT_NAME];
	json_t		*fe = NULL;
	char		 id[ID_LEN + 1];
	int		 rc = -1;

	if (random_id(id, e) == -1)
		return -1;
	query_set(&q, "meetingID", id);
	query_set(&q, "name", name != NULL ? name : id);
	query_set(&q, "attendeePW", "attendee");
	query_set(&q, "moderatorPW", "moderator");
	if (add_params(c, &q, e) == -1 || api_open(c, e) == -1 ||
	    frontend_by_key(c, c->opt[OPT_FRONTEND], &fe, e) == -1)
		return -1;
	query_set(&j, "fullName", CTL_NAME);
	query_set(&j, "meetingID", query_get(&q, "meetingID"));
	query_set(&j, "password", query_get(&q, "moderatorPW"));
	if (create(c, fe, &q, e) == 0)
		rc = join(c, fe, &j, e);
	json_decref(fe);
	return rc;
}
