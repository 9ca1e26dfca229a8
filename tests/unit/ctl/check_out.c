/*
 * The forms of output, byte for byte.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <locale.h>

#include "out.h"
#include "unit.h"

static const struct field	fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "x.name", FIELD_STR, 0, "NAME" },
	{ "n", FIELD_INT, 0, "COUNT" },
	{ "tags", FIELD_LIST, FIELD_NULL, "TAGS" },
	{ "at", FIELD_TIME, 0, NULL },
	{ "o", FIELD_OBJECT, 0, NULL },
};
static const struct record	record = RECORD(fields);

static const char		data[] =
    "[{\"id\":\"a\",\"x\":{\"name\":\"long name\"},\"n\":5,"
    "\"tags\":[\"p\",\"q\"],\"at\":\"2026-01-02T03:04:05.678Z\","
    "\"o\":{\"b\":1,\"a\":2}},"
    "{\"id\":\"bcd\",\"x\":{\"name\":\"\"},\"n\":1234567,\"tags\":null,"
    "\"at\":\"0001-01-01T00:00:00Z\",\"o\":{}}]";

static void
check(enum out_form form, const char *columns, const char *text,
    const char *want)
{
	json_t		*j = json_loads(text, JSON_DECODE_ANY, NULL);
	struct buf	 b = { 0 };

	ck_assert_ptr_nonnull(j);
	out_write(&b, form, &record, columns, j);
	ck_assert_str_eq(buf_str(&b), want);
	buf_free(&b);
	json_decref(j);
}

START_TEST(there_are_three_forms)
{
	ck_assert_int_eq(out_form("xml"), -1);
	ck_assert_int_eq(out_form(""), -1);
	ck_assert_int_eq(out_form("JSON"), -1);
	ck_assert_int_eq(out_form("table"), OUT_TABLE);
	ck_assert_int_eq(out_form("json"), OUT_JSON);
	ck_assert_int_eq(out_form("keyvalue"), OUT_KEYVALUE);
}
END_TEST

START_TEST(a_table)
{
	check(OUT_TABLE, NULL, data,
	    "ID   NAME         COUNT  TAGS\n"
	    "a    long name        5  p,q\n"
	    "bcd             1234567\n");
	check(OUT_DEFAULT, "n id", data,
	    "  COUNT  ID\n      5  a\n1234567  bcd\n");
}
END_TEST

START_TEST(an_empty_table)
{
	check(OUT_TABLE, NULL, "[]", "ID  NAME  COUNT  TAGS\n");
	check(OUT_KEYVALUE, NULL, "[]", "");
	check(OUT_JSON, NULL, "[]", "[]\n");
}
END_TEST

START_TEST(names_and_values)
{
	check(OUT_KEYVALUE, NULL, data,
	    "id=a\nx.name=long name\nn=5\ntags=p,q\n"
	    "at=2026-01-02T03:04:05Z\no={\"a\":2,\"b\":1}\n\n"
	    "id=bcd\nx.name=\nn=1234567\ntags=\nat=\no={}\n");
}
END_TEST

START_TEST(one_record)
{
	static const char	one[] = "{\"id\":\"a\",\"n\":0.1}";

	check(OUT_TABLE, "id n", one, "ID  COUNT\na     0.1\n");
	check(OUT_JSON, NULL, one, "{\n  \"id\": \"a\",\n  \"n\": 0.1\n}\n");
}
END_TEST

/* A table tells what is set, and the other forms all there is. */
START_TEST(an_object_in_a_cell)
{
	static const struct field	two[] = {
		{ "id", FIELD_STR, 0, "ID" }, { "o", FIELD_OBJECT, 0, "O" },
	};
	static const struct record	r = RECORD(two);
	json_t		*j = json_loads("[{\"id\":\"a\",\"o\":{\"x\":null,"
			    "\"y\":{},\"z\":[],\"n\":0}},"
			    "{\"id\":\"b\",\"o\":{\"x\":null}}]", 0, NULL);
	struct buf	 b = { 0 };

	ck_assert_ptr_nonnull(j);
	out_write(&b, OUT_TABLE, &r, NULL, j);
	ck_assert_str_eq(buf_str(&b), "ID  O\na   {\"n\":0}\nb\n");
	buf_reset(&b);
	out_write(&b, OUT_KEYVALUE, &r, NULL, j);
	ck_assert_str_eq(buf_str(&b), "id=a\n"
	    "o={\"n\":0,\"x\":null,\"y\":{},\"z\":[]}\n\n"
	    "id=b\no={\"x\":null}\n");
	buf_free(&b);
	json_decref(j);
}
END_TEST

START_TEST(a_stranger_writes_no_escapes)
{
	check(OUT_TABLE, "id x.name",
	    "[{\"id\":\"\\u001b[2J\",\"x\":{\"name\":\"a\\nb\\u009bc\"}}]",
	    "ID    NAME\n?[2J  a?b?c\n");
	check(OUT_KEYVALUE, NULL, "{\"id\":\"a\\nid=b\"}",
	    "id=a?id=b\nx.name=\nn=\ntags=\nat=\no=\n");
}
END_TEST

START_TEST(wide_characters_are_wide)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	ck_assert_uint_eq(out_width("abc"), 3);
	ck_assert_uint_eq(out_width("\xc3\xbc"), 1);
	ck_assert_uint_eq(out_width("\xe6\xbc\xa2"), 2);
	check(OUT_TABLE, "id n",
	    "[{\"id\":\"\xe6\xbc\xa2\",\"n\":1},{\"id\":\"abc\",\"n\":2}]",
	    "ID   COUNT\n\xe6\xbc\xa2       1\nabc      2\n");
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		there_are_three_forms, a_table, an_empty_table,
		names_and_values, one_record, an_object_in_a_cell,
		a_stranger_writes_no_escapes,
		wide_characters_are_wide,
	};

	return unit_run("out", tests, COUNT(tests));
}
