/*
 * JSON: the record tables, the texts of mistakes, the bytes that are written.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "proto/json.h"
#include "unit.h"

static const struct field fields[] = {
	{ "id", FIELD_STR, 0, "ID" },
	{ "active", FIELD_BOOL, FIELD_INPUT, NULL },
	{ "bbb.key", FIELD_STR, FIELD_INPUT, "KEY" },
	{ "bbb.secret", FIELD_STR, FIELD_INPUT | FIELD_SECRET, NULL },
	{ "settings", FIELD_OBJECT, FIELD_INPUT, NULL },
	{ "hosts", FIELD_LIST, FIELD_INPUT, NULL },
	{ "account_ref", FIELD_STR, FIELD_INPUT | FIELD_NULL, NULL },
	{ "load", FIELD_REAL, FIELD_INPUT, NULL },
	{ "count", FIELD_INT, FIELD_INPUT, NULL },
	{ "created_at", FIELD_TIME, 0, NULL },
};
static const struct record record = RECORD(fields);

/* What is left of an input, written out; or the text of its error. */
static char *
input(const char *text)
{
	static char	 out[512];
	struct err	 e = ERR_INIT;
	struct buf	 b = { 0 };
	json_t		*in = NULL, *got = NULL;

	if (json_parse(text, strlen(text), &in, &e) == 0 &&
	    json_input(&record, in, text, strlen(text), &got, &e) == 0)
		json_write(&b, got);
	else
		buf_adds(&b, e.text);
	snprintf(out, sizeof(out), "%s", buf_str(&b));
	buf_free(&b);
	json_decref(in);
	json_decref(got);
	return out;
}

static const struct {
	const char	*text;
	const char	*got;
} inputs[] = {
	{ "", "{}" },
	{ " \n", "{}" },
	{ "null", "{}" },
	{ "{}", "{}" },
	{ "{\"active\":false} and more", "{\"active\":false}" },
	/* What may not be written is skipped unread. */
	{ "{\"id\":7,\"created_at\":\"0001-01-01T00:00:00Z\",\"x\":[1]}",
	    "{}" },
	{ "{\"ACTIVE\":true,\"BBB\":{\"Key\":\"k\"}}",
	    "{\"active\":true,\"bbb\":{\"key\":\"k\"}}" },
	{ "{\"Active\":true,\"active\":false}", "{\"active\":false}" },
	{ "{\"bbb\":{\"key\":\"k\",\"secret\":\"s\"}}",
	    "{\"bbb\":{\"key\":\"k\",\"secret\":\"s\"}}" },
	{ "{\"bbb\":null,\"active\":null,\"settings\":null}", "{}" },
	{ "{\"account_ref\":null}", "{\"account_ref\":null}" },
	{ "{\"load\":2,\"count\":9007199254740993}",
	    "{\"count\":9007199254740993,\"load\":2}" },
	{ "{\"load\":9.3e18}", "a number is beyond what 64 bits hold" },
	{ "{\"load\":1,\"x\":[{\"y\":-1e300}]}",
	    "a number is beyond what 64 bits hold" },
	{ "{\"load\":9.2e18}", "{\"load\":9200000000000000000}" },
	{ "{\"load\":1.5}", "{\"load\":1.5}" },
	{ "{\"bbb\":{\"key\":7}}", "Unmarshal type error: expected=string,"
	    " got=number, field=bbb.key, offset=15" },
	{ "{\"account_ref\":\"a\", \"bbb\" : \"x\" }", "Unmarshal type error:"
	    " expected=object, got=string, field=bbb, offset=31" },
	{ "{\"active\":\"yes\"}", "Unmarshal type error: expected=bool,"
	    " got=string, field=active, offset=15" },
	{ "{\"load\":\"1\"}", "Unmarshal type error: expected=float64,"
	    " got=string, field=load, offset=11" },
	{ "{\"count\":1.5}", "Unmarshal type error: expected=int64,"
	    " got=number, field=count, offset=12" },
	{ "{\"settings\":[]}", "Unmarshal type error: expected=object,"
	    " got=array, field=settings, offset=14" },
	{ "{\"hosts\":[\"a\",1]}", "Unmarshal type error: expected=[]string,"
	    " got=array, field=hosts, offset=16" },
	{ "[1]", "Unmarshal type error: expected=object, got=array, field=,"
	    " offset=3" },
	{ "7", "Unmarshal type error: expected=object, got=number, field=,"
	    " offset=1" },
	{ "{\"active\":", "unexpected EOF" },
	{ "{\"active\":tru", "Syntax error: offset=13, error=invalid token"
	    " near 'tru'" },
	{ "{'a':1}", "Syntax error: offset=2, error=string or '}' expected"
	    " near '''" },
};

START_TEST(what_is_taken)
{
	size_t	i;

	for (i = 0; i < COUNT(inputs); i++)
		ck_assert_str_eq(input(inputs[i].text), inputs[i].got);
}
END_TEST

START_TEST(depth_has_a_limit)
{
	char	text[2 * (JSON_DEPTH_MAX + 1) + 1];

	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	text[2 * (JSON_DEPTH_MAX + 1)] = '\0';
	ck_assert_str_eq(input(text),
	    "Syntax error: offset=33, error=exceeded max depth");
	/* Brackets in a string are no depth. */
	memcpy(text, "{\"x\":\"", 6);
	memcpy(text + sizeof(text) - 4, "\"}", 3);
	ck_assert_str_eq(input(text), "{}");
}
END_TEST

