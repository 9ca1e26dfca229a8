/*
 * Compares records member by member, as far as it matters to the server.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "diff.h"

#include <string.h>

#include "out.h"
#include "proto/json.h"

struct walk {
	bool		 whole;
	struct buf	*text;
	struct buf	 path;		/* of the member: "settings.tags" */
};

/* Absent, null and empty are one: the server shows them by turns. */
static bool
is_void(const json_t *j)
{
	return j == NULL || json_is_null(j) ||
	    (json_is_string(j) && json_string_length(j) == 0) ||
	    (json_is_array(j) && json_array_size(j) == 0) ||
	    (json_is_object(j) && json_object_size(j) == 0);
}

/* Numbers by value: 1 and 1.0 are one in JSON, but not in jansson. */
static bool
same(const json_t *a, const json_t *b)
{
	if (is_void(a) && is_void(b))
		return true;
	/* What was never set is off. */
	if (is_void(b))
		return json_is_false(a);
	if (json_is_number(a) && json_is_number(b))
		return !(json_number_value(a) < json_number_value(b)) &&
		    !(json_number_value(a) > json_number_value(b));
	return json_equal((json_t *)a, (json_t *)b) == 1;
}

static bool
ends_in(const char *s, const char *end)
{
	size_t	len = strlen(s), n = strlen(end);

	return len >= n && strcmp(s + len - n, end) == 0;
}

static void
add_value(struct buf *b, const json_t *j)
{
	struct buf	text = { 0 };

	if (is_void(j)) {
		buf_adds(b, "none");
		return;
	}
	json_write(&text, j);
	out_text(b, buf_str(&text));
	buf_free(&text);
}

/* A secret's value is never shown, neither the old one nor the new. */
static void
tell(struct walk *w, const json_t *want, const json_t *have)
{
	buf_adds(w->text, "    ");
	out_text(w->text, buf_str(&w->path));
	if (ends_in(buf_str(&w->path), "secret")) {
		buf_adds(w->text, ": changes\n");
		return;
	}
	buf_adds(w->text, ": ");
	add_value(w->text, have);
	buf_adds(w->text, " -> ");
	add_value(w->text, want);
	buf_addc(w->text, '\n');
}

/* Those of a map that are not wanted any more. */
static void
drop_others(struct walk *w, const json_t *want, const json_t *have,
    json_t *patch)
{
	const char	*name;
	json_t		*value;
	size_t		 len = w->path.len;

	json_object_foreach((json_t *)have, name, value) {
		if (json_object_get(want, name) != NULL || is_void(value))
			continue;
		buf_printf(&w->path, ".%s", name);
		tell(w, NULL, value);
		json_object_set_new(patch, name, json_string(""));
		w->path.len = len;
		w->path.data[len] = '\0';
	}
}

static json_t	*compare(struct walk *w, const json_t *want,
		    const json_t *have);

/*
 * path grows by a member's name and shrinks again: its end is what is being
 * compared.
 */
static json_t *
compare_objects(struct walk *w, const json_t *want, const json_t *have)
{
	const char	*name;
	json_t		*value, *part, *patch = json_object();
	size_t		 len = w->path.len;

	json_object_foreach((json_t *)want, name, value) {
		buf_printf(&w->path, "%s%s", len > 0 ? "." : "", name);
		part = compare(w, value, json_object_get(have, name));
		if (part != NULL)
			json_object_set_new(patch, name, part);
		w->path.len = len;
		w->path.data[len] = '\0';
	}
	if (w->whole && ends_in(buf_str(&w->path), "_params"))
		drop_others(w, want, have, patch);
	if (json_object_size(patch) > 0)
		return patch;
	json_decref(patch);
	return NULL;
}

/* NULL: nothing is to change. */
static json_t *
compare(struct walk *w, const json_t *want, const json_t *have)
{
	if (json_is_object(want) && json_is_object(have))
		return compare_objects(w, want, have);
	if (same(want, have))
		return NULL;
	tell(w, want, have);
	return json_deep_copy(want);
}

json_t *
diff_make(const json_t *want, const json_t *have, bool whole,
    struct buf *text)
{
	struct walk	 w = { .whole = whole, .text = text };
	json_t		*patch;

	patch = compare_objects(&w, want, have);
	buf_free(&w.path);
	return patch;
}
