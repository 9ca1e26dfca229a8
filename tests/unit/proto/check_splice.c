/*
 * Tests of proto/splice: named texts change, all other bytes stay.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/splice.h"

#include "unit.h"

/* Puts ctx around the text; leaves "keep" alone. */
static const char *
wrap(struct arena *a, const char *text, void *ctx)
{
	if (strcmp(text, "keep") == 0)
		return NULL;
	return arena_printf(a, "%s%s%s", (char *)ctx, text, (char *)ctx);
}

static const char *
empty(struct arena *a, const char *text, void *ctx)
{
	(void)a;
	(void)text;
	(void)ctx;
	return "";
}

static const struct splice_rule	rules[] = {
	{ "response/meetingID", wrap },
	{ "response/meetings/meeting/meetingID", wrap },
	{ "response/gone", empty },
};

static char *
edit(const char *xml, const char *around)
{
	struct buf	 out = { NULL, 0, 0 };
	char		*s;

	buf_adds(&out, "^");		/* splice appends */
	ck_assert_msg(splice(arena, view_of(xml), rules, COUNT(rules),
	    arena_strdup(arena, around), &out, &err) == 0, "%s", err.text);
	s = arena_memdup(arena, out.data + 1, out.len - 1);
	buf_free(&out);
	return s;
}

START_TEST(what_is_ill_formed_is_refused_and_nothing_written)
{
	static const struct {
		const char	*xml, *text;
	} t[] = {
		{ "", "line 1: no element found" },
		{ "<response>\n<meetingID>a</meetingID>\n",
		    "line 3: no element found" },
		{ "<response><meetingID>a</response>",
		    "line 1: mismatched tag" },
		{ "<!DOCTYPE r><response/>",
		    "line 1: a document type is not allowed" },
		{ "<r><1 x></1 x></r>",
		    "line 1: not well-formed (invalid token)" },
	};
	struct buf	out = { NULL, 0, 0 };
	char		x[] = "x";
	size_t		i;

	buf_adds(&out, "before");
	for (i = 0; i < COUNT(t); i++) {
		err_clear(&err);
		ck_assert_int_eq(splice(arena, view_of(t[i].xml), rules,
		    COUNT(rules), x, &out, &err), -1);
		ck_assert_int_eq(err.code, ERR_BACKEND);
		ck_assert_str_eq(err.text, t[i].text);
		check_bytes(out.data, out.len, "before");
	}
	buf_free(&out);
}
END_TEST

START_TEST(only_the_named_element_changes)
{
	static const struct {
		const char	*xml, *want;
	} t[] = {
		{ "<response><meetingID>a</meetingID></response>",
		    "<response><meetingID>*a*</meetingID></response>" },
		{ "<?xml version=\"1.0\"?>\n<!-- c -->\n<response >\n"
		    "<x a='1'   b=\"2\"/><meetingID >a</meetingID\n>\r\n"
		    "</response>\n<!-- d -->\n",
		    "<?xml version=\"1.0\"?>\n<!-- c -->\n<response >\n"
		    "<x a='1'   b=\"2\"/><meetingID >*a*</meetingID\n>\r\n"
		    "</response>\n<!-- d -->\n" },
		/* the same name elsewhere */
		{ "<response><a><meetingID>a</meetingID></a><meetingid>b"
		    "</meetingid><XmeetingID>c</XmeetingID></response>",
		    NULL },
		{ "<r><response><meetingID>a</meetingID></response></r>",
		    NULL },
		{ "<meetingID>a</meetingID>", NULL },
		{ "<response><metadata><meetingID>a</meetingID></metadata>"
		    "<meetings><meeting><meetingID>b</meetingID><x><meetingID>"
		    "c</meetingID></x></meeting><meeting><meetingID>d"
		    "</meetingID></meeting></meetings></response>",
		    "<response><metadata><meetingID>a</meetingID></metadata>"
		    "<meetings><meeting><meetingID>*b*</meetingID><x>"
		    "<meetingID>c</meetingID></x></meeting><meeting><meetingID>"
		    "*d*</meetingID></meeting></meetings></response>" },
		/* map says leave it; it is the same; it has children */
		{ "<response><meetingID>keep</meetingID></response>", NULL },
		{ "<response><gone/><gone></gone><gone><!-- c --></gone>"
		    "</response>", NULL },
		{ "<response><meetingID>a<b/>c</meetingID></response>",
		    NULL },
		{ "<response><meetingID><meetingID/></meetingID></response>",
		    NULL },
		/* CDATA, entities, comments: the text is mapped as a whole */
		{ "<response><meetingID>a<![CDATA[<&]]>b<!-- c -->&lt;"
		    "</meetingID></response>",
		    "<response><meetingID>*a&lt;&amp;b&lt;*</meetingID>"
		    "</response>" },
		{ "<response><a><![CDATA[<meetingID>x</meetingID>]]></a>"
		    "<!-- <meetingID>y</meetingID> --></response>", NULL },
		/* an empty element is opened for its text */
		{ "<response><meetingID/></response>",
		    "<response><meetingID>**</meetingID></response>" },
		{ "<response><meetingID x = 'a/b>' /></response>",
		    "<response><meetingID x = 'a/b>' >**</meetingID>"
		    "</response>" },
		{ "<response><meetingID></meetingID></response>",
		    "<response><meetingID>**</meetingID></response>" },
		{ "<response><gone>x</gone></response>",
		    "<response><gone></gone></response>" },
		{ "<response>\xc3\xbc<meetingID>\xc3\xbc</meetingID>"
		    "\xf0\x9f\x98\x80</response>",
		    "<response>\xc3\xbc<meetingID>*\xc3\xbc*</meetingID>"
		    "\xf0\x9f\x98\x80</response>" },
	};
	size_t	i;

	for (i = 0; i < COUNT(t); i++)
		ck_assert_str_eq(edit(t[i].xml, "*"),
		    t[i].want != NULL ? t[i].want : t[i].xml);
}
END_TEST

