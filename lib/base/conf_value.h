/*
 * One value of a configuration, read from its text by its type.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_CONF_VALUE_H
#define BASE_CONF_VALUE_H

#include "base/conf.h"

/*
 * Writes the value into its member of conf; a text that was there is freed.
 * ERR_CONFIG says what the type takes, with the value in it, but never that
 * of a text, which may be a secret.
 */
int	conf_value_set(const struct conf_key *key, const char *value,
	    void *conf, struct err *e);
/* All zero, whatever was there: before the first set. */
void	conf_value_clear(const struct conf_key *key, void *conf);
/* Gives a text back; NULL from then on.  Nothing for the other types. */
void	conf_value_free(const struct conf_key *key, void *conf);

#endif
