/*
 * The commands' functions, a file for each noun.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_CMDS_H
#define CTL_CMDS_H

#include "cmd.h"

/* cmd_apply.c */
int	cmd_apply(struct ctl *c, struct err *e);
int	cmd_export(struct ctl *c, struct err *e);

/* cmd_audit.c */
int	cmd_audit(struct ctl *c, struct err *e);

/* cmd_auth.c */
int	cmd_auth_authorize(struct ctl *c, struct err *e);
int	cmd_auth_create(struct ctl *c, struct err *e);
int	cmd_auth_node(struct ctl *c, struct err *e);

/* cmd_backend.c */
int	cmd_backend_list(struct ctl *c, struct err *e);
int	cmd_backend_show(struct ctl *c, struct err *e);
int	cmd_backend_set(struct ctl *c, struct err *e);
int	cmd_backend_enable(struct ctl *c, struct err *e);
int	cmd_backend_disable(struct ctl *c, struct err *e);
int	cmd_backend_delete(struct ctl *c, struct err *e);

/* cmd_callback.c */
int	cmd_callback_list(struct ctl *c, struct err *e);
int	cmd_callback_show(struct ctl *c, struct err *e);
int	cmd_callback_retry(struct ctl *c, struct err *e);

/* cmd_command.c */
int	cmd_command_list(struct ctl *c, struct err *e);
int	cmd_command_show(struct ctl *c, struct err *e);

/* cmd_drain.c */
int	cmd_backend_drain(struct ctl *c, struct err *e);

/* cmd_frontend.c */
int	cmd_frontend_list(struct ctl *c, struct err *e);
int	cmd_frontend_show(struct ctl *c, struct err *e);
int	cmd_frontend_set(struct ctl *c, struct err *e);
int	cmd_frontend_enable(struct ctl *c, struct err *e);
int	cmd_frontend_disable(struct ctl *c, struct err *e);
int	cmd_frontend_delete(struct ctl *c, struct err *e);

/* cmd_meeting.c */
int	cmd_meeting_list(struct ctl *c, struct err *e);
int	cmd_meeting_show(struct ctl *c, struct err *e);
int	cmd_meeting_end(struct ctl *c, struct err *e);
int	cmd_meeting_end_all(struct ctl *c, struct err *e);

/* cmd_create.c */
int	cmd_meeting_create(struct ctl *c, struct err *e);

/* cmd_recording.c */
int	cmd_recording_list(struct ctl *c, struct err *e);
int	cmd_recording_show(struct ctl *c, struct err *e);
int	cmd_recording_set(struct ctl *c, struct err *e);

/* cmd_reservation.c */
int	cmd_reservation_list(struct ctl *c, struct err *e);
int	cmd_reservation_add(struct ctl *c, struct err *e);
int	cmd_reservation_change(struct ctl *c, struct err *e);
int	cmd_reservation_delete(struct ctl *c, struct err *e);

/* cmd_setting.c */
int	cmd_setting_list(struct ctl *c, struct err *e);
int	cmd_setting_get(struct ctl *c, struct err *e);
int	cmd_setting_set(struct ctl *c, struct err *e);
int	cmd_setting_unset(struct ctl *c, struct err *e);
int	cmd_setting_known(struct ctl *c, struct err *e);
int	cmd_rotate(struct ctl *c, struct err *e);

/* cmd_server.c */
int	cmd_version(struct ctl *c, struct err *e);
int	cmd_migrate(struct ctl *c, struct err *e);
int	cmd_openapi(struct ctl *c, struct err *e);
int	cmd_completions(struct ctl *c, struct err *e);
/* Without any command: help, and what the server says of itself. */
int	cmd_none(struct ctl *c, struct err *e);

/* cmd_top.c */
int	cmd_top(struct ctl *c, struct err *e);

/*
 * A record by the name that admins give it, ERR_MISSING if there is none.
 * The caller's to free.
 */
int	backend_by_host(struct ctl *c, const char *host, json_t **out,
	    struct err *e);
int	frontend_by_key(struct ctl *c, const char *key, json_t **out,
	    struct err *e);
/* --opts as an object; NULL without it. */
int	opts_read(struct ctl *c, json_t **out, struct err *e);
/* Changes a record (path: "/backends/"), unless --dry. */
int	record_patch(struct ctl *c, const char *path, const json_t *record,
	    const json_t *patch, struct err *e);
/* --secret and --opts of a "backend" or "frontend" that is there. */
int	record_change(struct ctl *c, const char *noun, const json_t *record,
	    const json_t *opts, struct err *e);

/* An option and the name of the parameter that it is in a query. */
struct api_filter {
	enum opt	 opt;
	const char	*name;
};
/* path with those that were given. */
const char *api_filtered(struct ctl *c, const char *path,
	    const struct api_filter *f, size_t n);
/* What most commands do: ask, and print as --output says; see out_write(). */
int	list_print(struct ctl *c, const char *path, const struct record *r,
	    const char *columns, struct err *e);
/* The same of one, whose id is the first argument. */
int	one_print(struct ctl *c, const char *path, const char *noun,
	    const struct record *r, const char *columns, struct err *e);
/* There is none of that id: what lists them. */
int	one_missing(const struct ctl *c, const char *noun, struct err *e);

/* Asks a job for something; params are taken over, *out is the caller's. */
int	command_ask(struct ctl *c, const char *action, json_t *params,
	    json_t **out, struct err *e);

#endif
