/*
 * Tests of proto/bbb: replies, meeting ids, numbers.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/bbb.h"

#include <limits.h>

#include "unit.h"

START_TEST(what_is_no_reply_is_refused)
{
	static const struct {
		const char	*xml, *text;
	} t[] = {
		{ "", "reply: line 1: no element found" },
		{ "<html><body>502</body></html>",
		    "reply: not a response with a returncode" },
		{ "<response><messageKey>x</messageKey></response>",
		    "reply: not a response with a returncode" },
		{ "<response><a><returncode>SUCCESS</returncode></a>"
		    "</response>",
		    "reply: not a response with a returncode" },
		{ "<response>\n<returncode>SUCCESS</returncode>\n",
		    "reply: line 3: no element found" },
		{ "<!DOCTYPE response><response><returncode>SUCCESS"
		    "</returncode></response>",
		    "reply: line 1: a document type is not allowed" },
	};
	struct bbb_reply	r;
	size_t			i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_int_eq(bbb_reply_read(arena, view_of(t[i].xml), &r,
		    &err), -1);
		ck_assert_int_eq(err.code, ERR_BACKEND);
		ck_assert_str_eq(err.key, "backendUnavailable");
		ck_assert_str_eq(err.text, t[i].text);
	}
}
END_TEST

START_TEST(the_traps_are_refused)
{
	static const char *const	traps[] = {
		"trap-getMeetings-illformed.xml", "trap-truncated.xml",
		"error-500.html", "error-json.json",
	};
	struct bbb_reply		r;
	size_t				i;

	for (i = 0; i < COUNT(traps); i++)
		ck_assert_msg(bbb_reply_read(arena, fixture(traps[i]), &r,
		    &err) == -1, "%s was taken", traps[i]);
}
END_TEST

START_TEST(outcome_key_and_message_are_read)
{
	static const struct {
		const char	*file;
		bool		 success;
		const char	*key;
		const char	*message;
	} t[] = {
		{ "create-new.xml", true, "", "" },
		{ "create-duplicate.xml", true, "duplicateWarning",
		    "This conference was already in existence and may"
		    " currently be in progress." },
		{ "create-nonUniqueVoiceBridge.xml", false,
		    "nonUniqueVoiceBridge",
		    "The selected voice bridge is already in use." },
		{ "error-notFound.xml", false, "notFound",
		    "A meeting with that ID does not exist" },
		{ "error-checksum.xml", false, "checksumError",
		    "Checksums do not match" },
		{ "getMeetings-empty.xml", true, "noMeetings",
		    "no meetings were found on this server" },
		{ "getMeetings-mixed.xml", true, "", "" },
		{ "isMeetingRunning-false.xml", true, "", "" },
		{ "index-3.0.xml", true, "", "" },
	};
	struct bbb_reply	r;
	size_t			i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_msg(bbb_reply_read(arena, fixture(t[i].file), &r,
		    &err) == 0, "%s: %s", t[i].file, err.text);
		ck_assert(r.success == t[i].success);
		ck_assert_str_eq(r.key, t[i].key);
		ck_assert_str_eq(r.message, t[i].message);
		ck_assert_str_eq(r.root->name, "response");
	}
}
END_TEST

START_TEST(a_message_without_a_key_is_read)
{
	struct bbb_reply	r;

	ck_assert_int_eq(bbb_reply_read(arena, VIEW("<response><returncode>"
	    "FAILED</returncode><message>no</message></response>"), &r, &err),
	    0);
	ck_assert(!r.success);
	ck_assert_str_eq(r.key, "");
	ck_assert_str_eq(r.message, "no");
	ck_assert_int_eq(bbb_reply_read(arena, VIEW("<response><returncode>"
	    "success</returncode></response>"), &r, &err), 0);
	ck_assert(!r.success);
}
END_TEST

START_TEST(what_is_no_encoded_id_is_not_decoded)
{
	static const char *const	bad[] = {
		"", "abc123", "A", "====", "=AAA",
		"WyJma2V5MSIsIm1pZDEiLCJiM3NjbCJ",	/* cut */
		"WyJma2V5MSIsIm1pZDEiLCJiM3NjbCJd====",
		"WyJma2V5MSIsIm1pZDEiLCJiM3NjbCJd\n",
		"WyJma2V5MSIsIm1pZDEiLCJiM3NjbCJ+",	/* not URL-safe */
		"WyJhIiwiYiJd",				/* two strings */
		"WyJhIiwiYiIsImIzc2NsIiwiYyJd",		/* four */
		"WyJhIiwiYiIsImIzc2NtIl0=",		/* another tag */
		"WyJhIiwiYiIsImIzc2NsIl0",		/* no padding */
		"WyJhIiwxLCJiM3NjbCJd",			/* a number */
		"WyJhIixudWxsLCJiM3NjbCJd",		/* null */
		"eyJhIjoiYiJ9",				/* an object */
		"WyJhIiwiYiIsImIzc2NsIl14",		/* more behind it */
		"WyJhIiwiXHUwMDAwIiwiYjNzY2wiXQ==",	/* a NUL */
		"Ilx1MDAwMCI=",
	};
	char				*key, *mid;
	size_t				 i;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(bbb_meeting_id_decode(arena, bad[i], &key,
		    &mid) == -1, "%s was decoded", bad[i]);
}
END_TEST

