/*
 * Random names and numbers.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <sys/random.h>

#include <err.h>
#include <string.h>
#include <sysexits.h>

#include "random.h"

void
random_text(char *out, size_t len, const char *alphabet)
{
	unsigned char	byte;
	size_t		i, n = strlen(alphabet);

	/* not quite even for 36 or 62 letters, which nobody minds here */
	if (getrandom(out, len, 0) != (ssize_t)len)
		err(EX_OSERR, "getrandom");
	for (i = 0; i < len; i++) {
		memcpy(&byte, out + i, 1);
		out[i] = alphabet[byte % n];
	}
	out[len] = '\0';
}
