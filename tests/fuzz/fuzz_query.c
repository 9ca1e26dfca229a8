/*
 * Query strings: what is written is clean and means what was read.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <string.h>

#include "proto/bbb.h"
#include "proto/checksum.h"
#include "proto/query.h"
#include "proto/url.h"

/* May be in a request line, and ends nothing early. */
static void
check_clean(const struct buf *b)
{
	static const char	ok[] = "-._~!'()*+,:;@/?$%=&0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t			i;

	HOLDS(strspn(buf_str(b), ok) == b->len);
	for (i = 0; i < b->len; i++)
		if (b->data[i] == '%')
			HOLDS(i + 2 < b->len &&
			    url_hexdigit(b->data[i + 1]) >= 0 &&
			    url_hexdigit(b->data[i + 2]) >= 0);
}

static void
check_same(const struct query *a, const struct query *b)
{
	size_t	i;

	HOLDS(a->n == b->n);
	for (i = 0; i < a->n; i++) {
		HOLDS(a->v[i].name_len == b->v[i].name_len);
		HOLDS(memcmp(a->v[i].name, b->v[i].name,
		    a->v[i].name_len) == 0);
		HOLDS(a->v[i].value_len == b->v[i].value_len);
		HOLDS(memcmp(a->v[i].value, b->v[i].value,
		    a->v[i].value_len) == 0);
	}
}

static void
check_unique(struct arena *a, struct view raw)
{
	struct query	q;
	struct err	e = ERR_INIT;
	size_t		i;

	HOLDS(query_parse(a, raw, 50, &q, &e) == 0);
	query_unique(&q);
	for (i = 0; i < q.n; i++)
		if (strlen(q.v[i].name) == q.v[i].name_len)
			HOLDS(query_find(&q, q.v[i].name) == &q.v[i]);
	query_set(&q, "meetingID", "a&b");
	HOLDS(strcmp(query_get(&q, "meetingID"), "a&b") == 0);
	query_drop(&q, "meetingID");
	HOLDS(query_get(&q, "meetingID") == NULL);
}

static void
check_meeting_id(struct arena *a, const char *id)
{
	char	*key, *mid, *key2, *mid2, *again;

	if (bbb_meeting_id_decode(a, id, &key, &mid) != 0)
		return;
	again = bbb_meeting_id_encode(a, key, mid);
	HOLDS(strlen(again) <= 255);
	if (bbb_meeting_id_decode(a, again, &key2, &mid2) != 0) {
		HOLDS(str_starts(again, "b3s-"));
		return;
	}
	HOLDS(strcmp(key, key2) == 0 && strcmp(mid, mid2) == 0);
}

static void
check_strip(struct arena *a, struct view raw, const char *value)
{
	struct view	v = checksum_strip(a, raw, value);
	char		hex[CHECKSUM_HEX_MAX];

	HOLDS(v.len <= raw.len);
	HOLDS(checksum_make(CHECKSUM_SHA256, "create", v, "secret",
	    hex) == 64);
	HOLDS(checksum_ok("create", v, "secret", hex));
	HOLDS(!checksum_ok("create", v, "", hex));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena	*a = arena_new();
	struct view	 raw = { (const char *)data, len };
	struct query	 q, again;
	struct buf	 first = { NULL, 0, 0 }, second = { NULL, 0, 0 };
	struct err	 e = ERR_INIT;

	if (query_parse(a, raw, 50, &q, &e) == 0) {
		query_write(&q, &first);
		check_clean(&first);
		HOLDS(query_parse(a, (struct view){ first.data, first.len },
		    50, &again, &e) == 0);
		check_same(&q, &again);
		query_write(&again, &second);
		HOLDS(strcmp(buf_str(&first), buf_str(&second)) == 0);
		if (query_get(&q, "checksum") != NULL)
			check_strip(a, raw, query_get(&q, "checksum"));
		if (query_get(&q, "meetingID") != NULL)
			check_meeting_id(a, query_get(&q, "meetingID"));
		checksum_rebuilt(a, &q);
		check_unique(a, raw);
	} else
		HOLDS(e.code == ERR_INPUT);
	buf_free(&first);
	buf_free(&second);
	arena_free(a);
	return 0;
}
