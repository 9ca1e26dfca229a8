/*
 * Makes the cluster what a file says it is, and writes such a file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "ask.h"
#include "base/nearest.h"
#include "base/str.h"
#include "cmds.h"
#include "diff.h"
#include "known.h"
#include "proto/url.h"

/* One of the two lists of the file, and what its entries may say. */
struct kind {
	const char		*list;		/* "backends" */
	const char		*noun;
	const char		*path;		/* of the API */
	const char		*name;		/* member that names an entry */
	const char *const	*members;	/* top level */
};

static const char *const backend_members[] = { "bbb", "admin_state",
	"load_factor", "meetings_cap", "users_cap", "settings", NULL };
static const char *const frontend_members[] = { "bbb", "active",
	"account_ref", "hosts", "bare_path", "settings", NULL };

static const struct kind kinds[] = {
	{ "backends", "backend", "/backends", "bbb.host", backend_members },
	{ "frontends", "frontend", "/frontends", "bbb.key",
	    frontend_members },
};
#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

struct plan {
	json_t		*file;
	json_t		*have[NKINDS];
	/* What has to be done: arrays of {record, doc, remove}. */
	json_t		*steps;
	struct buf	 text;
	int		 adds, changes, removes;
};

/* ---- the file */

/* A member given twice is a mistake: one of the two would silently lose. */
static int
read_file(struct ctl *c, json_t **out, struct err *e)
{
	const char	*path = c->opt[OPT_FILE];
	json_error_t	 je;

	if (strcmp(path, "-") == 0)
		*out = json_loadf(stdin, JSON_REJECT_DUPLICATES, &je);
	else
		*out = json_load_file(path, JSON_REJECT_DUPLICATES, &je);
	if (*out == NULL && je.line > 0)
		return err_set(e, ERR_INPUT, "%s:%d: %s", path, je.line,
		    je.text);
	if (*out == NULL)
		return err_set(e, ERR_INPUT, "%s", je.text);
	return 0;
}

/* Is the name one of these?  Else the nearest of them is named. */
static int
check_name(const char *name, const char *const *known, const char *where,
    struct err *e)
{
	struct nearest	near;

	nearest_begin(&near, name, strlen(name));
	for (; *known != NULL; known++) {
		if (strcmp(*known, name) == 0)
			return 0;
		nearest_try(&near, *known, strlen(*known));
	}
	if (near.best != NULL)
		return err_set(e, ERR_INPUT,
		    "%s: unknown member '%s': did you mean '%s'?", where,
		    name, near.best);
	return err_set(e, ERR_INPUT, "%s: unknown member '%s'", where, name);
}

/* The server keeps an address in one form: so that the two can be compared. */
static int
normalise(struct ctl *c, const struct kind *k, json_t *entry,
    const char *where, struct err *e)
{
	char	*url;

	if (k != &kinds[0])
		return 0;
	if (url_backend(c->arena, api_str(entry, "bbb.host"), &url, e) == -1)
		return err_note(e, "%s: bbb.host", where);
	json_object_set_new(json_object_get(entry, "bbb"), "host",
	    json_string(url));
	return 0;
}

static int
check_entry(struct ctl *c, const struct kind *k, json_t *entry, size_t i,
    struct err *e)
{
	static const char *const	bbb[2][3] = { { "host", "secret" },
					    { "key", "secret" } };
	const char			*where, *name;
	json_t				*value;

	where = arena_printf(c->arena, "%s: %s[%zu]", c->opt[OPT_FILE],
	    k->list, i);
	if (!json_is_object(entry))
		return err_set(e, ERR_INPUT, "%s: no object", where);
	json_object_foreach(entry, name, value)
		if (check_name(name, k->members, where, e) == -1)
			return -1;
	json_object_foreach(json_object_get(entry, "bbb"), name, value)
		if (check_name(name, bbb[k - kinds], where, e) == -1)
			return -1;
	if (api_str(entry, k->name)[0] == '\0')
		return err_set(e, ERR_INPUT, "%s: %s is missing", where,
		    k->name);
	return normalise(c, k, entry, where, e);
}

static json_t *
find_named(const json_t *list, const struct kind *k, const char *name,
    size_t from)
{
	size_t	i;

	for (i = from; i < json_array_size(list); i++)
		if (strcmp(api_str(json_array_get(list, i), k->name),
		    name) == 0)
			return json_array_get(list, i);
	return NULL;
}

