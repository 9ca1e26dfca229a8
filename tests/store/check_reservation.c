/*
 * Reservations: as they are written, they are shown and count.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "store/backend.h"
#include "store/reservation.h"

#define WHO	"{\"sub\":\"me\",\"role\":\"admin\",\"addr\":\"::1\"}"

enum { COL_ID, COL_BACKEND, COL_TAG, COL_FRONTENDS, COL_FROM, COL_UNTIL,
    COL_HOURS, COL_NOTE };

static struct rows *
add(const char *doc)
{
	struct rows	*r = reservation_add(db, WHO, doc, &e);

	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_uint_eq(rows_len(r), 1);
	return r;
}

START_TEST(what_is_written_is_shown)
{
	char		*f = fixture_frontend("f"), *b = fixture_backend("a");
	struct rows	*r = add(arena_printf(a, "{\"backend_id\":\"%s\","
			    "\"frontend_ids\":[\"%s\",\"%s\"],"
			    "\"from\":\"2030-01-01T01:00:00+01:00\","
			    "\"hours\":[{\"weekday\":2,\"starts\":\"8:00\","
			    "\"ends\":\"9:30\"}],\"note\":\"n\"}", b, f, f));

	ck_assert_str_eq(rows_str(r, 0, COL_BACKEND), b);
	ck_assert(rows_null(r, 0, COL_TAG) && rows_null(r, 0, COL_UNTIL));
	ck_assert_str_eq(rows_str(r, 0, COL_FRONTENDS),
	    arena_printf(a, "[\"%s\"]", f));
	ck_assert_int_eq(rows_int(r, 0, COL_FROM), 1893456000000000);
	ck_assert_str_eq(rows_str(r, 0, COL_HOURS), "[{\"ends\": \"09:30\","
	    " \"starts\": \"08:00\", \"weekday\": 2, \"time_zone\": \"UTC\"}]");
	ck_assert_str_eq(rows_str(r, 0, COL_NOTE), "n");
	rows_free(r);
}
END_TEST

START_TEST(absent_members_stay)
{
	char		*f = fixture_frontend("f"), *id;
	struct rows	*r = add(arena_printf(a, "{\"tag\":\"t\","
			    "\"frontend_ids\":[\"%s\"],\"note\":\"n\"}", f));

	id = rows_dup(r, 0, COL_ID, a);
	rows_free(r);
	r = reservation_change(db, WHO, id,
	    "{\"until\":\"2030-01-01T00:00:00Z\"}", &e);
	ck_assert_msg(r != NULL, "%s", e.text);
	ck_assert_str_eq(rows_str(r, 0, COL_TAG), "t");
	ck_assert_str_eq(rows_str(r, 0, COL_FRONTENDS),
	    arena_printf(a, "[\"%s\"]", f));
	ck_assert_int_eq(rows_int(r, 0, COL_UNTIL), 1893456000000000);
	rows_free(r);
	r = reservation_change(db, WHO, id,
	    "{\"until\":null,\"frontend_ids\":[],\"note\":\"\"}", &e);
	ck_assert(rows_null(r, 0, COL_UNTIL));
	ck_assert_str_eq(rows_str(r, 0, COL_FRONTENDS), "[]");
	ck_assert_str_eq(rows_str(r, 0, COL_NOTE), "");
	rows_free(r);
}
END_TEST

static const struct {
	const char	*doc;
	enum err_code	 code;
	const char	*says;
} bad[] = {
	{ "{}", ERR_INPUT, "reservations_check" },
	{ "{\"tag\":\"\"}", ERR_INPUT, "reservations_tag_check" },
	{ "{\"tag\":\"t\",\"backend_id\":"
	    "\"00000000-0000-0000-0000-000000000000\"}", ERR_INPUT,
	    "reservations_check" },
	{ "{\"backend_id\":\"00000000-0000-0000-0000-000000000000\"}",
	    ERR_MISSING, "reservations_backend_id_fkey" },
	{ "{\"tag\":\"t\",\"from\":\"2030-01-02T00:00:00Z\","
	    "\"until\":\"2030-01-01T00:00:00Z\"}", ERR_INPUT,
	    "reservations_check1" },
	{ "{\"tag\":\"t\",\"until\":\"infinity\"}", ERR_INPUT,
	    "reservations_check2" },
	{ "{\"tag\":\"t\",\"from\":\"2030-02-30T00:00:00Z\"}", ERR_INPUT,
	    "out of range" },
	{ "{\"tag\":\"t\",\"frontend_ids\":["
	    "\"00000000-0000-0000-0000-000000000000\"]}", ERR_MISSING,
	    "reservation_frontends_frontend_id_fkey" },
	{ "{\"tag\":\"t\",\"hours\":[{\"weekday\":1,\"starts\":\"1:00\","
	    "\"ends\":\"2:00\",\"time_zone\":\"Mars\"}]}", ERR_INPUT,
	    "time zone" },
};

START_TEST(what_is_wrong_is_refused_whole)
{
	struct rows	*r = reservation_add(db, WHO, bad[_i].doc, &e);

	ck_assert_ptr_null(r);
	ck_assert_int_eq(e.code, bad[_i].code);
	ck_assert_msg(strstr(e.text, bad[_i].says) != NULL, "%s", e.text);
	ck_assert_int_eq(sql_int("SELECT (SELECT count(*) FROM reservations)"
	    " + (SELECT count(*) FROM audit)"), 0);
}
END_TEST

START_TEST(the_cluster_has_a_new_version)
{
	struct cluster_rows	 c;
	char			*id;
	long long		 before;
	struct rows		*r;

	fixture_backend("a");
	ck_ok(backend_list(db, a, &c, &e));
	ck_assert_uint_eq(c.nreservations, 0);
	before = c.version;
	r = add("{\"tag\":\"t\"}");
	id = rows_dup(r, 0, COL_ID, a);
	rows_free(r);
	ck_ok(backend_list(db, a, &c, &e));
	ck_assert_uint_eq(c.nreservations, 1);
	ck_assert_int_gt(c.version, before);
	rows_free(reservation_remove(db, WHO, id, &e));
	ck_ok(backend_list(db, a, &c, &e));
	ck_assert_uint_eq(c.nreservations, 0);
}
END_TEST

static int
count(const struct rows *r, void *ctx)
{
	int	*n = ctx;

	n[0] = (int)rows_int(r, 0, 0);
	if (!rows_null(r, 0, 1))
		n[1]++;
	return 0;
}

START_TEST(a_page_and_the_number_of_all)
{
	static const char	*const pages[][2] = { { NULL, NULL },
				    { "2", NULL }, { "2", "2" },
				    { "2", "9" } };
	static const int	 seen[] = { 3, 2, 1, 0 };
	int			 n[2];
	size_t			 i;

	for (i = 0; i < 3; i++)
		rows_free(add("{\"tag\":\"t\"}"));
	for (i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		n[0] = n[1] = 0;
		ck_ok(reservation_search(db, pages[i], count, n, &e));
		ck_assert_int_eq(n[0], 3);
		ck_assert_int_eq(n[1], seen[i]);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("reservation");
	TCase	*t = fixture_case(s, "reservation");

	tcase_add_test(t, what_is_written_is_shown);
	tcase_add_test(t, absent_members_stay);
	tcase_add_loop_test(t, what_is_wrong_is_refused_whole, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(t, the_cluster_has_a_new_version);
	tcase_add_test(t, a_page_and_the_number_of_all);
	return fixture_main(s);
}
