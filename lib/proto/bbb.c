/*
 * What all replies of BBB share, and the meeting ids that a server sees.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/bbb.h"

#include <limits.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "proto/base64url.h"
#include "proto/checksum.h"
#include "proto/json.h"

#define ID_MAX	 255		/* what BBB and the Go program's table take */
#define ID_TAG	 "b3scl"
#define ID_HASHED "b3s-"

/* getMeetings of a server with some thousand users is about 2 MiB. */
static const struct xml_limits reply_limits = {
	.bytes = 64 << 20, .nodes = 1000000, .depth = 32
};

int
bbb_reply_read(struct arena *a, struct view xml, struct bbb_reply *r,
    struct err *e)
{
	const struct xml_node	*at;
	const char		*code;

	memset(r, 0, sizeof(*r));
	if ((r->root = xml_parse(a, xml, &reply_limits, e)) == NULL)
		return err_set(e, ERR_BACKEND, "reply: %s", e->text);
	if (strcmp(r->root->name, "response") != 0 ||
	    (code = xml_text(r->root, "returncode")) == NULL)
		return err_set(e, ERR_BACKEND,
		    "reply: not a response with a returncode");
	r->success = strcmp(code, "SUCCESS") == 0;
	if ((r->key = xml_text(r->root, "messageKey")) != NULL)
		r->message = xml_text(r->root, "message");
	else {
		at = xml_child(xml_child(r->root, "errors"), "error");
		r->key = xml_text(at, "key");
		r->message = xml_text(at != NULL ? at : r->root, "message");
	}
	if (r->key == NULL)
		r->key = "";
	if (r->message == NULL)
		r->message = "";
	return 0;
}

/* With padding, as Go does. */
static char *
base64_encode(struct arena *a, const struct buf *bytes)
{
	struct buf	 b = { NULL, 0, 0 };

	base64url_add(&b, bytes->data, bytes->len);
	while (b.len % 4 != 0)
		buf_addc(&b, '=');
	return arena_take(a, &b);
}

/* Padding is required, as Go does; NULL if s is nothing of the kind. */
static char *
base64_decode(struct arena *a, const char *s, size_t *len)
{
	size_t	pad = 0, slen = strlen(s);

	if (slen == 0 || slen % 4 != 0)
		return NULL;
	while (pad < 2 && s[slen - 1 - pad] == '=')
		pad++;
	return base64url_read(a, (struct view){ s, slen - pad }, len);
}

/*
 * Tenants cannot collide: the frontend's key is in it, and JSON keeps the two
 * apart whatever characters they have.  Its escapes are the Go program's, or
 * the two would not know each other's meetings.
 */
char *
bbb_meeting_id_encode(struct arena *a, const char *frontend_key,
    const char *meeting_id)
{
	struct buf	 json = { NULL, 0, 0 };
	struct view	 all;
	char		 hex[CHECKSUM_HEX_MAX], *id;

	buf_addc(&json, '[');
	json_write_str(&json, frontend_key);
	buf_addc(&json, ',');
	json_write_str(&json, meeting_id);
	buf_adds(&json, ",\"" ID_TAG "\"]");
	if ((json.len + 2) / 3 * 4 > ID_MAX) {
		all.p = json.data;
		all.len = json.len;
		checksum_make(CHECKSUM_SHA256, "", all, "", hex);
		id = arena_printf(a, ID_HASHED "%s", hex);
	} else
		id = base64_encode(a, &json);
	buf_free(&json);
	return id;
}

int
bbb_meeting_id_decode(struct arena *a, const char *id, char **key,
    char **meeting_id)
{
	json_t		*root;
	const char	*k, *m, *tag;
	char		*text;
	size_t		 len;
	int		 rc = -1;

	if ((text = base64_decode(a, id, &len)) == NULL)
		return -1;
	root = json_loadb(text, len, 0, NULL);
	if (!json_is_array(root) || json_array_size(root) != 3)
		goto out;
	k = json_string_value(json_array_get(root, 0));
	m = json_string_value(json_array_get(root, 1));
	tag = json_string_value(json_array_get(root, 2));
	if (k == NULL || m == NULL || tag == NULL || strcmp(tag, ID_TAG) != 0)
		goto out;
	*key = arena_strdup(a, k);
	*meeting_id = arena_strdup(a, m);
	rc = 0;
out:
	json_decref(root);
	return rc;
}

/* Too many digits are a number as large as can be. */
long long
bbb_number(const char *text)
{
	long long	n = 0;
	bool		minus = false;

	for (; *text != '\0'; text++)
		if (*text == '-' && n == 0)
			minus = true;
		else if (*text >= '0' && *text <= '9' &&
		    (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, *text - '0', &n)))
			return minus ? LLONG_MIN : LLONG_MAX;
	return minus ? -n : n;
}

bool
bbb_true(const char *text)
{
	return str_ieq(text, "true");
}

bool
bbb_is_boolean(const char *text)
{
	return text[0] == '\0' || strcmp(text, "0") == 0 ||
	    strcmp(text, "1") == 0 || bbb_true(text) ||
	    str_ieq(text, "false");
}
