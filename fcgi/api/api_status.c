/*
 * The status: who answers, who asks, and what the database is like.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "config.h"
#include "fcgi/api/resources.h"
#include "store/schema.h"

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
	buf_adds(b, "}\n");
	return 0;
}
