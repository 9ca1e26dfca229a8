/*
 * A frontend's settings, parsed from their JSON.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct pair {
	const char	*name;
	const char	*value;
};

struct pairs {
	struct pair	*v;
	size_t		 n;
};

struct words {
	const char	**v;
	size_t		  n;
};

/* Names as in the REST API; what is absent is empty or 0. */
struct settings {
	struct words	 required_tags;
	struct words	 allowed_tags;
	const char	*presentation_url;	/* default_presentation.url */
	bool		 presentation_force;
	long long	 attendees_limit;
	long long	 meetings_limit;
	long long	 size_hint;
	bool		 callbacks_private;	/* to private addresses */
	struct pairs	 create_default_params;
	struct pairs	 create_override_params;
	struct pairs	 join_default_params;
	struct pairs	 join_override_params;
};

/*
 * json is the settings object as text.  Unknown members are ignored (a newer
 * program may have written them); a member of the wrong type is logged and
 * counts as absent.  -1 only if it is no JSON object.
 */
int	settings_parse(struct arena *a, const char *json,
	    struct settings *s, struct err *e);

#endif
