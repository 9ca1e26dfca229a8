/*
 * Leads a request through its stages, misdeeds included.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_HTTP_H
#define BBBSIM_HTTP_H

#include "port.h"

/* For a port whose cls is a struct server. */
const struct port_calls *http_calls(void);

#endif
