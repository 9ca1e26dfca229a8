/*
 * The whole cluster as a file: {"backends": [...], "frontends": [...]}.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CTL_CLUSTER_FILE_H
#define CTL_CLUSTER_FILE_H

#include "ctl.h"

/* One of the lists of the file, and what its entries may say. */
enum kind_no {
	KIND_BACKEND,
	KIND_FRONTEND,
	KIND__MAX
};

struct kind {
	enum kind_no		 no;
	const char		*list;		/* "backends" */
	const char		*noun;
	const char		*path;		/* of the API */
	const char		*name;		/* member that names an entry */
	const char *const	*members;	/* top level */
};

const struct kind *kind_get(int i);
/* The first of that name, not before the from-th; borrowed, or NULL. */
json_t	*kind_find(const json_t *list, const struct kind *k,
	    const char *name, size_t from);
/*
 * The file that --file names.  Its shape and all names of members but those
 * of settings are checked; addresses are written as the server writes them.
 * *out is the caller's, also after a failure.
 */
int	cluster_file_read(struct ctl *c, json_t **out, struct err *e);

#endif
