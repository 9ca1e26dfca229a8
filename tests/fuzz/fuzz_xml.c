/*
 * XML of servers and frontends: trees within limits, meetings that survive.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/bbb.h"
#include "proto/meeting.h"
#include "proto/xmlread.h"

static const struct xml_limits	narrow = { 1 << 16, 1000, 12 };
static const struct xml_limits	wide = { 1 << 24, 1 << 20, 64 };

/* Checks n and all below; all bytes of it lie in outer. */
static void
check_tree(const struct xml_node *n, struct view outer, size_t depth)
{
	const char	*end = outer.p + outer.len;

	for (; n != NULL; n = n->next) {
		HOLDS(depth <= narrow.depth);
		HOLDS(n->raw.p >= outer.p && n->raw.p + n->raw.len <= end);
		HOLDS(n->raw.len >= 4 && n->raw.p[0] == '<' &&
		    n->raw.p[n->raw.len - 1] == '>');
		HOLDS(n->inner.p > n->raw.p && n->inner.p + n->inner.len <=
		    n->raw.p + n->raw.len);
		HOLDS(n->name[0] != '\0');
		HOLDS(str_utf8_valid(n->text, strlen(n->text)));
		check_tree(n->child, n->inner, depth + 1);
	}
}

static void
write_meeting(const struct bbb_meeting *m, struct buf *b)
{
	struct xmlout	x;

	xmlout_begin(&x, b);
	out_open(&x, "meeting");
	bbb_meeting_write(&x, m);
	out_close(&x);
	HOLDS(out_done(&x) == 0);
}

/* Whatever it was, once written it reads as itself. */
static void
check_meeting(struct arena *a, const struct xml_node *root)
{
	struct bbb_meeting	 m;
	struct buf		 first = { NULL, 0, 0 };
	struct buf		 second = { NULL, 0, 0 };
	struct xml_node		*again;
	struct err		 e = ERR_INIT;

	bbb_meeting_read(a, root, &m);
	write_meeting(&m, &first);
	again = xml_parse(a, (struct view){ first.data, first.len }, &wide,
	    &e);
	HOLDS(again != NULL);
	bbb_meeting_read(a, again, &m);
	write_meeting(&m, &second);
	HOLDS(strcmp(first.data, second.data) == 0);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena		*a = arena_new();
	struct view		 xml = { (const char *)data, len };
	struct xml_node		*root;
	struct bbb_reply	 r;
	struct err		 e = ERR_INIT;

	if ((root = xml_parse(a, xml, &narrow, &e)) != NULL) {
		check_tree(root, xml, 1);
		check_meeting(a, root);
	} else
		HOLDS(e.code == ERR_INPUT && e.text[0] != '\0');
	err_clear(&e);
	if (bbb_reply_read(a, xml, &r, &e) == 0)
		HOLDS(r.key != NULL && r.message != NULL && r.root != NULL);
	else
		HOLDS(e.code == ERR_BACKEND);
	arena_free(a);
	return 0;
}