static int
check_list(struct ctl *c, const struct kind *k, const json_t *list,
    struct err *e)
{
	const char	*name;
	json_t		*entry;
	size_t		 i;

	if (list != NULL && !json_is_array(list))
		return err_set(e, ERR_INPUT, "%s: %s is no list",
		    c->opt[OPT_FILE], k->list);
	json_array_foreach(list, i, entry)
		if (check_entry(c, k, entry, i, e) == -1)
			return -1;
	json_array_foreach(list, i, entry) {
		name = api_str(entry, k->name);
		if (find_named(list, k, name, i + 1) != NULL)
			return err_set(e, ERR_INPUT,
			    "%s: the %s %s stands there twice",
			    c->opt[OPT_FILE], k->noun, name);
	}
	return 0;
}

/* All that can be wrong without asking the server, before it is asked. */
static int
check_file(struct ctl *c, const json_t *file, struct err *e)
{
	static const char *const	known[] = { "backends", "frontends",
					    NULL };
	const char			*name;
	json_t				*value;
	size_t				 k;

	if (!json_is_object(file))
		return err_set(e, ERR_INPUT, "%s: no object",
		    c->opt[OPT_FILE]);
	json_object_foreach((json_t *)file, name, value)
		if (check_name(name, known, c->opt[OPT_FILE], e) == -1)
			return -1;
	for (k = 0; k < NKINDS; k++)
		if (check_list(c, &kinds[k], json_object_get(file,
		    kinds[k].list), e) == -1)
			return -1;
	return 0;
}

/* ---- what has to be done */

/* doc is taken over; NULL: none. */
static void
add_step(struct plan *p, const struct kind *k, const char *name,
    const char *method, const char *path, json_t *doc)
{
	json_array_append_new(p->steps, json_pack("{s:s,s:s,s:s,s:s,s:o?}",
	    "noun", k->noun, "name", name, "method", method, "path", path,
	    "doc", doc));
}

/*
 * An entry says no more than it says: members that it lacks stay as they are.
 * Maps of parameters are whole, or one could never be removed.
 */
static int
plan_entry(struct ctl *c, struct plan *p, const struct kind *k,
    json_t *entry, struct err *e)
{
	const char	*name = api_str(entry, k->name);
	json_t		*have = find_named(p->have[k - kinds], k, name, 0);
	json_t		*patch;
	struct buf	 text = { 0 };

	if (have == NULL && api_str(entry, "bbb.secret")[0] == '\0')
		return err_set(e, ERR_INPUT,
		    "%s: the %s %s is new: it wants bbb.secret",
		    c->opt[OPT_FILE], k->noun, name);
	if (have == NULL) {
		buf_printf(&p->text, "+ %s %s\n", k->noun, name);
		add_step(p, k, name, "POST", k->path, json_incref(entry));
		p->adds++;
		return 0;
	}
	if ((patch = diff_make(entry, have, true, &text)) != NULL) {
		buf_printf(&p->text, "~ %s %s\n%s", k->noun, name,
		    buf_str(&text));
		add_step(p, k, name, "PATCH", arena_printf(c->arena, "%s/%s",
		    k->path, api_path(c, api_str(have, "id"))), patch);
		p->changes++;
	}
	buf_free(&text);
	return 0;
}

/* A server on its way out stays in the list until it is empty. */
static void
plan_removal(struct ctl *c, struct plan *p, const struct kind *k,
    const json_t *list)
{
	const char	*name;
	json_t		*row;
	size_t		 i;

	json_array_foreach(p->have[k - kinds], i, row) {
		name = api_str(row, k->name);
		if (find_named(list, k, name, 0) != NULL ||
		    strcmp(api_str(row, "admin_state"),
		    "decommissioned") == 0)
			continue;
		buf_adds(&p->text, "- ");
		buf_adds(&p->text, k->noun);
		buf_addc(&p->text, ' ');
		out_text(&p->text, name);
		buf_addc(&p->text, '\n');
		add_step(p, k, name, "DELETE", arena_printf(c->arena, "%s/%s",
		    k->path, api_path(c, api_str(row, "id"))), NULL);
		p->removes++;
	}
}

