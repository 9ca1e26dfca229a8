/*
 * What the fuzz targets share: an arena for each input, and a hard way out.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A property that does not hold is a finding, like a crash. */
#define HOLDS(x)							\
	do {								\
		if (!(x)) {						\
			fprintf(stderr, "%s:%d: not so: %s\n",		\
			    __FILE__, __LINE__, #x);			\
			abort();					\
		}							\
	} while (0)

#endif
