/*
 * New text for named elements of a foreign XML reply, all other bytes kept.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_SPLICE_H
#define PROTO_SPLICE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * path is the chain of element names from the root, "response/meetingID",
 * shorter than 128 bytes.
 * map gets the element's decoded text and returns the new one, or NULL to
 * leave the element as it is.  An element that has children is left alone.
 */
struct splice_rule {
	const char	*path;
	const char	*(*map)(struct arena *a, const char *text, void *ctx);
};

/*
 * Appends the edited reply to out.  ERR_BACKEND, and nothing appended, if xml
 * is not well-formed or has a DOCTYPE.
 */
int	splice(struct arena *a, struct view xml,
	    const struct splice_rule *rules, size_t n, void *ctx,
	    struct buf *out, struct err *e);

#endif
