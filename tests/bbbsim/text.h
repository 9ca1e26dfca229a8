/*
 * What BigBlueButton does to text: cleaning, counting, checking, decoding.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_TEXT_H
#define BBBSIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/*
 * The text without control characters and outer blanks. The answer is s
 * itself where nothing has to go, else it lives in scratch.
 */
const char *text_clean(const char *s, struct buf *scratch);
/* Length in UTF-16 units, as Java counts: an emoji has two. */
size_t	 text_utf16_len(const char *);
/* "true", "false", "0", "1" in any case, or empty. */
bool	 text_is_boolean(const char *);
/* A 64-bit integer. */
bool	 text_is_integer(const char *);
/* An absolute URL of a protocol Java knows. */
bool	 text_is_url(const char *);
/* Only the word counts as true; NULL gives fallback. */
bool	 text_true(const char *, bool fallback);
/* A wrong or absent number gives fallback. */
long	 text_number(const char *, long fallback);
/*
 * Appends s with %XX and "+" decoded. What is no UTF-8, and U+0000, becomes
 * U+FFFD.
 */
void	 text_decode(struct buf *, const char *s, size_t len);
/* Appends s with everything encoded but unreserved characters and keep. */
void	 text_encode(struct buf *, const char *s, const char *keep);

#endif
