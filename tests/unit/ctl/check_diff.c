/*
 * What has to be sent, and what is said about it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "diff.h"
#include "unit.h"

static json_t *
read(const char *text)
{
	json_t	*j = json_loads(text, JSON_DECODE_ANY, NULL);

	ck_assert_msg(j != NULL, "%s", text);
	return j;
}

/* patch NULL: nothing differs. */
static void
check(const char *want, const char *have, bool whole, const char *patch,
    const char *says)
{
	struct buf	 text = { 0 };
	json_t		*w = read(want), *h = read(have), *p;
	char		*dump;

	p = diff_make(w, h, whole, &text);
	dump = p == NULL ? NULL : json_dumps(p, JSON_COMPACT);
	if (patch == NULL)
		ck_assert_ptr_null(dump);
	else
		ck_assert_str_eq(dump, patch);
	ck_assert_str_eq(buf_str(&text), says);
	free(dump);
	json_decref(p);
	json_decref(w);
	json_decref(h);
	buf_free(&text);
}

static void
same(const char *want, const char *have)
{
	check(want, have, false, NULL, "");
	check(want, have, true, NULL, "");
}

START_TEST(what_is_the_same)
{
	same("{}", "{\"a\":1}");
	same("{\"a\":1}", "{\"a\":1,\"b\":2}");
	same("{\"a\":1}", "{\"a\":1.0}");
	same("{\"a\":{\"b\":[1,2]}}", "{\"a\":{\"b\":[1,2],\"c\":3}}");
	same("{\"a\":null}", "{}");
	same("{\"a\":null}", "{\"a\":\"\"}");
	same("{\"a\":[]}", "{\"a\":null}");
	same("{\"a\":{}}", "{\"a\":null}");
	same("{\"a\":\"\"}", "{\"a\":{}}");
	same("{\"a\":false}", "{\"a\":null}");
}
END_TEST

START_TEST(what_is_not)
{
	check("{\"a\":1}", "{\"a\":2}", false, "{\"a\":1}",
	    "    a: 2 -> 1\n");
	check("{\"a\":\"x\"}", "{}", false, "{\"a\":\"x\"}",
	    "    a: none -> \"x\"\n");
	check("{\"a\":null}", "{\"a\":[1]}", false, "{\"a\":null}",
	    "    a: [1] -> none\n");
	check("{\"a\":true}", "{\"a\":false}", false, "{\"a\":true}",
	    "    a: false -> true\n");
	check("{\"a\":0}", "{}", false, "{\"a\":0}", "    a: none -> 0\n");
	check("{\"a\":\"1\"}", "{\"a\":1}", false, "{\"a\":\"1\"}",
	    "    a: 1 -> \"1\"\n");
	/* lists have an order */
	check("{\"a\":[1,2]}", "{\"a\":[2,1]}", false, "{\"a\":[1,2]}",
	    "    a: [2,1] -> [1,2]\n");
}
END_TEST

START_TEST(only_what_differs_is_sent)
{
	check("{\"s\":{\"a\":1,\"b\":2},\"c\":3}",
	    "{\"s\":{\"a\":1,\"b\":9,\"d\":4},\"c\":3}", false,
	    "{\"s\":{\"b\":2}}", "    s.b: 9 -> 2\n");
}
END_TEST

START_TEST(secrets_are_not_told)
{
	check("{\"bbb\":{\"secret\":\"new\"}}",
	    "{\"bbb\":{\"secret\":\"old\"}}", false,
	    "{\"bbb\":{\"secret\":\"new\"}}", "    bbb.secret: changes\n");
}
END_TEST

START_TEST(a_map_of_parameters_may_be_whole)
{
	static const char	want[] = "{\"x_params\":{\"a\":\"1\"}}";
	static const char	have[] =
	    "{\"x_params\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"\"}}";

	check(want, have, false, NULL, "");
	check(want, have, true, "{\"x_params\":{\"b\":\"\"}}",
	    "    x_params.b: \"2\" -> none\n");
	/* other objects never */
	check("{\"x\":{}}", "{\"x\":{\"b\":\"2\"}}", true, NULL, "");
	check("{\"x_params\":{}}", "{\"x_params\":{\"b\":\"2\"}}", true,
	    "{\"x_params\":{\"b\":\"\"}}", "    x_params.b: \"2\" -> none\n");
}
END_TEST

START_TEST(escapes_do_not_reach_the_terminal)
{
	check("{\"a\":\"\\u009b2J\"}", "{}", false, "{\"a\":\"\xc2\x9b""2J\"}",
	    "    a: none -> \"?2J\"\n");
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_is_the_same, what_is_not, only_what_differs_is_sent,
		secrets_are_not_told, a_map_of_parameters_may_be_whole,
		escapes_do_not_reach_the_terminal,
	};

	return unit_run("diff", tests, COUNT(tests));
}
