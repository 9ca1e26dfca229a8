/*
 * The schema by the API: whether it is as this program needs it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fcgi/api/resources.h"
#include "store/schema.h"

/*
 * The Go program migrated here.  Ours is left to b3scale-schema, whose user
 * may change tables; the workers' must not.  So this tells what is left to do:
 * a conflict with its command, as long as there is any.
 */
int
api_ctrl_migrate(struct api *c, struct err *e)
{
	struct schema_status	 s;

	schema_status(c->w->db, c->arena, &s);
	if (!s.migrated)
		return err_set(e, s.available ? ERR_CONFLICT : ERR_STORE,
		    "%s", s.error == NULL ? "the database is away" : s.error);
	http_header_set(c->x->reply, "Content-Type", "application/json");
	api_write_schema(&c->x->reply->body, &s);
	buf_addc(&c->x->reply->body, '\n');
	return 0;
}