START_TEST(ids_are_encoded_as_the_go_program_does)
{
	static const struct {
		const char	*key, *mid, *id;
	} t[] = {
		{ "fkey1", "mid1", "WyJma2V5MSIsIm1pZDEiLCJiM3NjbCJd" },
		/* ["a","b","b3scl"] */
		{ "a", "b", "WyJhIiwiYiIsImIzc2NsIl0=" },
		/* ["k","<&>\"\\/","b3scl"], the first three as \u00xx */
		{ "k", "<&>\"\\/", "WyJrIiwiXHUwMDNjXHUwMDI2XHUwMDNlXCJcXC8i"
		    "LCJiM3NjbCJd" },
		/* \b \f \n \r \t and two without a letter of their own */
		{ "k", "\b\f\n\r\t\x01\x1f", "WyJrIiwiXGJcZlxuXHJcdFx1MDAwMV"
		    "x1MDAxZiIsImIzc2NsIl0=" },
		/* DEL, u umlaut and an emoji as they are */
		{ "k", "\x7f\xc3\xbc\xf0\x9f\x98\x80",
		    "WyJrIiwif8O88J-YgCIsImIzc2NsIl0=" },
		/* U+2028, U+2029 */
		{ "k", "\xe2\x80\xa8\xe2\x80\xa9",
		    "WyJrIiwiXHUyMDI4XHUyMDI5IiwiYjNzY2wiXQ==" },
	};
	char	*key, *mid;
	size_t	 i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert_str_eq(bbb_meeting_id_encode(arena, t[i].key,
		    t[i].mid), t[i].id);
		ck_assert_int_eq(bbb_meeting_id_decode(arena, t[i].id, &key,
		    &mid), 0);
		ck_assert_str_eq(key, t[i].key);
		ck_assert_str_eq(mid, t[i].mid);
	}
}
END_TEST

/* Each bad byte becomes U+FFFD, so decoding gives that. */
START_TEST(bad_utf8_is_replaced_in_an_id)
{
	char	*key, *mid;

	ck_assert_str_eq(bbb_meeting_id_encode(arena, "k", "\xff\xc3"),
	    "WyJrIiwiXHVmZmZkXHVmZmZkIiwiYjNzY2wiXQ==");
	ck_assert_int_eq(bbb_meeting_id_decode(arena,
	    "WyJrIiwiXHVmZmZkXHVmZmZkIiwiYjNzY2wiXQ==", &key, &mid), 0);
	ck_assert_str_eq(mid, "\xef\xbf\xbd\xef\xbf\xbd");
}
END_TEST

START_TEST(a_long_id_is_hashed)
{
	char	 mid[300], *id, *other, *k, *m;
	size_t	 n;

	/* ["k","","b3scl"] are 16 bytes; 252 characters hold 189 */
	memset(mid, 'x', sizeof(mid));
	for (n = 150; n < 256; n++) {
		mid[n] = '\0';
		id = bbb_meeting_id_encode(arena, "k", mid);
		ck_assert_uint_le(strlen(id), 255);
		if (n <= 173) {
			ck_assert_int_eq(bbb_meeting_id_decode(arena, id, &k,
			    &m), 0);
			ck_assert_str_eq(m, mid);
		} else {
			ck_assert(str_starts(id, "b3s-"));
			ck_assert_uint_eq(strlen(id), 4 + 64);
			ck_assert_int_eq(bbb_meeting_id_decode(arena, id, &k,
			    &m), -1);
		}
		mid[n] = 'x';
	}
	mid[256] = '\0';
	id = bbb_meeting_id_encode(arena, "k", mid);
	other = bbb_meeting_id_encode(arena, "l", mid);
	ck_assert_str_ne(id, other);
	/* printf '["k","%s","b3scl"]' xxx... | sha256sum */
	ck_assert_str_eq(id, "b3s-"
	    "77a8777813b0e8658f9cbc9e94516334ecb3b1d33b7a8b2e009477d443abd808");
}
END_TEST

START_TEST(numbers_drop_what_is_no_digit)
{
	static const struct {
		const char	*text;
		long long	 n;
	} t[] = {
		{ "", 0 }, { "x", 0 }, { "0", 0 }, { "1024", 1024 },
		{ "1,024", 1024 }, { "1.024", 1024 }, { "1'024", 1024 },
		{ "1 024", 1024 }, { "1\xc2\xa0" "024", 1024 },
		{ "1\xe2\x80\xaf" "024", 1024 },
		{ "1\xe2\x80\x99" "024", 1024 }, { " 7\n", 7 },
		{ "1731999600123", 1731999600123 },
		{ "9223372036854775807", LLONG_MAX },
		{ "9223372036854775808", LLONG_MAX },
		{ "99999999999999999999999", LLONG_MAX },
		{ "-1", -1 }, { " -1,024", -1024 }, { "1-024", 1024 },
		{ "-99999999999999999999999", LLONG_MIN },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++)
		ck_assert_int_eq(bbb_number(t[i].text), t[i].n);
}
END_TEST

START_TEST(booleans)
{
	static const struct {
		const char	*text;
		bool		 is, value;
	} t[] = {
		{ "true", true, true }, { "TRUE", true, true },
		{ "True", true, true }, { "false", true, false },
		{ "FALSE", true, false }, { "0", true, false },
		{ "1", true, false }, { "", true, false },
		{ "yes", false, false }, { "2", false, false },
		{ " true", false, false }, { "true ", false, false },
		{ "truer", false, false }, { "t", false, false },
		{ "00", false, false },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++) {
		ck_assert(bbb_is_boolean(t[i].text) == t[i].is);
		ck_assert(bbb_true(t[i].text) == t[i].value);
	}
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_is_no_reply_is_refused,
		the_traps_are_refused,
		outcome_key_and_message_are_read,
		a_message_without_a_key_is_read,
		what_is_no_encoded_id_is_not_decoded,
		ids_are_encoded_as_the_go_program_does,
		bad_utf8_is_replaced_in_an_id,
		a_long_id_is_hashed,
		numbers_drop_what_is_no_digit,
		booleans,
	};

	return unit_run("bbb", tests, COUNT(tests));
}
