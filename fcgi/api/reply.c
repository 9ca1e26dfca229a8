/*
 * Answers of the REST API: records, lists that stream, mistakes by field.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "fcgi/api/api.h"
#include "store/db.h"

/* A list is sent in pieces of about this size. */
#define PIECE		(16 * 1024)

static void
begin(struct api *c, int status)
{
	c->x->reply->status = status;
	http_header_set(c->x->reply, "Content-Type", "application/json");
}

void
api_message(struct api *c, int status, const char *message)
{
	struct buf	*b = &c->x->reply->body;

	begin(c, status);
	buf_adds(b, "{\"message\":");
	json_write_str(b, message);
	buf_adds(b, "}\n");
}

void
api_json(struct api *c, int status, const json_t *j)
{
	begin(c, status);
	json_write(&c->x->reply->body, j);
	buf_addc(&c->x->reply->body, '\n');
}

/* ---- failures */

/*
 * What the database refused, by a part of what it says.  text NULL: it says
 * that well enough itself.
 */
static const struct {
	const char	*says;
	const char	*field;
	const char	*text;
} refusals[] = {
	{ "frontends_key_key", "bbb.key", "is another frontend's" },
	{ "frontends_key_check", "bbb.key",
	    "must have 1 to 255 characters, no '/' and no control characters" },
	{ "frontends_account_ref_check", "account_ref",
	    "must not be longer than 255 characters" },
	{ "belongs to another frontend", "hosts", NULL },
	{ "is no host name", "hosts", NULL },
	{ "bare_path", "bare_path", NULL },
	{ "backends_host_key", "bbb.host", "is another backend's" },
	{ "backends_host_check", "bbb.host",
	    "must be a URL of http or https without user, query or blanks" },
	{ "backends_admin_state_check", "admin_state",
	    "must be init, ready, stopped or decommissioned" },
	{ "backends_load_factor_check", "load_factor",
	    "must be above 0 and not above 1000000" },
	{ "backends_meetings_cap_check", "meetings_cap",
	    "must not be below 0" },
	{ "backends_users_cap_check", "users_cap", "must not be below 0" },
	{ "backends_agent_ref_key", "agent_ref",
	    "has a backend already" },
	{ "backends_agent_ref_check", "agent_ref",
	    "must not be longer than 255 characters" },
	{ "the secret is the same", "secret", NULL },
	{ "params: ", "params", NULL },
	{ "secret_check", "bbb.secret", "this field is required" },
	{ "reservation_frontends_frontend_id_fkey", "frontend_ids",
	    "there is no such frontend" },
	{ "reservations_backend_id_fkey", "backend_id",
	    "there is no such backend" },
	{ "reservations_tag_check", "tag", "must not be empty" },
	{ "reservations_check1", "until", "must be after from" },
	{ "reservations_check2", "until", "must be a time" },
	{ "reservations_check", "backend_id",
	    "either this or tag must be given" },
	{ "for type time:", "hours", "starts and ends must be times of day" },
	{ "date/time field value out of range", "hours",
	    "starts and ends must be times of day" },
	{ "time zone", "hours", NULL },
};

/* "statement: what it says" */
static const char *
said(const struct err *e)
{
	const char	*p = strstr(e->text, ": ");

	return p == NULL ? e->text : p + 2;
}

/*
 * Rules live in the schema, where psql obeys them as well; here their names
 * become fields of the API.
 */
static void
find_fault(struct api *c, const struct err *e)
{
	size_t	i;

	if (c->nfaults > 0 || (e->code != ERR_INPUT &&
	    e->code != ERR_CONFLICT && e->code != ERR_MISSING))
		return;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strstr(e->text, refusals[i].says) != NULL) {
			api_fault(c, refusals[i].field,
			    refusals[i].text != NULL ? refusals[i].text :
			    said(e));
			return;
		}
}

static int
by_field(const void *a, const void *b)
{
	return strcmp(((const struct api_fault *)a)->field,
	    ((const struct api_fault *)b)->field);
}

/* {"bbb.key":["this field is required"]}: sorted, texts of one together. */
static void
write_faults(struct buf *b, struct api_fault *f, size_t n)
{
	size_t	i;

	qsort(f, n, sizeof(*f), by_field);
	for (i = 0; i < n; i++) {
		if (i > 0 && strcmp(f[i].field, f[i - 1].field) == 0)
			buf_addc(b, ',');
		else {
			buf_adds(b, i > 0 ? "]," : "");
			json_write_str(b, f[i].field);
			buf_adds(b, ":[");
		}
		json_write_str(b, f[i].text);
	}
	buf_addc(b, ']');
}

