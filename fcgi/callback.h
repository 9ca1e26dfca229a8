/*
 * What BBB servers call instead of a frontend's own address.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FCGI_CALLBACK_H
#define FCGI_CALLBACK_H

#include "fcgi/route.h"

/* Stores the call, and answers at once: delivering it is a job's work. */
void	callback_answer(struct exchange *x);

#endif
