/*
 * One HTTP answer: whether it is whole, and what it says.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BENCH_ANSWER_H
#define BENCH_ANSWER_H

#include <stdbool.h>

#include "base/buf.h"

#define ANSWER_WORD	96	/* longest piece of an answer that is kept */

/* raw: all that has arrived of it; eof: the server closed the connection. */
bool	answer_whole(const struct buf *raw, bool eof);
/* The HTTP status; 0: there is none. */
int	answer_status(const struct buf *raw);
/* The server will close the connection after it. */
bool	answer_closes(const struct buf *raw);
/* The text of the first XML element of this name; "-" if there is none. */
void	answer_word(const struct buf *raw, const char *element,
	    char word[ANSWER_WORD]);

#endif
