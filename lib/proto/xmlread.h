/*
 * A whole XML text as a small tree, within limits.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef PROTO_XMLREAD_H
#define PROTO_XMLREAD_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct xml_attr {
	const char	*name;
	const char	*value;
	struct xml_attr	*next;
};

struct xml_node {
	const char	*name;
	const char	*text;		/* direct text, decoded; "" if none */
	struct view	 raw;		/* the element's bytes, tags included */
	struct view	 inner;		/* the bytes between its tags */
	struct xml_attr	*attrs;
	struct xml_node	*child;		/* first */
	struct xml_node	*next;		/* sibling */
};

struct xml_limits {
	size_t	bytes;
	size_t	nodes;
	size_t	depth;
};

/*
 * The root element, in the arena; raw and inner point into data.  Documents
 * with a DOCTYPE are refused (entity bombs).  ERR_INPUT with the line.
 */
struct xml_node	*xml_parse(struct arena *a, struct view data,
	    const struct xml_limits *limits, struct err *e);
/* First child of that name, or NULL; node may be NULL. */
struct xml_node	*xml_child(const struct xml_node *node, const char *name);
/* Its text, or NULL. */
const char	*xml_text(const struct xml_node *node, const char *name);

#endif
