/*
 * What a request of the REST API brings: its parameters and its body.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <string.h>

#include "fcgi/api/api.h"
#include "proto/spool.h"

int
api_fault(struct api *c, const char *field, const char *text)
{
	if (c->nfaults < API_FAULTS_MAX)
		c->faults[c->nfaults++] = (struct api_fault){ field, text };
	return -1;
}

int
api_no_backend(struct err *e)
{
	return err_key(e, ERR_MISSING, API_KEY_AGENT,
	    "no backend has this agent");
}

int
api_param(struct api *c, const char *name, const char **value)
{
	const struct param	*p = query_find(&c->query, name);

	*value = NULL;
	if (p == NULL)
		return 0;
	/* The database takes neither. */
	if (strlen(p->value) != p->value_len ||
	    !str_utf8_valid(p->value, p->value_len))
		return api_fault(c, name, "is no valid text");
	*value = p->value;
	return 0;
}

int
api_param_count(struct api *c, const char *name, const char **value)
{
	long long	n;

	if (api_param(c, name, value) == -1)
		return -1;
	if (*value != NULL && (str_to_ll(*value, &n) == -1 || n < 0))
		return api_fault(c, name,
		    "must be a whole number, not below 0");
	return 0;
}

int
api_param_limit(struct api *c, int def, int max, const char **value)
{
	long long	n = def;

	if (api_param(c, "limit", value) == -1)
		return -1;
	if (*value != NULL && (str_to_ll(*value, &n) == -1 || n < 0 ||
	    n > max))
		return api_fault(c, "limit", arena_printf(c->arena,
		    "must be a whole number, 0 to %d", max));
	*value = arena_printf(c->arena, "%lld", n);
	return 0;
}

int
api_param_bool(struct api *c, const char *name, bool *value)
{
	static const struct {
		const char	*word;
		bool		 value;
	} words[] = {
		{ "1", true }, { "true", true }, { "yes", true },
		{ "0", false }, { "false", false }, { "no", false },
		{ "", false },
	};
	const char	*v = query_get(&c->query, name);
	size_t		 i;

	*value = false;
	if (v == NULL)
		return 0;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(v, words[i].word) == 0) {
			*value = words[i].value;
			return 0;
		}
	return api_fault(c, name, "must be true or false");
}

bool
api_is_time(const char *s)
{
	static const char	form[] = "dddd-dd-ddTdd:dd:dd";
	size_t			i;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)s[i]) :
		    s[i] != form[i])
			return false;
	s += i;
	if (*s == '.')
		s += 1 + strspn(s + 1, "0123456789");
	if (*s == 'Z')
		return s[1] == '\0';
	return (*s == '+' || *s == '-') && strspn(s + 1, "0123456789") == 2 &&
	    s[3] == ':' && strspn(s + 4, "0123456789") == 2 && s[6] == '\0';
}

static int
too_large(size_t max, struct err *e)
{
	return err_set(e, ERR_TOOBIG, "the body is larger than %zu bytes",
	    max);
}

int
api_text(struct api *c, size_t max, struct err *e)
{
	struct spool	*s;
	char		*text;
	long long	 len, n, at = 0;

	if (c->x->req->content_length > (long long)max)
		return too_large(max, e);
	if ((s = c->x->req->body(c->x->req, e)) == NULL)
		return -1;
	if ((len = spool_len(s)) > (long long)max)
		return too_large(max, e);
	text = arena_alloc(c->arena, (size_t)len + 1);
	while (at < len) {
		n = spool_read(s, at, text + at, (size_t)(len - at), e);
		if (n <= 0)
			return n == 0 ? err_set(e, ERR_SYSTEM,
			    "the body became shorter") : -1;
		at += n;
	}
	text[len] = '\0';
	c->text = text;
	c->text_len = (size_t)len;
	return 0;
}

int
api_body(struct api *c, struct err *e)
{
	/* Takes nothing, but refuses what is no object. */
	static const struct record	 none = { NULL, 0 };
	const char			*type;
	json_t				*in;

	if (api_text(c, API_BODY_MAX, e) == -1)
		return -1;
	type = http_media_type(c->arena, c->x->req->content_type);
	if (c->text_len > 0 && strcmp(type, "application/json") != 0)
		return err_key(e, ERR_INPUT, API_KEY_TYPE,
		    "the body is no application/json");
	if (json_parse(c->text, c->text_len, &c->body, e) == -1 ||
	    json_input(&none, c->body, c->text, c->text_len, &in, e) == -1)
		return -1;
	json_decref(in);
	return 0;
}

int
api_input(struct api *c, const struct record *r, json_t **in, struct err *e)
{
	return json_input(r, c->body, c->text, c->text_len, in, e);
}

/* A string of in may not be changed: it is replaced. */
static void
replace(json_t *in, const char *path, json_t *value)
{
	const char	*dot = strchr(path, '.');
	char		 name[64];

	if (dot == NULL) {
		json_object_set_new(in, path, value);
		return;
	}
	memcpy(name, path, (size_t)(dot - path));
	name[dot - path] = '\0';
	replace(json_object_get(in, name), dot + 1, value);
}

int
api_require(struct api *c, json_t *in, const char *path, bool all)
{
	json_t		*j = json_member(in, path);
	struct view	 v = { json_string_value(j), json_string_length(j) };

	if (j == NULL)
		return all ? api_fault(c, path, "this field is required") : 0;
	v = str_trim(v);
	if (v.len == 0)
		return api_fault(c, path, "this field is required");
	replace(in, path, json_stringn(v.p, v.len));
	return 0;
}

char *
api_doc(const struct api *c, const json_t *j)
{
	struct buf	b = { 0 };

	json_write(&b, j);
	return arena_take(c->arena, &b);
}
