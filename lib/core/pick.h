/*
 * Which backends may take a new meeting: steps that only drop or reorder.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_PICK_H
#define CORE_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/settings.h"
#include "store/backend.h"

struct pick_req {
	const char		*frontend_id;
	const struct settings	*settings;
	const char		*tag;		/* of meta_server-tag; NULL */
	bool			 tag_required;	/* it ended in '!' */
	const char		*only;		/* this backend alone; NULL */
	const struct words	*tried;		/* ids not to use again; NULL */
	int64_t			 now;		/* wall ms */
};

struct picked {
	int			 *slots;	/* best first on a tie */
	size_t			  n;
	const char		 *dropped_by;	/* the step that left none */
};

/* placeable by state, tags, reservations; load and caps are place()'s. */
void	pick(struct arena *a, const struct cluster_rows *cluster,
	    const struct pick_req *q, struct picked *p);

#endif
