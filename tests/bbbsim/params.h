/*
 * Decoded parameters, in the order of the request, duplicates kept.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_PARAMS_H
#define BBBSIM_PARAMS_H

#include <stddef.h>

#include "buf.h"

struct params {
	struct buf	 store;			/* all names and values */
	struct param {
		size_t	 name, value;		/* offsets into store */
	}		*list;
	size_t		 count;
	size_t		 cap;
};

/* Appends what a raw query or a form holds; nameless pieces are skipped. */
void	 params_parse(struct params *, const char *raw, size_t len);
/* Appends one that is already decoded. */
void	 params_add(struct params *, const char *name, const char *value);
/* The first value of that name, or NULL. */
const char *params_get(const struct params *, const char *name);
const char *params_name(const struct params *, size_t i);
const char *params_value(const struct params *, size_t i);
void	 params_free(struct params *);

#endif
