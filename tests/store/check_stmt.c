/*
 * Every statement of the table can be prepared against the real schema.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include <libpq-fe.h>

#include "fixture.h"

/* Prepared and described: it takes as many parameters as the table says. */
START_TEST(each_statement_fits_the_schema)
{
	const struct stmt_def	*def = stmt_def((enum stmt)_i);
	PGconn			*pg = PQconnectdb(getenv("B3SCALE_TEST_DB"));
	PGresult		*res;

	ck_assert_ptr_nonnull(def->name);
	ck_assert_ptr_nonnull(def->sql);
	res = PQprepare(pg, def->name, def->sql, 0, NULL);
	ck_assert_msg(PQresultStatus(res) == PGRES_COMMAND_OK, "%s: %s",
	    def->name, PQresultErrorMessage(res));
	PQclear(res);
	res = PQdescribePrepared(pg, def->name);
	ck_assert_int_eq(PQnparams(res), def->nparams);
	ck_assert_int_eq(PQnfields(res) == 0, def->shape == ROWS_NONE);
	PQclear(res);
	PQfinish(pg);
}
END_TEST

START_TEST(names_differ)
{
	int	i, k;

	for (i = 0; i < STMT__MAX; i++)
		for (k = 0; k < i; k++)
			ck_assert_str_ne(stmt_def((enum stmt)i)->name,
			    stmt_def((enum stmt)k)->name);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("stmt");
	TCase	*tc = fixture_case(s, "all");

	tcase_add_loop_test(tc, each_statement_fits_the_schema, 0, STMT__MAX);
	tcase_add_test(tc, names_differ);
	return fixture_main(s);
}
