/*
 * A new secret for a frontend, while the former one is still good.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/random.h>

#include "base/log.h"
#include "base/str.h"
#include "fcgi/api/resources.h"
#include "store/db.h"
#include "store/frontend.h"

#define SECRET_BYTES	32
#define DAY_S		86400
#define VALID_MAX_S	(366LL * DAY_S)

static const struct field fields[] = {
	{ "secret", FIELD_STR, FIELD_INPUT | FIELD_SECRET, NULL },
	{ "valid_for", FIELD_INT, FIELD_INPUT, NULL },
};
static const struct record record = RECORD(fields);

/* Letters and digits, as installers of BBB make them. */
static char *
make_secret(struct arena *a)
{
	unsigned char	 bytes[SECRET_BYTES];
	char		*hex = arena_alloc(a, 2 * SECRET_BYTES + 1);

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		log_fatal(EX_OSERR, "the system has no random bytes");
	str_hex(hex, bytes, sizeof(bytes));
	return hex;
}

static int
input(struct api *c, const json_t *in, struct frontend_rotation *r)
{
	const json_t	*valid = json_object_get(in, "valid_for");
	long long	 s = valid == NULL ? DAY_S :
			    json_integer_value(valid);

	if (s < 0 || s > VALID_MAX_S)
		api_fault(c, "valid_for",
		    "must be 0 to 31622400 seconds");
	r->valid_s = arena_printf(c->arena, "%lld", s);
	r->secret = json_object_get(in, "secret") == NULL ?
	    make_secret(c->arena) : arena_strdup(c->arena,
	    json_string_value(json_object_get(in, "secret")));
	return c->nfaults > 0 ? -1 : 0;
}

/* {"id":...,"bbb":{"key":...,"secret":...},"previous_valid_until":...} */
static void
reply(struct api *c, const struct rows *r)
{
	enum { COL_ID, COL_KEY = 2, COL_SECRET = 3 };
	struct buf	*b = &c->x->reply->body;

	http_header_set(c->x->reply, "Content-Type", "application/json");
	buf_adds(b, "{\"id\":");
	json_write_str(b, rows_str(r, 0, COL_ID));
	buf_adds(b, ",\"bbb\":{\"key\":");
	json_write_str(b, rows_str(r, 0, COL_KEY));
	buf_adds(b, ",\"secret\":");
	json_write_str(b, rows_str(r, 0, COL_SECRET));
	buf_adds(b, "},\"previous_valid_until\":");
	json_write_time(b, rows_int(r, 0, FRONTEND_COL_UNTIL));
	buf_adds(b, "}\n");
}

static int
rotate(struct api *c, const struct frontend_rotation *how, struct err *e)
{
	struct rows	*r;
	int		 rc = 0;

	if ((r = frontend_rotate(c->w->db, api_who(c), how, e)) == NULL)
		return -1;
	if (rows_len(r) == 0)
		rc = err_set(e, ERR_MISSING, "there is no such frontend");
	else
		reply(c, r);
	rows_free(r);
	return rc;
}

int
api_rotation(struct api *c, struct err *e)
{
	struct frontend_rotation	 how = { .id = c->args[0],
					    .account = api_account(c) };
	json_t				*in;
	int				 rc = -1;

	if (api_input(c, &record, &in, e) == -1)
		return -1;
	if (api_require(c, in, "secret", false) == 0 &&
	    input(c, in, &how) == 0)
		rc = rotate(c, &how, e);
	json_decref(in);
	return rc;
}
