/*
 * The environment, and the files that add to it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_ENVIRONMENT_H
#define CTL_ENVIRONMENT_H

#include "ctl.h"

/*
 * Sets c->url.  Unless B3SCALE_DB_URL is set, .env, /etc/default/b3scale and
 * /etc/sysconfig/b3scale are read into the environment first, the later ones
 * winning.
 */
int	environment_load(struct ctl *c, struct err *e);
/* One file of NAME=value lines; one that is not there is none. */
void	environment_file(const char *path);

#endif
