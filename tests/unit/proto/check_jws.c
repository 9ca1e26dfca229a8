/*
 * Tests of proto/jws: tokens that are signed, and those that only look so.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/jws.h"

#include "unit.h"

#define HS256	"{\"alg\":\"HS256\"}"
#define SECRET	"not-a-real-secret-0123456789abcdef"

/* What BBB sends when a recording is ready, signed with SECRET. */
#define CLAIMS	"{\"meeting_id\":\"abc123\",\"record_id\":\"6367c48dd193d56e" \
	"a7b0baad25b19455e529f5ee-1731999600123\"}"
#define TOKEN	"eyJhbGciOiJIUzI1NiJ9.eyJtZWV0aW5nX2lkIjoiYWJjMTIzIiwicmVjb" \
	"3JkX2lkIjoiNjM2N2M0OGRkMTkzZDU2ZWE3YjBiYWFkMjViMTk0NTVlNTI5ZjVlZS0" \
	"xNzMxOTk5NjAwMTIzIn0.RirSiqr6VvAGvLe-QvwM7QOC-uHigENAqeMauJFgdTQ"

static void
refused(const char *token, const char *why)
{
	struct jws	j;

	err_clear(&err);
	ck_assert_int_eq(jws_read(arena, token, &j, &err), -1);
	ck_assert_int_eq(err.code, ERR_DENIED);
	ck_assert_str_eq(err.text, why);
}

START_TEST(what_is_no_token_is_refused)
{
	static const char *const	texts[] = {
		"", ".", "eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9.e30",
		"eyJhbGciOiJIUzI1NiJ9.e30.a", "eyJhbGciOiJIUzI1NiJ9.e30.a=",
		"eyJhbGciOiJIUzI1NiJ9.e3 0.aaaa",
		"eyJhbGciOiJIUzI1NiJ9.e30.aaaa.aaaa",
	};
	size_t				i;

	for (i = 0; i < COUNT(texts); i++)
		refused(texts[i], "not a signed token");
}
END_TEST

START_TEST(no_other_algorithm_is_taken)
{
	static const char *const	headers[] = {
		"{\"alg\":\"none\"}", "{\"alg\":\"RS256\"}", "{\"alg\":256}",
		"{\"alg\":\"hs256\"}", "{}", "[]", "no JSON",
		"{\"alg\":\"none\",\"alg\":\"HS256\"}",
	};
	size_t				i;

	for (i = 0; i < COUNT(headers); i++)
		refused(jws_sign(arena, JWS_HS256, headers[i], "{}", SECRET),
		    "the token's algorithm is not HS256, HS384 or HS512");
}
END_TEST

START_TEST(only_the_right_secret_has_signed_it)
{
	struct jws	j;

	ck_assert_int_eq(jws_read(arena, TOKEN, &j, &err), 0);
	ck_assert(!jws_signed_by(&j, "another"));
	ck_assert(!jws_signed_by(&j, ""));
	ck_assert(!jws_signed_by(&j, SECRET "0"));
	ck_assert(jws_signed_by(&j, SECRET));
	check_bytes(j.payload, j.payload_len, CLAIMS);
}
END_TEST

START_TEST(an_empty_secret_signs_nothing)
{
	struct jws	j;

	ck_assert_int_eq(jws_read(arena, jws_sign(arena, JWS_HS256, HS256,
	    "{}", ""), &j, &err), 0);
	ck_assert(!jws_signed_by(&j, ""));
}
END_TEST

START_TEST(any_changed_byte_breaks_it)
{
	struct err	ignored = ERR_INIT;
	struct jws	j;
	char		*token;
	size_t		i;

	/* not the very last: two of its bits are padding */
	for (i = 0; i < strlen(TOKEN) - 1; i++) {
		token = arena_strdup(arena, TOKEN);
		token[i] = token[i] == 'A' ? 'B' : 'A';
		if (jws_read(arena, token, &j, &ignored) == 0)
			ck_assert_msg(!jws_signed_by(&j, SECRET), "byte %zu",
			    i);
	}
}
END_TEST

START_TEST(the_same_bytes_as_bbb)
{
	ck_assert_str_eq(jws_sign(arena, JWS_HS256, HS256, CLAIMS, SECRET),
	    TOKEN);
}
END_TEST

START_TEST(each_algorithm_reads_its_own)
{
	static const char *const	headers[] = {
		HS256, "{\"alg\":\"HS384\",\"typ\":\"JWT\"}",
		"{\"typ\":\"JWT\",\"alg\":\"HS512\"}",
	};
	struct jws			j;
	char				payload[40] = "";
	size_t				i, len;

	for (i = 0; i < COUNT(headers); i++)
		for (len = 0; len < sizeof(payload) - 1; len++) {
			memset(payload, 'x', len);
			payload[len] = '\0';
			ck_assert_int_eq(jws_read(arena, jws_sign(arena,
			    (enum jws_alg)i, headers[i], payload, SECRET), &j,
			    &err), 0);
			ck_assert_int_eq(j.alg, (enum jws_alg)i);
			check_bytes(j.payload, j.payload_len, payload);
			ck_assert(jws_signed_by(&j, SECRET));
		}
}
END_TEST

int
main(void)
{
	const TTest *const	tests[] = {
		what_is_no_token_is_refused, no_other_algorithm_is_taken,
		only_the_right_secret_has_signed_it,
		an_empty_secret_signs_nothing, any_changed_byte_breaks_it,
		the_same_bytes_as_bbb, each_algorithm_reads_its_own,
	};

	return unit_run("jws", tests, COUNT(tests));
}
