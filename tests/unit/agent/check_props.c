/*
 * Tests of agent/props: Java's properties, and what BBB puts into them.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "agent/props.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

static struct props *
read_text(const char *text)
{
	struct props	*p = props_new(arena);

	ck_assert_msg(props_read(p, view_of(text), &err) == 0, "%s",
	    err.text);
	return p;
}

START_TEST(bad_escapes_are_named_by_line)
{
	static const char *const	t[] = { "a=\\u12", "a=\\u12g4",
					    "a=\\u0000", "a=\\ud83d",
					    "\\u=1" };
	size_t				i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_int_eq(props_read(props_new(arena),
		    view_of(arena_printf(arena, "# x\nb = \\\n 1\n%s\n",
		    t[i])), &err), -1);
		ck_assert_int_eq(err.code, ERR_CONFIG);
		ck_assert_str_eq(err.text, "4: \\u wants four hex digits");
	}
}
END_TEST

START_TEST(a_file_that_cannot_be_had)
{
	struct props	*p = props_new(arena);
	char		 path[] = "/tmp/check_props.XXXXXX";
	int		 fd = mkstemp(path);

	ck_assert_int_eq(props_load(p, "/nowhere/x", &err), -1);
	ck_assert_str_eq(err.text, "/nowhere/x: No such file or directory");
	ck_assert_int_eq(props_load(p, "/", &err), -1);
	ck_assert_str_eq(err.text, "/: Is a directory");
	ck_assert_int_eq(ftruncate(fd, (1 << 20) + 1), 0);
	ck_assert_int_eq(props_load(p, path, &err), -1);
	ck_assert_str_eq(err.text, arena_printf(arena,
	    "%s: longer than 1048576 bytes", path));
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(pairs_in_all_their_spellings)
{
	static const struct {
		const char	*text, *name, *value;
	} t[] = {
		{ "a=b", "a", "b" },
		{ " a = b ", "a", "b" },
		{ "a:b", "a", "b" },
		{ "a b", "a", "b" },
		{ "a\tb", "a", "b" },
		{ "a == b", "a", "= b" },
		{ "a", "a", "" },
		{ "a=", "a", "" },
		{ "#a=b\n!a=c\na=d\r\n", "a", "d" },
		{ "a=1\na=2", "a", "2" },
		{ "a=1 \\\n   2\\\n 3", "a", "1 23" },
		{ "a=1\\\\\nb=2", "a", "1\\" },
		{ "a=1\\", "a", "1" },
		{ "a\\=b=c", "a=b", "c" },
		{ "a=\\t\\u00e9\\:", "a", "\t\xc3\xa9:" },
		{ "a=\xe9", "a", "\xc3\xa9" },
		{ "a=\xc3\xa9", "a", "\xc3\xa9" },
		{ "a=${b}/x\nb=y", "a", "y/x" },
		{ "a=${b}\nb=${c}\nc=d", "a", "${c}" },
		{ "a=${b", "a", "${b" },
		{ "a=${b}", "a", NULL },
		{ "ab=1", "a", NULL },
	};
	const char	*v;
	size_t		 i;

	for (i = 0; i < COUNT(t); i++) {
		v = props_get(read_text(t[i].text), t[i].name);
		if (t[i].value == NULL)
			ck_assert_msg(v == NULL, "%s", t[i].text);
		else
			ck_assert_msg(v != NULL && strcmp(v, t[i].value) == 0,
			    "%s: got %s", t[i].text, v);
	}
}
END_TEST

#define GOOD	"bigbluebutton.web.serverURL=https://bbb1.example.org\n" \
		"securitySalt=s3cret\n"

START_TEST(what_bbb_lacks_is_named)
{
	static const struct {
		const char	*text, *said;
	} t[] = {
		{ "", "bigbluebutton.web.serverURL: missing" },
		{ "bigbluebutton.web.serverURL=\n",
		    "bigbluebutton.web.serverURL: missing" },
		{ "bigbluebutton.web.serverURL=http://a\n",
		    "securitySalt: missing" },
		{ GOOD "redisPort=x\n", "redisPort: not a port: x" },
		{ GOOD "redisPort=65536\n", "redisPort: not a port: 65536" },
	};
	struct props_bbb	b;
	size_t			i;

	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_int_eq(props_bbb(read_text(t[i].text), &b, &err),
		    -1);
		ck_assert_int_eq(err.code, ERR_CONFIG);
		ck_assert_str_eq(err.text, t[i].said);
	}
}
END_TEST

START_TEST(what_bbb_says_of_itself)
{
	struct props_bbb	 b;
	struct props		*p = read_text(GOOD);

	ck_assert_int_eq(props_bbb(p, &b, &err), 0);
	ck_assert_str_eq(b.url, "https://bbb1.example.org/bigbluebutton/api/");
	ck_assert_str_eq(b.secret, "s3cret");
	ck_assert_str_eq(b.redis_host, "localhost");
	ck_assert_int_eq(b.redis_port, 6379);
	ck_assert_str_eq(b.redis_password, "");
	/* a second file over the first */
	ck_assert_int_eq(props_read(p, view_of("redisHost=redis\n"
	    "redisPort=6380\nredisPassword=pw\nsecuritySalt=other\n"), &err),
	    0);
	ck_assert_int_eq(props_bbb(p, &b, &err), 0);
	ck_assert_str_eq(b.secret, "other");
	ck_assert_str_eq(b.redis_host, "redis");
	ck_assert_int_eq(b.redis_port, 6380);
	ck_assert_str_eq(b.redis_password, "pw");
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		bad_escapes_are_named_by_line,
		a_file_that_cannot_be_had,
		pairs_in_all_their_spellings,
		what_bbb_lacks_is_named,
		what_bbb_says_of_itself,
	};

	return unit_run("props", tests, COUNT(tests));
}
