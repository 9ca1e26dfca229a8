/*
 * Tests of proto/base64url: the vectors of RFC 4648, and what is none.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/base64url.h"

#include "unit.h"

static const struct {
	struct view	 bytes;
	const char	*text;
} vectors[] = {
	{ { "", 0 }, "" }, { { "f", 1 }, "Zg" }, { { "fo", 2 }, "Zm8" },
	{ { "foo", 3 }, "Zm9v" }, { { "foob", 4 }, "Zm9vYg" },
	{ { "fooba", 5 }, "Zm9vYmE" }, { { "foobar", 6 }, "Zm9vYmFy" },
	{ { "\xfb\xff\xbf", 3 }, "-_-_" }, { { "\0\0", 2 }, "AAA" },
};

static const char *const bad[] = {
	"Z", "Zm9vY", "Zg==", "Zm8=", "+/+/", "Zm 9", "Zm9v\n", "Zm\xc3\xa4",
};

START_TEST(there_and_back)
{
	struct buf	 b = { 0 };
	const char	*back;
	size_t		 i, len;

	for (i = 0; i < COUNT(vectors); i++) {
		buf_reset(&b);
		base64url_add(&b, vectors[i].bytes.p, vectors[i].bytes.len);
		ck_assert_str_eq(buf_str(&b), vectors[i].text);
		back = base64url_read(arena, view_of(vectors[i].text), &len);
		ck_assert_ptr_nonnull(back);
		ck_assert_uint_eq(len, vectors[i].bytes.len);
		ck_assert_int_eq(memcmp(back, vectors[i].bytes.p, len), 0);
		ck_assert_int_eq(back[len], '\0');
	}
	buf_free(&b);
}
END_TEST

START_TEST(what_is_none_is_refused)
{
	size_t	i, len;

	for (i = 0; i < COUNT(bad); i++)
		ck_assert_msg(base64url_read(arena, view_of(bad[i]),
		    &len) == NULL, "%s", bad[i]);
	ck_assert_ptr_null(base64url_read(arena, VIEW("Zm\0v"), &len));
}
END_TEST

int
main(void)
{
	const TTest *const	tests[] = {
		there_and_back, what_is_none_is_refused,
	};

	return unit_run("base64url", tests, COUNT(tests));
}
