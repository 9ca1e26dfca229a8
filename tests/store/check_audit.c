/*
 * The trace of changes: each leaves one, secrets leave none.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "fixture.h"
#include "store/audit.h"
#include "store/backend.h"
#include "store/frontend.h"

#define WHO	"{\"sub\":\"me\",\"role\":\"admin\",\"addr\":\"::1\"}"
#define DOC	"{\"bbb\":{\"key\":\"k\",\"secret\":\"hidden\"}}"

/* The actions of a page, newest first, and the number of all. */
struct page {
	char	actions[256];
	int	total;
};

static int
note(const struct rows *r, void *ctx)
{
	enum { COL_TOTAL, COL_ID, COL_ACTION = 6 };
	struct page	*p = ctx;

	p->total = (int)rows_int(r, 0, COL_TOTAL);
	if (rows_null(r, 0, COL_ID))
		return 0;
	strcat(p->actions, rows_str(r, 0, COL_ACTION));
	strcat(p->actions, " ");
	return 0;
}

static void
check_page(const struct audit_filter *f, const char *actions, int total)
{
	struct page	p = { "", -1 };

	ck_ok(audit_search(db, f, note, &p, &e));
	ck_assert_str_eq(p.actions, actions);
	ck_assert_int_eq(p.total, total);
}

/* Runs one and gives the first column of its row. */
static char *
id_of(struct rows *r)
{
	char	*id;

	ck_assert_msg(r != NULL, "%s", e.text);
	id = rows_len(r) == 0 ? NULL : rows_dup(r, 0, 0, a);
	rows_free(r);
	return id;
}

START_TEST(each_change_leaves_one)
{
	struct audit_filter	 f = { .resource = "frontend" };
	char			*id = id_of(frontend_add(db, WHO, DOC, &e));

	id_of(frontend_change(db, WHO, id, NULL, "{\"active\":false}", &e));
	id_of(frontend_remove(db, WHO, id, &e));
	check_page(&f, "delete change create ", 3);
	f.resource_id = id;
	check_page(&f, "delete change create ", 3);
	f.limit = "1";
	f.offset = "1";
	check_page(&f, "change ", 3);
	f.offset = "3";
	check_page(&f, "", 3);
	f = (struct audit_filter){ .actor = "somebody else" };
	check_page(&f, "", 0);
	f = (struct audit_filter){ .actor = "me", .action = "create" };
	check_page(&f, "create ", 1);
	f = (struct audit_filter){ .since = "2999-01-01T00:00:00Z" };
	check_page(&f, "", 0);
	f = (struct audit_filter){ .until = "2999-01-01T00:00:00Z" };
	check_page(&f, "delete change create ", 3);
}
END_TEST

START_TEST(who_is_told)
{
	id_of(frontend_add(db, WHO, DOC, &e));
	ck_assert_str_eq(sql_text("SELECT actor || ' ' || role || ' ' ||"
	    " address || ' ' || name FROM audit"), "me admin ::1 k");
}
END_TEST

START_TEST(secrets_are_masked)
{
	struct frontend_rotation	r = { .secret = "fresh",
					    .valid_s = "60" };

	r.id = id_of(frontend_add(db, WHO, DOC, &e));
	id_of(frontend_change(db, WHO, r.id, NULL,
	    "{\"bbb\":{\"secret\":\"hidden too\"}}", &e));
	id_of(frontend_rotate(db, WHO, &r, &e));
	ck_assert_int_eq(sql_int("SELECT count(*) FROM audit"), 3);
	ck_assert_int_eq(sql_int("SELECT count(*) FROM audit"
	    " WHERE changes::text ~ 'hidden|fresh'"), 0);
	ck_assert_str_eq(sql_text("SELECT changes#>>'{bbb,secret}'"
	    " FROM audit WHERE action = 'change'"), "***");
}
END_TEST

START_TEST(what_did_not_happen_leaves_none)
{
	static const char		nobody[] =
	    "00000000-0000-0000-0000-000000000000";
	const struct backend_key	k = { nobody, NULL, "5000" };
	char				*id = id_of(frontend_add(db, WHO, DOC,
					    &e));

	ck_assert_ptr_null(frontend_add(db, WHO, DOC, &e));
	ck_assert_int_eq(e.code, ERR_CONFLICT);
	err_clear(&e);
	ck_assert_ptr_null(id_of(frontend_change(db, WHO, nobody, NULL, "{}",
	    &e)));
	ck_assert_ptr_null(id_of(frontend_change(db, WHO, id, "another",
	    "{}", &e)));
	ck_assert_ptr_null(id_of(frontend_remove(db, WHO, nobody, &e)));
	ck_assert_ptr_null(id_of(backend_change(db, WHO, &k, "{}", &e)));
	ck_assert_ptr_null(id_of(backend_remove(db, WHO, &k, true, &e)));
	ck_assert_ptr_null(id_of(backend_remove(db, WHO, &k, false, &e)));
	ck_assert_int_eq(sql_int("SELECT count(*) FROM audit"), 1);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("audit");
	TCase	*t = fixture_case(s, "audit");

	tcase_add_test(t, each_change_leaves_one);
	tcase_add_test(t, who_is_told);
	tcase_add_test(t, secrets_are_masked);
	tcase_add_test(t, what_did_not_happen_leaves_none);
	return fixture_main(s);
}