static void
reply_faults(struct api *c, int status)
{
	struct buf	*b = &c->x->reply->body;

	begin(c, status);
	buf_adds(b, "{\"error\":\"validation_error\",\"fields\":{");
	write_faults(b, c->faults, c->nfaults);
	buf_adds(b, "},\"message\":\"validation failed with input\"}\n");
	c->x->log.reason = arena_printf(c->arena, "%s: %s",
	    c->faults[0].field, c->faults[0].text);
}

void
api_failed(struct api *c, const struct err *e)
{
	int	status = err_http(e->code);

	find_fault(c, e);
	if (c->nfaults > 0) {
		reply_faults(c, e->code == ERR_CONFLICT ? 409 : 400);
		return;
	}
	c->x->log.reason = arena_strdup(c->arena, e->text);
	if (strcmp(e->key, API_KEY_TYPE) == 0)
		status = 415;
	else if (strcmp(e->key, API_KEY_AGENT) == 0)
		status = 403;
	if (status == 503)
		http_header_set(c->x->reply, "Retry-After", "5");
	if (status >= 500 && status != 503)
		log_warnx("%s", e->text);
	/* What went wrong inside is for the log; a schema that does not fit
	 * is for whoever asks, with the command that mends it. */
	if (status == 400 || status == 403 || status == 409 ||
	    e->code == ERR_SCHEMA)
		api_message(c, status, e->text);
	else
		api_message(c, status, http_reason(status));
}

/* ---- records */

struct cells {
	const struct api_resource	*res;
	const struct rows		*rows;
	int				 col;
	const struct api		*c;
	struct arena			*arena;
};

static const char *
cell(void *ctx, size_t i)
{
	const struct cells	*cs = ctx;
	const struct field	*f = &cs->res->record->v[i];
	int			 col = cs->col + (int)i;
	const char		*text = rows_maybe(cs->rows, 0, col);

	if ((f->flags & FIELD_KEEP) != 0)
		return cs->res->shape(cs->c, cs->arena, f, text);
	return text;
}

void
api_record(struct api *c, int status, const struct api_resource *res,
    const struct rows *r, int col)
{
	struct cells	 cs = { res, r, col, c, c->arena };
	struct buf	*b = &c->x->reply->body;

	begin(c, status);
	json_write_record(b, res->record, cell, &cs);
	buf_addc(b, '\n');
}

int
api_one(struct api *c, const struct api_resource *res, struct rows *r,
    struct err *e)
{
	int	rc = 0;

	if (r == NULL)
		return -1;
	if (rows_len(r) == 0)
		rc = err_set(e, ERR_MISSING, "there is none");
	else
		api_record(c, 200, res, r, 0);
	rows_free(r);
	return rc;
}

/* ---- lists */

struct api_list {
	struct api		*c;
	struct cells		 cells;
	struct arena		*arena;		/* of one row */
	struct buf		 piece;
	bool			 begun;
};

struct api_list *
api_list_begin(struct api *c, const struct api_resource *res)
{
	struct api_list	*l = xcalloc(1, sizeof(*l));

	l->c = c;
	l->arena = arena_new();
	l->cells = (struct cells){ res, NULL, 1, c, l->arena };
	return l;
}

/* The first row brings the number of all, even where no record follows it. */
int
api_list_row(const struct rows *r, void *ctx)
{
	struct api_list	*l = ctx;
	int		 rc = 0;

	if (!l->begun)
		http_header_set(l->c->x->reply, "X-Total-Count",
		    arena_strdup(l->c->arena, rows_str(r, 0, 0)));
	if (!l->begun)
		begin(l->c, 200);
	l->begun = true;
	if (rows_null(r, 0, 1))
		return 0;
	buf_addc(&l->piece, l->piece.len == 0 &&
	    !l->c->x->reply->streaming ? '[' : ',');
	l->cells.rows = r;
	json_write_record(&l->piece, l->cells.res->record, cell, &l->cells);
	arena_reset(l->arena);
	if (l->piece.len >= PIECE) {
		rc = http_stream(l->c->x->reply, l->piece.data, l->piece.len);
		buf_reset(&l->piece);
	}
	return rc;
}

/* A list that broke off in the middle is cut, never closed. */
static int
list_finish(struct api_list *l, int rc)
{
	struct http_reply	*r = l->c->x->reply;

	if (rc == -1 && r->streaming) {
		r->broken = true;
		return 0;
	}
	if (rc == -1)
		return -1;
	if (!r->streaming && l->piece.len == 0)
		buf_addc(&l->piece, '[');
	buf_adds(&l->piece, "]\n");
	if (r->streaming)
		http_stream(r, l->piece.data, l->piece.len);
	else
		buf_add(&r->body, l->piece.data, l->piece.len);
	return 0;
}

int
api_list_end(struct api_list *l, int rc)
{
	rc = list_finish(l, rc);
	buf_free(&l->piece);
	arena_free(l->arena);
	free(l);
	return rc;
}
