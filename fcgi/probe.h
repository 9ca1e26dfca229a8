/*
 * What machines that watch a worker ask it.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_PROBE_H
#define FCGI_PROBE_H

#include "fcgi/route.h"

/* 200 as soon as a worker works; it asks nobody. */
void	probe_alive(struct exchange *x);
/* 200 if calls can be answered, else 503 with the reason. */
void	probe_ready(struct exchange *x);

#endif