START_TEST(new_text_is_escaped)
{
	ck_assert_str_eq(edit("<response><meetingID>a&amp;b</meetingID>"
	    "</response>", "<\"&'>\x01"), "<response><meetingID>"
	    "&lt;&quot;&amp;&apos;&gt;a&amp;b&lt;&quot;&amp;&apos;&gt;"
	    "</meetingID></response>");
}
END_TEST

START_TEST(levels_beyond_any_rule_are_passed)
{
	struct buf	xml = { NULL, 0, 0 };
	int		i;

	buf_adds(&xml, "<response>");
	for (i = 0; i < 50; i++)
		buf_adds(&xml, "<abcdefgh>");
	for (i = 0; i < 50; i++)
		buf_adds(&xml, "</abcdefgh>");
	buf_adds(&xml, "<meetingID>a</meetingID></response>");
	ck_assert_ptr_nonnull(strstr(edit(xml.data, "*"),
	    "</abcdefgh><meetingID>*a*</meetingID></response>"));
	/* what is inside one too long for any path is not the root's */
	buf_reset(&xml);
	buf_adds(&xml, "<response><");
	for (i = 0; i < 200; i++)
		buf_addc(&xml, 'x');
	buf_adds(&xml, "><meetingID>a</meetingID></");
	for (i = 0; i < 200; i++)
		buf_addc(&xml, 'x');
	buf_adds(&xml, "></response>");
	ck_assert_str_eq(edit(xml.data, "*"), xml.data);
	buf_free(&xml);
}
END_TEST

START_TEST(fixtures_pass_byte_for_byte_without_rules)
{
	static const char *const	files[] = {
		"getMeetings-mixed.xml", "getMeetingInfo-busy-3.0.xml",
		"getRecordings-full.xml", "hooks-list.xml", "create-new.xml",
		"error-notFound.xml", "index-3.0.xml",
	};
	struct buf			out = { NULL, 0, 0 };
	struct view			v;
	size_t				i;

	for (i = 0; i < COUNT(files); i++) {
		v = fixture(files[i]);
		buf_reset(&out);
		ck_assert_int_eq(splice(arena, v, NULL, 0, NULL, &out, &err),
		    0);
		check_bytes(out.data, out.len, v.p);
	}
	buf_free(&out);
}
END_TEST

START_TEST(a_create_reply_changes_in_its_meeting_id_only)
{
	struct view	 v = fixture("create-new.xml");
	char		*got = edit(v.p, "*"), *at;

	at = strstr(got, "<meetingID>*abc123*</meetingID>");
	ck_assert_ptr_nonnull(at);
	memmove(at + 11, at + 12, strlen(at + 12) + 1);
	memmove(at + 17, at + 18, strlen(at + 18) + 1);
	check_bytes(got, strlen(got), v.p);
}
END_TEST

int
main(void)
{
	const TTest	*tests[] = {
		what_is_ill_formed_is_refused_and_nothing_written,
		only_the_named_element_changes,
		new_text_is_escaped,
		levels_beyond_any_rule_are_passed,
		fixtures_pass_byte_for_byte_without_rules,
		a_create_reply_changes_in_its_meeting_id_only,
	};

	return unit_run("splice", tests, COUNT(tests));
}
