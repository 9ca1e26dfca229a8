/*
 * A join that waits for its server: the address of its waiting page.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_WAIT_H
#define CORE_WAIT_H

#include "base/arena.h"
#include "base/err.h"

#define WAIT_PREFIX "/b3s/retry-join/"

/*
 * What the address carries: the join as it was asked, so that its checksum
 * stays valid, and how often and how long it has been tried.
 */
struct wait {
	const char	*url;		/* path?query of the join */
	int		 tries;
	long long	 since;		/* wall ms of the first try; 0: now */
};

/*
 * "/b3s/retry-join/" and base64url of a JSON object with the members mth and
 * url, as the Go program wrote it, and ours (tries, since).
 */
char	*wait_path(struct arena *a, const struct wait *w);
/* -1, ERR_INPUT: not one of ours.  The url is checked by the join itself. */
int	 wait_parse(struct arena *a, const char *path, struct wait *w,
	    struct err *e);
/* Seconds until the next try: 2, 3, 5, 8 ... at most 30. */
int	 wait_seconds(int tries);

#endif