START_TEST(members_are_found)
{
	json_t	*j = json_loads("{\"a\":{\"b\":1},\"c\":2}", 0, NULL);

	ck_assert_int_eq(json_integer_value(json_member(j, "a.b")), 1);
	ck_assert_int_eq(json_integer_value(json_member(j, "C")), 2);
	ck_assert_ptr_null(json_member(j, "c.d"));
	ck_assert_ptr_null(json_member(j, "x"));
	json_decref(j);
}
END_TEST

static const struct {
	const char	*text;
	const char	*written;
} values[] = {
	{ "{\"b\":1,\"a\":{\"d\":[],\"c\":{}},\"B\":null}",
	    "{\"B\":null,\"a\":{\"c\":{},\"d\":[]},\"b\":1}" },
	{ "\"<a href='x'>&\"", "\"\\u003ca href='x'\\u003e\\u0026\"" },
	{ "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\"",
	    "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\"" },
	{ "\"\\u2028\\u2029\\u00fc/\"", "\"\\u2028\\u2029\303\274/\"" },
	{ "[true,false,null,-7]", "[true,false,null,-7]" },
	{ "1.0", "1" }, { "0.1", "0.1" }, { "1.25", "1.25" },
	{ "1.100000023841858", "1.100000023841858" },
	{ "1e6", "1000000" }, { "123456789.5", "123456789.5" },
	{ "0.00001", "0.00001" }, { "0.000015", "0.000015" },
	{ "1e-7", "1e-07" }, { "1e20", "100000000000000000000" },
};

START_TEST(what_is_written)
{
	struct buf	 b = { 0 };
	json_t		*j;
	size_t		 i;

	for (i = 0; i < COUNT(values); i++) {
		j = json_loads(values[i].text, JSON_DECODE_ANY, NULL);
		ck_assert_ptr_nonnull(j);
		json_write(&b, j);
		ck_assert_str_eq(buf_str(&b), values[i].written);
		json_decref(j);
		buf_reset(&b);
	}
	buf_free(&b);
}
END_TEST

START_TEST(bad_utf8_is_replaced)
{
	struct buf	b = { 0 };

	json_write_str(&b, "a\377\303");
	ck_assert_str_eq(buf_str(&b), "\"a\\ufffd\\ufffd\"");
	buf_free(&b);
}
END_TEST

static const struct {
	long long	 us;
	const char	*text;
} times[] = {
	{ 0, "\"1970-01-01T00:00:00Z\"" },
	{ 1700000000000000, "\"2023-11-14T22:13:20Z\"" },
	{ 1700000000500000, "\"2023-11-14T22:13:20.5Z\"" },
	{ 1700000000000001, "\"2023-11-14T22:13:20.000001Z\"" },
	{ -1, "\"1969-12-31T23:59:59.999999Z\"" },
	{ -62135596800000000, "\"0001-01-01T00:00:00Z\"" },
	{ 253402300800000000, "\"9999-12-31T23:59:59.999999Z\"" },
};

START_TEST(times_lose_their_zeros)
{
	struct buf	b = { 0 };
	size_t		i;

	for (i = 0; i < COUNT(times); i++) {
		json_write_time(&b, times[i].us);
		ck_assert_str_eq(buf_str(&b), times[i].text);
		buf_reset(&b);
	}
	buf_free(&b);
}
END_TEST

static const char *
cell(void *ctx, size_t i)
{
	return ((const char *const *)ctx)[i];
}

START_TEST(a_record_is_written_in_the_order_of_its_table)
{
	const char	*full[] = { "1", "t", "k", "s", "{\"b\": 1, \"a\": 2}",
	    "[\"x\"]", "acc", "1.5", "7", "1700000000000000" };
	const char	*none[sizeof(full) / sizeof(full[0])] = { NULL };
	struct buf	 b = { 0 };

	json_write_record(&b, &record, cell, full);
	ck_assert_str_eq(buf_str(&b), "{\"id\":\"1\",\"active\":true,\"bbb\":"
	    "{\"key\":\"k\",\"secret\":\"s\"},\"settings\":{\"a\":2,\"b\":1},"
	    "\"hosts\":[\"x\"],\"account_ref\":\"acc\",\"load\":1.5,"
	    "\"count\":7,\"created_at\":\"2023-11-14T22:13:20Z\"}");
	buf_reset(&b);
	json_write_record(&b, &record, cell, none);
	ck_assert_str_eq(buf_str(&b), "{\"id\":\"\",\"active\":false,\"bbb\":"
	    "{\"key\":\"\",\"secret\":\"\"},\"settings\":{},\"hosts\":[],"
	    "\"account_ref\":null,\"load\":0,\"count\":0,"
	    "\"created_at\":\"0001-01-01T00:00:00Z\"}");
	buf_free(&b);
}
END_TEST

START_TEST(objects_that_end_a_record_are_closed)
{
	static const struct field	two[] = {
		{ "a.x", FIELD_INT, 0, NULL }, { "b.x", FIELD_INT, 0, NULL },
	};
	static const struct record	r = RECORD(two);
	const char			*cells[] = { "1", "2" };
	struct buf			 b = { 0 };

	json_write_record(&b, &r, cell, cells);
	ck_assert_str_eq(buf_str(&b), "{\"a\":{\"x\":1},\"b\":{\"x\":2}}");
	buf_free(&b);
}
END_TEST

int
main(void)
{
	const TTest *const	tests[] = {
		what_is_taken, depth_has_a_limit, members_are_found,
		what_is_written, bad_utf8_is_replaced, times_lose_their_zeros,
		a_record_is_written_in_the_order_of_its_table,
		objects_that_end_a_record_are_closed,
	};

	return unit_run("json", tests, COUNT(tests));
}
