/*
 * The handlers of the route table, a file for each resource.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_API_RESOURCES_H
#define FCGI_API_RESOURCES_H

#include "fcgi/api/api.h"

struct schema_status;

/*
 * A handler answers the whole request: 0; -1, with e set or a fault noted, and
 * api_failed() makes the answer.  Its route says who may come this far, and
 * whether there is a body.
 */

/* api_status.c */
/* The members of a schema's status as one object. */
void	api_write_schema(struct buf *b, const struct schema_status *s);
int	api_status(struct api *c, struct err *e);

/* api_frontends.c */
/* The only row of r as a frontend; see api_one. */
int	api_frontend_reply(struct api *c, struct rows *r, struct err *e);
int	api_frontends_list(struct api *c, struct err *e);
int	api_frontends_add(struct api *c, struct err *e);
int	api_frontends_show(struct api *c, struct err *e);
int	api_frontends_change(struct api *c, struct err *e);
int	api_frontends_remove(struct api *c, struct err *e);

/* api_settings.c */
/* Checks the known members of a settings object; the others are dropped. */
int	api_settings_check(struct api *c, json_t *settings);
int	api_settings_known(struct api *c, struct err *e);
int	api_settings_all(struct api *c, struct err *e);
int	api_settings_get(struct api *c, struct err *e);
int	api_settings_put(struct api *c, struct err *e);
int	api_settings_unset(struct api *c, struct err *e);

/* api_rotation.c */
int	api_rotation(struct api *c, struct err *e);

/* api_backends.c */
/* The only row of r as a backend; see api_one. */
int	api_backend_reply(struct api *c, struct rows *r, struct err *e);
/* agent_timeout, as its statements want it. */
const char *api_agent_timeout(const struct api *c);
int	api_backends_list(struct api *c, struct err *e);
int	api_backends_add(struct api *c, struct err *e);
int	api_backends_show(struct api *c, struct err *e);
int	api_backends_change(struct api *c, struct err *e);
int	api_backends_remove(struct api *c, struct err *e);

/* api_reservations.c */
int	api_reservations_list(struct api *c, struct err *e);
int	api_reservations_add(struct api *c, struct err *e);
int	api_reservations_show(struct api *c, struct err *e);
int	api_reservations_change(struct api *c, struct err *e);
int	api_reservations_remove(struct api *c, struct err *e);

/* api_audit.c: rows of an answer, if no limit is asked for, and at most. */
#define API_AUDIT_DEFAULT	100
#define API_AUDIT_MAX		1000
int	api_audit_list(struct api *c, struct err *e);

/* api_agent.c */
int	api_agent_backend(struct api *c, struct err *e);
int	api_agent_events(struct api *c, struct err *e);
int	api_agent_rpc(struct api *c, struct err *e);
int	api_agent_heartbeat(struct api *c, struct err *e);

/* meeting_shown.c: meetings as the Go program shows them. */
struct api_resource api_meeting_resource(void);

/* api_meetings.c */
int	api_meetings_list(struct api *c, struct err *e);
int	api_meetings_show(struct api *c, struct err *e);
int	api_meetings_remove(struct api *c, struct err *e);
/* 404, or 403 if a node asks that has no backend.  Always -1. */
int	api_meeting_missing(struct api *c, struct err *e);
int	api_meetings_end(struct api *c, struct err *e);

/* api_meeting_change.c */
int	api_meeting_change(struct api *c, struct err *e);

/* api_commands.c */
int	api_commands_list(struct api *c, struct err *e);
int	api_commands_show(struct api *c, struct err *e);
int	api_commands_add(struct api *c, struct err *e);

/* api_ctrl.c */
int	api_ctrl_migrate(struct api *c, struct err *e);

/* api_openapi.c */
int	api_openapi(struct api *c, struct err *e);

/* api_callbacks.c */
int	api_callback_list(struct api *c, struct err *e);
int	api_callback_show(struct api *c, struct err *e);
int	api_callback_retry(struct api *c, struct err *e);

#endif
