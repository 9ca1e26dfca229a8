/*
 * Tests of proto/checksum: signatures as BBB and its clients make them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/checksum.h"

#include <ctype.h>
#include <stdio.h>

#include <jansson.h>

#include "unit.h"

#define SECRET	"639259d4-9dd8-4b25-bf01-95f9567eaf4b"
#define QUERY	"name=Test+Meeting&meetingID=abc123&attendeePW=111222" \
		"&moderatorPW=333444"
#define SHA1	"1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17"

static const char *const	hash_names[CHECKSUM__MAX] = {
	"sha1", "sha256", "sha384", "sha512"
};

static json_t *
vectors(void)
{
	struct view	 v = fixture("vectors.json");
	json_t		*root = json_loadb(v.p, v.len, 0, NULL);

	ck_assert_ptr_nonnull(root);
	return root;
}

static const char *
str(const json_t *o, const char *key)
{
	const char	*s = json_string_value(json_object_get(o, key));

	ck_assert_msg(s != NULL, "vectors.json: no %s", key);
	return s;
}

START_TEST(a_wrong_checksum_does_not_match)
{
	static const char *const	bad[] = {
		"", "x", (SHA1 "0"), ("0" SHA1),
		"1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f1",
		"1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f18",
		"2fcbb0c4fc1f039f73aa6d697d2db9ba7f803f17",
		"1fcbb0c4fc1f039f73aa6d697d2db9ba7f803f1 ",
	};
	char				hex[CHECKSUM_HEX_MAX];
	size_t				i;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert(!checksum_ok("create", VIEW(QUERY), SECRET,
		    bad[i]));
	ck_assert(checksum_ok("create", VIEW(QUERY), SECRET, SHA1));
	ck_assert(!checksum_ok("Create", VIEW(QUERY), SECRET, SHA1));
	ck_assert(!checksum_ok("create", VIEW(QUERY), SECRET "x", SHA1));
	ck_assert(!checksum_ok("create", VIEW(QUERY "&"), SECRET, SHA1));
	/* no secret, no access, though the digest be right */
	checksum_make(CHECKSUM_SHA1, "create", VIEW(""), "", hex);
	ck_assert(!checksum_ok("create", VIEW(""), "", hex));
}
END_TEST

START_TEST(the_hash_is_told_by_its_length)
{
	size_t	n;

	for (n = 0; n < 200; n++)
		ck_assert_int_eq(checksum_hash_by_len(n),
		    n == 40 ? CHECKSUM_SHA1 : n == 64 ? CHECKSUM_SHA256 :
		    n == 96 ? CHECKSUM_SHA384 : n == 128 ? CHECKSUM_SHA512 :
		    -1);
}
END_TEST

START_TEST(all_vectors_hold)
{
	json_t		*root = vectors(), *v, *want;
	struct view	 query;
	const char	*w, *p;
	char		 hex[CHECKSUM_HEX_MAX], upper[CHECKSUM_HEX_MAX];
	size_t		 i, seen = 0;
	int		 h;

	json_array_foreach(json_object_get(root, "checksum"), i, v)
		for (h = 0; h < CHECKSUM__MAX; h++) {
			want = json_object_get(json_object_get(v, "checksum"),
			    hash_names[h]);
			if ((w = json_string_value(want)) == NULL)
				continue;
			query = view_of(str(v, "query"));
			ck_assert_uint_eq(checksum_make(h, str(v, "call"),
			    query, str(v, "secret"), hex), strlen(w));
			ck_assert_str_eq(hex, w);
			for (p = w; *p != '\0'; p++)
				upper[p - w] = (char)toupper(*p);
			upper[p - w] = '\0';
			ck_assert(checksum_ok(str(v, "call"), query,
			    str(v, "secret"), w));
			ck_assert(checksum_ok(str(v, "call"), query,
			    str(v, "secret"), upper));
			seen++;
		}
	ck_assert_uint_ge(seen, 40);
	json_decref(root);
}
END_TEST

