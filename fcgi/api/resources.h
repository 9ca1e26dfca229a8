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

/* api_status.c */
void	api_write_schema(struct buf *b, const struct schema_status *s);
int	api_status(struct api *c, struct err *e);

/* api_agent.c */
int	api_agent_events(struct api *c, struct err *e);
int	api_agent_rpc(struct api *c, struct err *e);
int	api_agent_heartbeat(struct api *c, struct err *e);

/* api_callbacks.c */
int	api_callback_list(struct api *c, struct err *e);
int	api_callback_retry(struct api *c, struct err *e);

#endif
