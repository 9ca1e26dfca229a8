/*
 * Makes the cluster what a file says it is, and writes such a file.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "ask.h"
#include "cluster_file.h"
#include "cmds.h"
#include "diff.h"
#include "known.h"

struct plan {
	json_t		*file;
	json_t		*have[KIND__MAX];
	/* What has to be done: {noun, name, method, path, doc}. */
	json_t		*steps;
	struct buf	 text;
	int		 adds, changes, removes;
};

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
	json_t		*have = kind_find(p->have[k->no], k, name, 0);
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
static bool
is_leaving(const json_t *row)
{
	return strcmp(api_str(row, "admin_state"), "decommissioned") == 0;
}

static void
plan_removal(struct ctl *c, struct plan *p, const struct kind *k,
    const json_t *list)
{
	const char	*name;
	json_t		*row;
	size_t		 i;

	json_array_foreach(p->have[k->no], i, row) {
		name = api_str(row, k->name);
		if (kind_find(list, k, name, 0) != NULL || is_leaving(row))
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

static int
plan_list(struct ctl *c, struct plan *p, const struct kind *k, json_t *list,
    struct err *e)
{
	const char	*where;
	json_t		*entry;
	size_t		 i;

	if (api_list(c, k->path, &p->have[k->no], e) == -1)
		return -1;
	json_array_foreach(list, i, entry) {
		where = arena_printf(c->arena, "%s: %s[%zu]: ",
		    c->opt[OPT_FILE], k->list, i);
		if (known_check(c, k->noun, json_object_get(entry,
		    "settings"), where, e) == -1 ||
		    plan_entry(c, p, k, entry, e) == -1)
			return -1;
	}
	if (c->opt[OPT_PRUNE] != NULL)
		plan_removal(c, p, k, list);
	return 0;
}

/* A list that the file does not have is none of its business. */
static int
plan_make(struct ctl *c, struct plan *p, struct err *e)
{
	const struct kind	*kind;
	json_t			*list;
	int			 k;

	for (k = 0; k < KIND__MAX; k++) {
		kind = kind_get(k);
		list = json_object_get(p->file, kind->list);
		if (list != NULL && plan_list(c, p, kind, list, e) == -1)
			return -1;
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
	bool		 tell = n > 10 && isatty(STDERR_FILENO);

	json_array_foreach(p->steps, i, step) {
		path = api_str(step, "path");
		/* To people, who wait: the standard output holds the plan. */
		if (tell)
			fprintf(stderr, "\r%zu of %zu ", i + 1, n);
		if (api_call(c, api_str(step, "method"), path,
		    json_object_get(step, "doc"), NULL, e) == -1)
			return err_note(e, "%zu of %zu were done, then %s %s"
			    " failed", i, n, api_str(step, "noun"),
			    api_str(step, "name"));
	}
	if (tell)
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
	int		k;

	if (cluster_file_read(c, &p.file, e) == 0 &&
	    api_open(c, e) == 0 && plan_make(c, &p, e) == 0)
		rc = plan_apply(c, &p, e);
	for (k = 0; k < KIND__MAX; k++)
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
	size_t		 i;
	int		 k, rc = api_open(c, e);

	for (k = 0; rc == 0 && k < KIND__MAX; k++) {
		list = NULL;
		rc = api_list(c, kind_get(k)->path, &list, e);
		out = json_array();
		json_array_foreach(list, i, row)
			if (!is_leaving(row))
				json_array_append_new(out,
				    exported(kind_get(k), row));
		json_object_set_new(doc, kind_get(k)->list, out);
		json_decref(list);
	}
	if (rc == 0)
		out_write(&b, OUT_JSON, NULL, NULL, doc);
	out_flush(&b);
	json_decref(doc);
	return rc;
}
