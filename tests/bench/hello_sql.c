/*
 * The yardstick with a database: a constant answer after one prepared SELECT.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "reply.h"

#define KEY_MAX	256

/* What a join has to know at least: who signs, and where the meeting is. */
static const char lookup[] =
    "SELECT f.secret, m.internal_id, b.host, b.secret"
    "  FROM frontends f"
    "  JOIN meetings m ON m.frontend_id = f.id AND m.meeting_id = $2"
    "  JOIN backends b ON b.id = m.backend_id"
    " WHERE f.key = $1";

static PGconn *
db_open(const char *conninfo)
{
	PGconn		*db = PQconnectdb(conninfo);
	PGresult	*res;

	if (PQstatus(db) != CONNECTION_OK)
		errx(1, "%s", PQerrorMessage(db));
	res = PQprepare(db, "lookup", lookup, 2, NULL);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		errx(1, "%s", PQerrorMessage(db));
	PQclear(res);
	return db;
}

/* The bytes between mark and one of the characters in ends. */
static void
cut(const char *uri, const char *mark, const char *ends, char out[KEY_MAX])
{
	const char	*s = strstr(uri, mark);
	size_t		 len;

	if (s == NULL)
		errx(1, "no '%s' in %s", mark, uri);
	s += strlen(mark);
	len = strcspn(s, ends);
	if (len >= KEY_MAX)
		errx(1, "too long: %s", uri);
	memcpy(out, s, len);
	out[len] = '\0';
}

static void
db_lookup(PGconn *db, const char *uri)
{
	char		 key[KEY_MAX], meeting[KEY_MAX];
	const char	*values[2] = { key, meeting };
	PGresult	*res;

	cut(uri, "/bbb/", "/", key);
	cut(uri, "meetingID=", "&", meeting);
	res = PQexecPrepared(db, "lookup", 2, values, NULL, NULL, 0);
	if (PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		errx(1, "%s %s: %s", key, meeting, PQerrorMessage(db));
	PQclear(res);
}

int
main(int argc, char **argv)
{
	FCGX_Request	 r;
	PGconn		*db;

	if (argc != 3)
		errx(1, "usage: hello_sql reply-file conninfo");
	reply_open(argv[1]);
	db = db_open(argv[2]);
	FCGX_InitRequest(&r, 0, 0);
	for (;;) {
		reply_accept(&r);
		db_lookup(db, FCGX_GetParam("REQUEST_URI", r.envp));
		reply_send(&r);
	}
}
