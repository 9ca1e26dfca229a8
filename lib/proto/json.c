/*
 * Reads JSON against a table of members, within limits.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include "proto/json.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

/* What a decoder of typed records calls the types. */
static const char *const expected[] = {
	[FIELD_STR] = "string", [FIELD_INT] = "int64",
	[FIELD_REAL] = "float64", [FIELD_BOOL] = "bool",
	[FIELD_TIME] = "string", [FIELD_OBJECT] = "object",
	[FIELD_LIST] = "[]string", [FIELD_ANY] = "any",
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *
json_type_name(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "bool";
	case JSON_NULL:
		return "null";
	}
	return "";
}

/* The parser allows two thousand levels; nothing of ours is that deep. */
static int
check_depth(const char *p, size_t len, struct err *e)
{
	bool	string = false;
	size_t	i;
	int	depth = 0;

	for (i = 0; i < len; i++) {
		if (string && p[i] == '\\')
			i++;
		else if (p[i] == '"')
			string = !string;
		else if (!string && (p[i] == '{' || p[i] == '[')) {
			if (++depth > JSON_DEPTH_MAX)
				return err_set(e, ERR_INPUT, "Syntax error:"
				    " offset=%zu, error=exceeded max depth",
				    i + 1);
		} else if (!string && (p[i] == '}' || p[i] == ']') &&
		    --depth <= 0)
			return 0;
	}
	return 0;
}

/*
 * PostgreSQL writes a whole number with all its digits, and jansson reads no
 * integer beyond 64 bits: what "1e300" became in a jsonb would never be read
 * again.
 */
static bool
holds_huge(const json_t *j)
{
	const char	*key;
	json_t		*value;
	double		 n = json_real_value(j);	/* 0 of what is none */
	size_t		 i;

	if (n >= 0x1p63 || n <= -0x1p63)
		return true;
	json_object_foreach((json_t *)j, key, value)
		if (holds_huge(value))
			return true;
	json_array_foreach(j, i, value)
		if (holds_huge(value))
			return true;
	return false;
}

/*
 * As the Go program's decoder does: it takes the first value and leaves what
 * follows.
 */
int
json_parse(const char *p, size_t len, json_t **out, struct err *e)
{
	json_error_t	je;
	size_t		i = 0;

	*out = NULL;
	while (i < len && blank(p[i]))
		i++;
	if (i == len) {
		*out = json_object();
		return 0;
	}
	if (check_depth(p, len, e) == -1)
		return -1;
	*out = json_loadb(p, len, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK,
	    &je);
	if (*out == NULL && json_error_code(&je) ==
	    json_error_premature_end_of_input)
		return err_set(e, ERR_INPUT, "unexpected EOF");
	if (*out == NULL)
		return err_set(e, ERR_INPUT,
		    "Syntax error: offset=%d, error=%s", je.position, je.text);
	if (holds_huge(*out)) {
		json_decref(*out);
		*out = NULL;
		return err_set(e, ERR_INPUT,
		    "a number is beyond what 64 bits hold");
	}
	if (json_is_null(*out)) {
		json_decref(*out);
		*out = json_object();
	}
	return 0;
}

static json_t *
member(const json_t *object, const char *name, size_t len)
{
	const char	*key;
	json_t		*value, *found = NULL;

	json_object_foreach((json_t *)object, key, value) {
		if (strlen(key) != len || strncasecmp(key, name, len) != 0)
			continue;
		found = value;
		if (memcmp(key, name, len) == 0)
			return value;
	}
	return found;
}

json_t *
json_member(const json_t *object, const char *path)
{
	const char	*dot = strchrnul(path, '.');
	json_t		*j = member(object, path, (size_t)(dot - path));

	if (j == NULL || *dot == '\0')
		return j;
	return json_is_object(j) ? json_member(j, dot + 1) : NULL;
}

/* ---- where a mistake is: text is known to be JSON */

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && (blank(*p) || *p == ',' || *p == ':'))
		p++;
	return p;
}

/* Behind the value that begins at p. */
static const char *
skip_value(const char *p, const char *end)
{
	bool	string = false;
	int	depth = 0;

	for (; p < end; p++) {
		if (string && *p == '\\') {
			p++;
			continue;
		}
		if (*p == '"')
			string = !string;
		if (string)
			continue;
		if (*p == '{' || *p == '[')
			depth++;
		else if (depth == 0 && (blank(*p) || strchr(",:]}", *p)))
			return p;
		else if ((*p == '}' || *p == ']') && --depth == 0)
			return p + 1;
	}
	return end;
}