/* A list that the file does not have is none of its business. */
static int
plan_make(struct ctl *c, struct plan *p, struct err *e)
{
	json_t	*list, *entry;
	size_t	 k, i;

	for (k = 0; k < NKINDS; k++) {
		list = json_object_get(p->file, kinds[k].list);
		if (list == NULL)
			continue;
		if (api_list(c, kinds[k].path, &p->have[k], e) == -1)
			return -1;
		json_array_foreach(list, i, entry)
			if (known_check(c, kinds[k].noun, json_object_get(
			    entry, "settings"), arena_printf(c->arena,
			    "%s: %s[%zu]: ", c->opt[OPT_FILE], kinds[k].list,
			    i), e) == -1 ||
			    plan_entry(c, p, &kinds[k], entry, e) == -1)
				return -1;
		if (c->opt[OPT_PRUNE] != NULL)
			plan_removal(c, p, &kinds[k], list);
	}
	return 0;
}

/*
 * In the order of the plan; what was done before a failure stays done, and a
 * second run goes on from there.
 */
static int
plan_run(struct ctl *c, const struct plan *p, struct err *e)
{
	const char	*path;
	json_t		*step;
	size_t		 i, n = json_array_size(p->steps);

	json_array_foreach(p->steps, i, step) {
		path = api_str(step, "path");
		/* To people, who wait: the standard output holds the plan. */
		if (n > 10)
			fprintf(stderr, "\r%zu of %zu ", i + 1, n);
		if (api_call(c, api_str(step, "method"), path,
		    json_object_get(step, "doc"), NULL, e) == -1)
			return err_note(e, "%zu of %zu were done, then %s %s"
			    " failed", i, n, api_str(step, "noun"),
			    api_str(step, "name"));
	}
	if (n > 10)
		fputc('\n', stderr);
	return 0;
}

/* Says what differs, asks, does it. */
static int
plan_apply(struct ctl *c, const struct plan *p, struct err *e)
{
	fputs(buf_str(&p->text), stdout);
	if (json_array_size(p->steps) == 0) {
		puts("no changes");
		return CTL_UNCHANGED;
	}
	printf("%d to add, %d to change, %d to remove\n", p->adds,
	    p->changes, p->removes);
	if (c->opt[OPT_DRY] != NULL)
		return 0;
	fflush(stdout);
	if (p->removes > 0 && ask_sure(c, e, "Remove %d with all they have",
	    p->removes) == -1)
		return -1;
	return plan_run(c, p, e);
}

int
cmd_apply(struct ctl *c, struct err *e)
{
	struct plan	p = { .steps = json_array() };
	int		rc = -1;
	size_t		k;

	if (read_file(c, &p.file, e) == 0 && check_file(c, p.file, e) == 0 &&
	    api_open(c, e) == 0 && plan_make(c, &p, e) == 0)
		rc = plan_apply(c, &p, e);
	for (k = 0; k < NKINDS; k++)
		json_decref(p.have[k]);
	json_decref(p.steps);
	json_decref(p.file);
	buf_free(&p.text);
	return rc;
}

/* ---- export */

/*
 * The members that apply reads, so that a file exported and applied changes
 * nothing.
 */
static json_t *
exported(const struct kind *k, const json_t *row)
{
	const char *const	*m;
	json_t			*out = json_object(), *value;

	for (m = k->members; *m != NULL; m++)
		if ((value = json_object_get(row, *m)) != NULL)
			json_object_set(out, *m, value);
	return out;
}

int
cmd_export(struct ctl *c, struct err *e)
{
	struct buf	 b = { 0 };
	json_t		*doc = json_object(), *list, *out, *row;
	size_t		 k, i;
	int		 rc = api_open(c, e);

	for (k = 0; rc == 0 && k < NKINDS; k++) {
		list = NULL;
		rc = api_list(c, kinds[k].path, &list, e);
		out = json_array();
		json_array_foreach(list, i, row)
			json_array_append_new(out, exported(&kinds[k], row));
		json_object_set_new(doc, kinds[k].list, out);
		json_decref(list);
	}
	if (rc == 0)
		out_write(&b, OUT_JSON, NULL, NULL, doc);
	out_flush(&b);
	json_decref(doc);
	return rc;
}
