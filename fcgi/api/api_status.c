/*
 * The status: who answers, who asks, and what the database is like.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/log.h"
#include "config.h"
#include "fcgi/api/resources.h"
#include "store/schema.h"
#include "store/standing.h"

static void
put_str(struct buf *b, const char *head, const char *s)
{
	buf_adds(b, head);
	json_write_str(b, s);
}

/* In the order of the Go program's record. */
void
api_write_schema(struct buf *b, const struct schema_status *s)
{
	buf_printf(b, "{\"available\":%s", s->available ? "true" : "false");
	put_str(b, ",\"database\":", s->database);
	buf_printf(b, ",\"migrated\":%s,\"migration\":",
	    s->migrated ? "true" : "false");
	if (s->version == 0)
		buf_adds(b, "null");
	else {
		buf_adds(b, "{\"applied_at\":");
		json_write_time(b, s->applied_us);
		put_str(b, ",\"description\":", s->name);
		buf_printf(b, ",\"version\":%d}", s->version);
	}
	buf_printf(b, ",\"pending_migrations\":%d,\"error\":", s->pending);
	if (s->error == NULL)
		buf_adds(b, "null");
	else
		json_write_str(b, s->error);
	buf_addc(b, '}');
}

static void
write_jobs(struct buf *b, const struct standing *st)
{
	size_t	i;

	buf_adds(b, ",\"jobs\":[");
	for (i = 0; i < st->njobs; i++) {
		put_str(b, i == 0 ? "{\"job\":" : ",{\"job\":",
		    st->jobs[i].name);
		buf_adds(b, ",\"succeeded_at\":");
		json_write_time(b, st->jobs[i].at_us);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void
write_alarms(struct api *c, struct buf *b, const struct standing *st)
{
	const struct standing_fact	*f;
	size_t				 i;

	buf_adds(b, ",\"alarms\":[");
	for (i = 0; i < st->nalarms; i++) {
		f = &st->alarms[i];
		put_str(b, i == 0 ? "{\"name\":" : ",{\"name\":", f->name);
		buf_adds(b, ",\"since\":");
		json_write_time(b, f->at_us);
		put_str(b, ",\"message\":", arena_printf(c->arena,
		    strcmp(f->name, "agents") == 0 ?
		    "%lld agents are silent, more than half of all:"
		    " servers stay as they were" :
		    "%lld servers fail at once, more than half of all:"
		    " their states stay as they were", f->n));
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

/* For admins, of a database that answers; both lists are empty without. */
static void
write_standing(struct api *c, struct buf *b, const struct schema_status *s)
{
	struct standing	st = { 0 };
	struct err	e = ERR_INIT;

	if ((c->scopes & API_ADMIN) != 0 && s->migrated &&
	    standing_read(c->w->db, c->arena, &st, &e) == -1)
		log_warnx("status: %s", e.text);
	write_jobs(b, &st);
	write_alarms(c, b, &st);
}

int
api_status(struct api *c, struct err *e)
{
	struct schema_status	 s;
	struct buf		*b = &c->x->reply->body;

	(void)e;
	schema_status(c->w->db, c->arena, &s);
	http_header_set(c->x->reply, "Content-Type", "application/json");
	put_str(b, "{\"version\":", PACKAGE_VERSION);
	put_str(b, ",\"build\":", PACKAGE_NAME);
	put_str(b, ",\"api\":", "v1");
	put_str(b, ",\"account_ref\":", c->token.sub);
	buf_printf(b, ",\"is_admin\":%s,\"database\":",
	    (c->scopes & API_ADMIN) != 0 ? "true" : "false");
	api_write_schema(b, &s);
	write_standing(c, b, &s);
	buf_adds(b, "}\n");
	return 0;
}