/* The bytes up to the end of the value with this path. */
static size_t
offset_of(const char *text, size_t len, const char *path)
{
	const char	*end = text + len, *p = skip_blanks(text, end), *name;
	const char	*dot = strchrnul(path, '.');
	size_t		 n = (size_t)(dot - path);

	if (n == 0 || p == end || *p != '{')
		return (size_t)(skip_value(p, end) - text);
	for (p = skip_blanks(p + 1, end); p < end && *p == '"';
	    p = skip_blanks(skip_value(p, end), end)) {
		name = p + 1;
		p = skip_blanks(skip_value(p, end), end);
		if (strncasecmp(name, path, n) != 0 || name[n] != '"')
			continue;
		if (*dot == '\0')
			return (size_t)(skip_value(p, end) - text);
		return (size_t)(p - text) + offset_of(p,
		    (size_t)(end - p), dot + 1);
	}
	return len;
}

struct input {
	const char	*text;
	size_t		 len;
	struct err	*e;
};

static int
type_error(const struct input *in, const char *want, const json_t *got,
    const char *path)
{
	return err_set(in->e, ERR_INPUT, "Unmarshal type error: expected=%s,"
	    " got=%s, field=%s, offset=%zu", want, json_type_name(got), path,
	    offset_of(in->text, in->len, path));
}

static bool
is_strings(const json_t *j)
{
	json_t	*item;
	size_t	 i;

	if (!json_is_array(j))
		return false;
	json_array_foreach((json_t *)j, i, item)
		if (!json_is_string(item))
			return false;
	return true;
}

static bool
type_fits(enum field_type t, const json_t *j)
{
	switch (t) {
	case FIELD_STR:
	case FIELD_TIME:
		return json_is_string(j);
	case FIELD_INT:
		return json_is_integer(j);
	case FIELD_REAL:
		return json_is_number(j);
	case FIELD_BOOL:
		return json_is_boolean(j);
	case FIELD_OBJECT:
		return json_is_object(j);
	case FIELD_LIST:
		return is_strings(j);
	case FIELD_ANY:
		return true;
	}
	return false;
}

/* Creates the inner objects on the way; names of the table are short. */
static void
put(json_t *out, const char *path, json_t *value)
{
	const char	*dot = strchr(path, '.');
	json_t		*inner;
	char		 name[64];

	if (dot == NULL) {
		json_object_set(out, path, value);
		return;
	}
	memcpy(name, path, (size_t)(dot - path));
	name[dot - path] = '\0';
	if ((inner = json_object_get(out, name)) == NULL) {
		inner = json_object();
		json_object_set_new(out, name, inner);
	}
	put(inner, dot + 1, value);
}

/* What holds the member must be an object, if it is there at all. */
static int
check_parent(const struct input *in, const json_t *root, const char *path)
{
	const char	*dot = strchr(path, '.');
	json_t		*j;
	char		 name[64];

	if (dot == NULL)
		return 0;
	memcpy(name, path, (size_t)(dot - path));
	name[dot - path] = '\0';
	j = json_member(root, name);
	if (j == NULL || json_is_null(j) || json_is_object(j))
		return 0;
	return type_error(in, "object", j, name);
}

/*
 * Absent is no mistake: which members must be there is for the caller to say.
 */
static int
take(const struct input *in, const struct field *f, const json_t *root,
    json_t *out)
{
	json_t	*j;

	if (check_parent(in, root, f->name) == -1)
		return -1;
	if ((j = json_member(root, f->name)) == NULL)
		return 0;
	if (json_is_null(j)) {
		if ((f->flags & FIELD_NULL) != 0)
			put(out, f->name, j);
		return 0;
	}
	if (!type_fits(f->type, j))
		return type_error(in, expected[f->type], j, f->name);
	put(out, f->name, j);
	return 0;
}

int
json_input(const struct record *r, const json_t *root, const char *text,
    size_t len, json_t **out, struct err *e)
{
	const struct input	in = { text, len, e };
	size_t			i;

	*out = NULL;
	if (!json_is_object(root))
		return type_error(&in, "object", root, "");
	*out = json_object();
	for (i = 0; i < r->n; i++)
		if ((r->v[i].flags & FIELD_INPUT) != 0 &&
		    take(&in, &r->v[i], root, *out) == -1) {
			json_decref(*out);
			*out = NULL;
			return -1;
		}
	return 0;
}