/* The other SHA-1s of the file are made of the same parts. */
START_TEST(ids_and_hook_signatures_of_the_vectors_hold)
{
	json_t		*root = vectors(), *v;
	char		 hex[CHECKSUM_HEX_MAX], *id;

	v = json_object_get(root, "internalMeetingID");
	checksum_make(CHECKSUM_SHA1, str(v, "externalMeetingID"), VIEW(""),
	    "", hex);
	id = arena_printf(arena, "%s-%lld", hex, (long long)
	    json_integer_value(json_object_get(v, "createTime")));
	ck_assert_str_eq(id, str(v, "value"));

	v = json_object_get(root, "breakout");
	id = arena_printf(arena, "-%s-%lld", str(v, "timestamp"), (long long)
	    json_integer_value(json_object_get(v, "sequence")));
	checksum_make(CHECKSUM_SHA1, str(v, "parentInternalID"), view_of(id),
	    "", hex);
	id = arena_printf(arena, "%s-%s", hex, str(v, "timestamp"));
	ck_assert_str_eq(id, str(v, "externalMeetingID"));

	v = json_object_get(root, "hookCallback");
	ck_assert(checksum_ok(str(v, "callbackURL"), view_of(str(v, "body")),
	    str(v, "secret"), str(v, "sha1")));
	ck_assert(checksum_ok(str(v, "callbackURL"), view_of(str(v, "body")),
	    str(v, "secret"), str(v, "sha256")));
	json_decref(root);
}
END_TEST

START_TEST(the_checksum_is_cut_out_as_bbb_cuts)
{
	static const struct {
		const char	*raw, *value, *left;
	} t[] = {
		{ "checksum=C", "C", "" },
		{ "&checksum=C", "C", "" },
		{ "a=1&checksum=C", "C", "a=1" },
		{ "checksum=C&a=1", "C", "a=1" },
		{ "a=1&checksum=C&b=2", "C", "a=1&b=2" },
		{ "&a=1&checksum=C", "C", "&a=1" },
		{ "a=1&&checksum=C", "C", "a=1&" },
		/* every occurrence, wherever it is */
		{ "a=1&checksum=C&checksum=C", "C", "a=1" },
		{ "checksum=C&a=1&checksum=C", "C", "a=1" },
		{ "xchecksum=C", "C", "x" },
		{ "a=checksum=C", "C", "a=" },
		{ "xchecksum=C&a=1", "C", "xa=1" },
		{ "a=1&checksum=Cx", "C", "a=1x" },
		/* another value stays, as does an escaped one */
		{ "a=1&checksum=D", "C", "a=1&checksum=D" },
		{ "checksum=D&a=1&checksum=C", "C", "checksum=D&a=1" },
		{ "a=1&checksum=%43", "C", "a=1&checksum=%43" },
		{ "a=1", "C", "a=1" },
		{ "", "C", "" },
		{ "a=1&checksum=", "", "a=1" },
		/* control characters and outer blanks */
		{ " a=1&checksum=C ", "C", "a=1" },
		{ "a=1\x01\x7f\xc2\x85\xc2\xa0&checksum=C", "C",
		    "a=1\xc2\xa0" },
		{ "a=1&check\nsum=C", "C", "a=1" },
		{ "a=\xc3\x85&checksum=C", "C", "a=\xc3\x85" },
	};
	struct view	v;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		v = checksum_strip(arena, view_of(t[i].raw), t[i].value);
		check_bytes(v.p, v.len, t[i].left);
	}
}
END_TEST

START_TEST(the_usual_query_is_not_copied)
{
	struct view	raw = VIEW(QUERY "&checksum=" SHA1), v;
	size_t		before = arena_used(arena);

	v = checksum_strip(arena, raw, SHA1);
	ck_assert_ptr_eq(v.p, raw.p);
	ck_assert_uint_eq(arena_used(arena), before);
	ck_assert(checksum_ok("create", v, SECRET, SHA1));
}
END_TEST

