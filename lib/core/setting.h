/*
 * The settings that a frontend may have: their types, limits and meanings.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef CORE_SETTING_H
#define CORE_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buf.h"

enum setting_type {
	SETTING_WORDS,		/* list of texts */
	SETTING_PARAMS,		/* object: parameter to value, both text */
	SETTING_COUNT,		/* whole number, not below 0 */
	SETTING_BOOL,
	SETTING_PRESENTATION,	/* {"url": text, "force": bool} */
	SETTING_LIMIT,		/* {"limit": count} */
	SETTING_RECORDINGS	/* {"visibility_override": word or null} */
};

struct setting {
	const char		*name;
	enum setting_type	 type;
	bool			 always;	/* shown when unset, too */
	const char		*help;
};

/* In the order in which they are shown. */
const struct setting	*setting_table(size_t *n);
const struct setting	*setting_find(const char *name);
/* "list of strings", "object" ...: what its value has to be. */
const char		*setting_type_text(const struct setting *s);

/*
 * NULL: it may have this value.  Else what is wrong with it; *member is then
 * the part of it that is wrong, or "".
 */
const char	*setting_check(const struct setting *s, const json_t *value,
		    const char **member);
/* One value as the API shows it; value NULL: unset. */
void	setting_write(struct buf *out, const struct setting *s,
	    const json_t *value);
/* A whole settings object, those first that are always there. */
void	settings_write(struct buf *out, const json_t *settings);

#endif
