/*
 * A log line of fixed size that strangers' bytes cannot break.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BASE_LINE_H
#define BASE_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* A write(2) of this much to a pipe is never torn (PIPE_BUF). */
#define LINE_SIZE	4096

/* Start with len = 0 and cut = false.  Once cut, additions do nothing. */
struct line {
	size_t	 len;
	bool	 cut;
	char	 data[LINE_SIZE];
};

enum line_style {
	LINE_TEXT,	/* controls and bad UTF-8 as \n, \xHH */
	LINE_QUOTED,	/* the same between double quotes */
	LINE_JSON	/* a JSON string; bad UTF-8 as U+FFFD */
};

/* Bytes of our own, taken as they are: all of them or none. */
void	line_add(struct line *l, const char *s);
void	line_number(struct line *l, long long n);
/* Bytes of anybody's, without the quotes; as many as fit. */
void	line_escape(struct line *l, const char *s, enum line_style style);
/* The end of something begun; it fits even after a cut. */
void	line_end(struct line *l, const char *s);

/* Would LINE_TEXT leave s as it is, and without blanks and quotes? */
bool	line_is_word(const char *s);

#endif