START_TEST(a_form_is_rebuilt_sorted_and_form_encoded)
{
	static const struct {
		const char	*form, *rebuilt;
	} t[] = {
		{ "record=true&checksum=C&name=Gr%C3%B6%c3%9fe%20*~-._%2Bx"
		    "&meetingID=abc123",
		    "meetingID=abc123&name=Gr%C3%B6%C3%9Fe+*%7E-._%2Bx"
		    "&record=true" },
		{ "b=2&a=z&b=1&a=y&B=3&ab=4", "B=3&a=z&a=y&ab=4&b=2&b=1" },
		{ "meta%5Fx=a/b", "meta_x=a%2Fb" },
		{ "checksum=C", "" },
		{ "", "" },
		{ "a", "a=" },
	};
	struct query	q;
	struct view	v;
	size_t		i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_int_eq(query_parse(arena, view_of(t[i].form), 99,
		    &q, &err), 0);
		v = checksum_rebuilt(arena, &q);
		check_bytes(v.p, v.len, t[i].rebuilt);
	}
}
END_TEST

START_TEST(the_rebuilt_vector_verifies)
{
	static const char	form[] = "record=true&name=Gr%C3%B6%C3%9Fe"
	    "%20*%7E-._%20x&checksum=C&meetingID=abc123";
	struct query		q;

	ck_assert_int_eq(query_parse(arena, VIEW(form), 99, &q, &err), 0);
	ck_assert(checksum_ok("create", checksum_rebuilt(arena, &q),
	    "not-a-real-secret-0123456789abcdef",
	    "11f268f91512aeaef769d6429def7eb4af540a8239a9cb088f17fa46cbdcd790"
	    ));
}
END_TEST

START_TEST(a_call_is_signed_over_what_is_sent)
{
	struct query	q;
	struct buf	b = { NULL, 0, 0 };

	query_parse(arena, VIEW(""), 9, &q, &err);
	checksum_sign(&b, "create", &q, SECRET, CHECKSUM_SHA256);
	check_bytes(buf_str(&b), b.len, "create?checksum="
	    "272c9555258496a3f19c5ad8f599af2a4ebec031381ff1e37b34842c42c12284"
	    );
	buf_reset(&b);
	query_parse(arena, VIEW("attendeePW=111222&meetingID=abc123"
	    "&moderatorPW=333444&name=Test Meeting"), 9, &q, &err);
	buf_adds(&b, "https://h/");
	checksum_sign(&b, "create", &q, SECRET, CHECKSUM_SHA256);
	check_bytes(buf_str(&b), b.len, "https://h/create?attendeePW=111222"
	    "&meetingID=abc123&moderatorPW=333444&name=Test+Meeting&checksum="
	    "94ec9a89c7dc53af01537aef9f8ecbae5e95cd7f37cd4bf18101b976a4a8b097"
	    );
	buf_reset(&b);
	checksum_sign(&b, "create", &q, SECRET, CHECKSUM_SHA1);
	check_bytes(buf_str(&b), b.len, "create?attendeePW=111222"
	    "&meetingID=abc123&moderatorPW=333444&name=Test+Meeting&checksum="
	    "0b89c2ebcfefb76772cbcf19386c33561f66f6ae");
	buf_free(&b);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		a_wrong_checksum_does_not_match,
		the_hash_is_told_by_its_length,
		all_vectors_hold,
		ids_and_hook_signatures_of_the_vectors_hold,
		the_checksum_is_cut_out_as_bbb_cuts,
		the_usual_query_is_not_copied,
		a_form_is_rebuilt_sorted_and_form_encoded,
		the_rebuilt_vector_verifies,
		a_call_is_signed_over_what_is_sent,
	};

	return unit_run("checksum", tests, COUNT(tests));
}
