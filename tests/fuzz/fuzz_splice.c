/*
 * Splicing: no byte changes without a rule, and what was XML stays XML.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/splice.h"
#include "proto/xmlread.h"

#define NEW_TEXT "<new & \"text\"]]>"

static const char *
replace(struct arena *a, const char *text, void *ctx)
{
	size_t	*n = ctx;

	(void)a;
	if (strcmp(text, NEW_TEXT) == 0)
		return NULL;
	++*n;
	return NEW_TEXT;
}

static const struct splice_rule	rules[] = {
	{ "a", replace },
	{ "a/b", replace },
	{ "response/meetingID", replace },
	{ "response/meetings/meeting/meetingID", replace },
};
#define NRULES (sizeof(rules) / sizeof(rules[0]))

/* No element of this path without children has another text. */
static void
check_replaced(const struct xml_node *n, const char *path)
{
	size_t	len = strcspn(path, "/");

	for (; n != NULL; n = n->next) {
		if (strlen(n->name) != len || strncmp(n->name, path, len) != 0)
			continue;
		if (path[len] == '/')
			check_replaced(n->child, path + len + 1);
		else if (n->child == NULL)
			HOLDS(strcmp(n->text, NEW_TEXT) == 0);
	}
}

static void
check_edited(struct arena *a, struct view xml)
{
	static const struct xml_limits	wide = { 1 << 24, 1 << 20, 1 << 16 };
	struct buf			out = { NULL, 0, 0 };
	struct buf			same = { NULL, 0, 0 };
	struct err			e = ERR_INIT;
	struct xml_node			*root;
	struct view			v;
	size_t				i, n = 0;

	HOLDS(splice(a, xml, rules, NRULES, &n, &out, &e) == 0);
	v.p = out.data;
	v.len = out.len;
	HOLDS((root = xml_parse(a, v, &wide, &e)) != NULL);
	for (i = 0; i < NRULES; i++)
		check_replaced(root, rules[i].path);
	/* nothing is left to be done */
	n = 0;
	HOLDS(splice(a, v, rules, NRULES, &n, &same, &e) == 0);
	HOLDS(n == 0);
	HOLDS(same.len == out.len);
	HOLDS(memcmp(same.data, out.data, out.len) == 0);
	buf_free(&out);
	buf_free(&same);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena	*a = arena_new();
	struct view	 xml = { (const char *)data, len };
	struct buf	 out = { NULL, 0, 0 };
	struct err	 e = ERR_INIT;

	if (splice(a, xml, NULL, 0, NULL, &out, &e) == 0) {
		HOLDS(out.len == len);
		HOLDS(memcmp(out.data, data, len) == 0);
		check_edited(a, xml);
	} else {
		HOLDS(e.code == ERR_BACKEND && e.text[0] != '\0');
		HOLDS(out.len == 0);
	}
	buf_free(&out);
	arena_free(a);
	return 0;
}
