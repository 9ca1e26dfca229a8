/*
 * Random names and numbers.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_RANDOM_H
#define BBBSIM_RANDOM_H

#include <stddef.h>

#define RANDOM_DIGITS	"0123456789"
#define RANDOM_HEX	"0123456789ABCDEF"
#define RANDOM_LOWER	"abcdefghijklmnopqrstuvwxyz0123456789"
#define RANDOM_LETTERS	"abcdefghijklmnopqrstuvwxyz" \
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* len characters of the alphabet and a NUL: out has len + 1 bytes. */
void	 random_text(char *out, size_t len, const char *alphabet);

#endif
